import { mkdirSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dependency } from '../../domain/generated/shapes.ts';
import { nodeHook } from './node-hook.ts';
import { npmPackages } from './npm-packages.ts';
import type { Found, Probe, Run } from './probe.ts';

/** What one Node process, or one thread of it, told (`node-hook.ts`). */
interface Telling {
  interpreter: string;
  version: string;
  command: string;
  main: string | null;
  files?: string[];
  mapped?: string[];
  inspected?: boolean;
  ended?: boolean;
}

/** Programs that start other programs: they are one dependency, not the hundreds that they are made of. */
const packageManagers = /\/node_modules\/(npm|yarn|pnpm|corepack)\/.*$/;

/**
 * Node: every Node process of the run tells, as it ends, which files it loaded. Those under a `node_modules` belong to
 * a package (`npm`, with the version of its package.json), the others are `loaded`, and Node itself is `{name: node,
 * system: node}`.
 */
export function nodeProbe(): Probe {
  const folderOf = (run: Run) => join(run.folder, 'node');
  return {
    name: 'Node',

    async before(run) {
      const folder = folderOf(run);
      mkdirSync(folder);
      const hook = join(folder, 'hook.cjs');
      writeFileSync(hook, nodeHook);
      const own = run.environment.NODE_OPTIONS;
      const option = `--require ${quoted(hook)}`;
      return { NODE_OPTIONS: own ? `${option} ${own}` : option };
    },

    async after(run) {
      const folder = folderOf(run);
      const names = (await readdir(folder)).filter(name => name.endsWith('.node')).sort();
      const tellings = await Promise.all(
        names.map(async name => JSON.parse(await readFile(join(folder, name), 'utf8')) as Telling),
      );
      return gather(tellings, run.place);
    },
  };
}

/** NODE_OPTIONS splits at spaces, unless they stand in double quotes, where a backslash escapes. */
function quoted(path: string): string {
  return /[\s"\\]/.test(path) ? `"${path.replace(/["\\]/g, '\\$&')}"` : path;
}

function gather(tellings: readonly Telling[], place = (path: string) => path): Found {
  const dependencies: Dependency[] = [];
  const loaded = new Set<string>();
  const mapped = new Set<string>();
  const notes = new Set<string>();
  const packages = npmPackages();
  const own = (file: string) => {
    const owner = packages.ownerOf(place(file));
    if (owner) dependencies.push(owner);
    else loaded.add(file);
  };

  for (const telling of tellings) {
    dependencies.push({ name: 'node', version: telling.version, system: 'node' });
    if (telling.main && packageManagers.test(telling.main)) {
      own(telling.main);
      continue;
    }
    for (const file of telling.files ?? []) own(file);
    for (const file of telling.mapped ?? []) mapped.add(file);
    if (!telling.ended) {
      notes.add(
        `A Node process (${telling.command}) was ended before it could tell which modules it loaded: they are unknown.`,
      );
    } else if (telling.inspected === false) {
      notes.add(`This Node (${telling.interpreter}) has no inspector: which ES modules it loaded is unknown.`);
    }
  }
  return { dependencies, loaded: [...loaded], mapped: [...mapped], notes: [...notes] };
}
