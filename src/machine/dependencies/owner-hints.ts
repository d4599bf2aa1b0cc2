import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Which distributions of a package folder turned out, in earlier runs, to own an import name that is not their own name
 * (`mpl_toolkits` is matplotlib's). To find that out anew takes reading what every installed distribution says.
 */
export interface OwnerHints {
  /** Names of metadata folders. A hint and no more: whoever takes it asks that distribution, which may be another by now. */
  of(importName: string): readonly string[];
  add(importName: string, metadataFolder: string): void;
  /** For later runs, if there is anything new. */
  keep(): void;
}

/**
 * @param folder absolute
 * @param cache a folder that outlives the run; null: nothing is kept
 */
export function ownerHints(folder: string, cache: string | null): OwnerHints {
  if (cache === null) return { of: () => [], add() {}, keep() {} };
  let lines: Set<string> | null = null;
  let isNew = false;
  const file = () => join(cache, `python-owners-${createHash('sha256').update(folder).digest('hex').slice(0, 32)}`);
  const known = () => {
    lines ??= new Set(linesOf(file()));
    return lines;
  };
  return {
    of: importName =>
      [...known()].filter(line => line.startsWith(`${importName}\t`)).map(line => line.slice(importName.length + 1)),
    add(importName, metadataFolder) {
      const line = `${importName}\t${metadataFolder}`;
      if (/[\n\t]/.test(importName + metadataFolder) || known().has(line)) return;
      known().add(line);
      isNew = true;
    },
    keep() {
      if (!isNew) return;
      isNew = false;
      try {
        const [kept, passing] = [file(), `${file()}.${process.pid}`];
        mkdirSync(cache, { recursive: true });
        writeFileSync(passing, `${[...known()].join('\n')}\n`);
        renameSync(passing, kept);
      } catch {
        // The next run only takes longer.
      }
    },
  };
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(0, -1);
  } catch {
    return [];
  }
}
