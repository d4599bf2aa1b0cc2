import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Keeps a text for later runs: whole or not at all, since runs at the same time share the cache. One that cannot be kept is no
 * loss: it is found out anew.
 * @param file absolute; in the user's own cache folder, which is made when needed
 */
export function keepCachedText(file: string, text: string): void {
  const passing = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(passing, text);
    renameSync(passing, file);
  } catch {
    try {
      rmSync(passing, { force: true });
    } catch {
      // Where there is no such folder there is nothing to remove.
    }
  }
}
