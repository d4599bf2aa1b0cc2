import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** The command as it is delivered. `npm test` builds it first; a stale one would test yesterday's code. */
export const builtCommand = join(root, 'lib/corroborate.js');

function newest(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .reduce((latest, entry) => Math.max(latest, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0);
}

if (!existsSync(builtCommand) || statSync(builtCommand).mtimeMs < newest(join(root, 'src'))) {
  throw new Error('lib/ is older than src/: `npm run build` builds the command that the stories use.');
}
