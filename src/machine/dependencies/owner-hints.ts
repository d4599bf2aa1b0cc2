import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { keepCachedText } from '../files/cached-text.ts';

/**
 * Which distribution of a package folder turned out, in earlier runs, to own a file whose import name is not the
 * distribution's own (`mpl_toolkits` is matplotlib's): to find that out anew takes reading what every installed distribution
 * says. Only of the folder as it is now, so that what a record says does not depend on what ran before.
 */
export interface OwnerHints {
  /** The name of its metadata folder. A hint and no more: whoever takes it asks that distribution. */
  of(file: string): string | null;
  add(file: string, metadataFolder: string): void;
  /** For later runs, if there is anything new. */
  keep(): void;
}

/**
 * @param folder absolute
 * @param mark tells its present content from any other
 * @param cache a folder that outlives the run; null: nothing is kept
 */
export function ownerHints(folder: string, mark: string, cache: string | null): OwnerHints {
  if (cache === null) return { of: () => null, add() {}, keep() {} };
  let owners: Map<string, string> | null = null;
  let isNew = false;
  const file = () => join(cache, `python-owners-${createHash('sha256').update(folder).digest('hex').slice(0, 32)}`);
  const known = () => {
    owners ??= read(file(), mark);
    return owners;
  };
  return {
    of: name => known().get(name) ?? null,
    add(name, metadataFolder) {
      if (/[\n\t]/.test(name + metadataFolder)) return;
      known().set(name, metadataFolder);
      isNew = true;
    },
    keep() {
      if (!isNew) return;
      isNew = false;
      keepCachedText(file(), [mark, ...[...known()].map(pair => pair.join('\t')), ''].join('\n'));
    },
  };
}

/** The mark on the first line, then a file and its owner a line. */
function read(file: string, mark: string): Map<string, string> {
  try {
    const [told, ...lines] = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    if (told !== mark) return new Map();
    return new Map(lines.map(line => line.split('\t')).filter((pair): pair is [string, string] => pair.length === 2));
  } catch {
    return new Map();
  }
}
