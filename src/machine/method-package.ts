import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Problem } from '../domain/problem.ts';

/**
 * Loads an npm package from a folder's own node_modules, and gives its default export. This runs the package's code: call
 * it for what the person who is at work listed, and for nobody else's request.
 * @param folder absolute; the simulation's
 * @param name the package's name, as corroborate.yml has it
 * @throws Problem NOT_FOUND where it is not installed, INVALID where it cannot be loaded or has no default export
 */
export async function loadMethodPackage(folder: string, name: string): Promise<unknown> {
  const home = join(folder, 'node_modules', name);
  const wrong = (because: string, cause?: unknown): Problem =>
    new Problem('INVALID', `The npm package ${name} in ${home} cannot be loaded: ${because}.`, { cause });
  let text: string;
  try {
    text = await readFile(join(home, 'package.json'), 'utf8');
  } catch (cause) {
    if (!['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '')) throw wrong(String(cause), cause);
    throw new Problem(
      'NOT_FOUND',
      `The npm package ${name}, which corroborate.yml names under compare.methods, is not in ${join(folder, 'node_modules')}. Install it there: \`npm install ${name}\`.`,
      { cause },
    );
  }
  let loaded: { readonly default?: unknown };
  try {
    const entry = entryOf(JSON.parse(text));
    loaded = (await import(pathToFileURL(join(home, entry)).href)) as typeof loaded;
  } catch (cause) {
    throw wrong(cause instanceof Error ? cause.message : String(cause), cause);
  }
  if (loaded.default === undefined) throw wrong('it has no default export');
  return loaded.default;
}

/** The file that `import` takes: node resolves names from where a module stands, and this one stands elsewhere. */
function entryOf(described: { readonly exports?: unknown; readonly main?: unknown }): string {
  if (described.exports === undefined) return typeof described.main === 'string' ? described.main : 'index.js';
  const { exports } = described;
  const isByPath = typeof exports === 'object' && exports !== null && Object.hasOwn(exports, '.');
  const entry = target(isByPath ? (exports as { '.': unknown })['.'] : exports);
  if (entry === null) throw new Error('its package.json exports nothing that can be imported');
  return entry;
}

/** Conditions in the order in which the package lists them (Node's manual, "Conditional exports"). */
function target(exported: unknown): string | null {
  if (typeof exported === 'string') return exported;
  if (typeof exported !== 'object' || exported === null) return null;
  for (const [condition, value] of Object.entries(exported)) {
    if (!['node', 'import', 'module-sync', 'default'].includes(condition)) continue;
    const found = target(value);
    if (found !== null) return found;
  }
  return null;
}
