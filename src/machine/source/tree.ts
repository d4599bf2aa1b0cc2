import { createHash } from 'node:crypto';
import type { ObjectFormat } from '../git/repository.ts';

/**
 * One file of a source, as a git tree knows it. Paths are relative to the top level, with forward slashes, and hold one
 * character for each byte (latin1), so that a name need not be UTF-8 and the order of strings is git's order of bytes.
 */
export interface SourceEntry {
  readonly path: string;
  readonly mode: '100644' | '100755' | '120000';
  /** Blob id, in hex. */
  readonly id: string;
}

export function byPath(one: SourceEntry, two: SourceEntry): number {
  return one.path < two.path ? -1 : one.path > two.path ? 1 : 0;
}

/**
 * The id of the tree that holds these files, as `git write-tree` gives it.
 * @param entries sorted by path, no two of one path, no path a folder of another. Sorted so, the files under `a/` stand
 *   where git sorts the folder `a` among its neighbours (as if its name ended in a slash).
 * @param written is given every tree object, inner ones first
 */
export function treeId(
  entries: readonly SourceEntry[],
  format: ObjectFormat,
  written?: (id: string, content: Buffer) => void,
): string {
  const idBytes = format === 'sha1' ? 20 : 32;
  let at = 0;
  const folder = (prefix: string): string => {
    const items: { readonly head: string; readonly id: string }[] = [];
    let size = 0;
    while (at < entries.length) {
      const entry = entries[at]!;
      if (!entry.path.startsWith(prefix)) break;
      const slash = entry.path.indexOf('/', prefix.length);
      let head: string;
      let id: string;
      if (slash < 0) {
        at += 1;
        head = `${entry.mode} ${entry.path.slice(prefix.length)}\0`;
        id = entry.id;
      } else {
        head = `40000 ${entry.path.slice(prefix.length, slash)}\0`;
        id = folder(entry.path.slice(0, slash + 1));
      }
      size += head.length + idBytes;
      items.push({ head, id });
    }
    const content = Buffer.allocUnsafe(size);
    let end = 0;
    for (const { head, id } of items) {
      end += content.write(head, end, 'latin1');
      end += content.write(id, end, 'hex');
    }
    const id = createHash(format).update(`tree ${size}\0`).update(content).digest('hex');
    written?.(id, content);
    return id;
  };
  return folder('');
}

/** The files of either side that the other has not, or has otherwise. Both sorted by path; so are the answers. */
export function differing(
  one: readonly SourceEntry[],
  two: readonly SourceEntry[],
): { readonly one: SourceEntry[]; readonly two: SourceEntry[] } {
  const onlyOne: SourceEntry[] = [];
  const onlyTwo: SourceEntry[] = [];
  let left = 0;
  let right = 0;
  while (left < one.length || right < two.length) {
    const a = one[left];
    const b = two[right];
    const order = a === undefined ? 1 : b === undefined ? -1 : byPath(a, b);
    if (order === 0 && a!.id === b!.id && a!.mode === b!.mode) {
      left += 1;
      right += 1;
      continue;
    }
    if (order <= 0) {
      onlyOne.push(a!);
      left += 1;
    }
    if (order >= 0) {
      onlyTwo.push(b!);
      right += 1;
    }
  }
  return { one: onlyOne, two: onlyTwo };
}

/** A path for people, globs and records: UTF-8, with U+FFFD for what is not. */
export function shownPath(path: string): string {
  if (/^[\x00-\x7f]*$/.test(path)) return path;
  return Buffer.from(path, 'latin1').toString('utf8');
}
