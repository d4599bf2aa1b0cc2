import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Package {
  readonly name: string;
  readonly version: string | null;
}

/**
 * Which conda package installed each file, where one did: conda writes `conda-meta/<name>-<version>-<build>.json` into
 * an environment, with the `files` it put there.
 */
export function condaPackagesOf(files: Iterable<string>): Map<string, Package> {
  const owners = new Map<string, Package>();
  const prefixes = new Map<string, string | null>();
  const installed = new Map<string, Map<string, Package>>();
  for (const file of files) {
    const prefix = prefixOf(dirname(file), prefixes);
    if (prefix === null) continue;
    if (!installed.has(prefix)) installed.set(prefix, filesIn(prefix));
    const owner = installed.get(prefix)!.get(file.slice(prefix.length + 1));
    if (owner) owners.set(file, owner);
  }
  return owners;
}

function prefixOf(folder: string, known: Map<string, string | null>): string | null {
  const answer = known.get(folder);
  if (answer !== undefined) return answer;
  const parent = dirname(folder);
  const prefix = existsSync(join(folder, 'conda-meta')) ? folder : parent === folder ? null : prefixOf(parent, known);
  known.set(folder, prefix);
  return prefix;
}

function filesIn(prefix: string): Map<string, Package> {
  const owners = new Map<string, Package>();
  const folder = join(prefix, 'conda-meta');
  for (const name of readdirSync(folder)) {
    if (!name.endsWith('.json')) continue;
    try {
      const meta = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record<string, unknown>;
      if (typeof meta.name !== 'string' || !Array.isArray(meta.files)) continue;
      const owner = { name: meta.name, version: typeof meta.version === 'string' ? meta.version : null };
      for (const file of meta.files) if (typeof file === 'string') owners.set(file, owner);
    } catch {
      // Not conda's: whoever reads such a file knows no owner by it.
    }
  }
  return owners;
}
