import { copyFile, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Outcome } from '../../machine/process/simulation.ts';

/**
 * Puts what a run printed where it outlives us, for one that cannot be stored: `log.txt` as the record would have it, and
 * all of stdout. @returns that folder, null where nothing was printed or the machine does not take it
 */
export async function keepPrint({ log, stdout }: Outcome, id: string, temporaryFolder: string): Promise<string | null> {
  if (log.length === 0) return null;
  try {
    const folder = await mkdtemp(join(temporaryFolder, `corroborate-${id}-`));
    await writeFile(join(folder, 'log.txt'), log);
    if (stdout && stdout.size > 0) await copyFile(stdout.path, join(folder, 'stdout.txt'));
    return folder;
  } catch {
    return null;
  }
}
