import { Problem } from '../../domain/problem.ts';
import { whyUnsafe } from '../../domain/safe-path.ts';
import type { ObjectWriter } from './object-writer.ts';
import { nameToText, textToName } from './stored-name.ts';
import { fileMode, formatTree, type TreeEntry, treeMode } from './tree-object.ts';
import type { TreeReader } from './tree-reader.ts';

/**
 * Writes the trees that a tree becomes with these files in it, and answers the id of the topmost. Only the folders on
 * the way to a file are read and written; all other entries stay byte for byte.
 * @param base null for nothing yet
 * @param files blob ids by path
 * @throws Problem INVALID where a path is unsafe, or would take the place of a folder or stand under a file
 */
export async function writeTree(
  trees: TreeReader,
  writer: ObjectWriter,
  base: string | null,
  files: ReadonlyMap<string, string>,
): Promise<string> {
  const top: Folder = new Map();
  for (const [path, blob] of files) {
    const unsafe = whyUnsafe(path);
    if (unsafe !== null) throw new Problem('INVALID', `${JSON.stringify(path)} cannot be stored: ${unsafe}.`);
    place(top, path, blob);
  }
  return grow(trees, writer, base, top, '');
}

type Folder = Map<string, string | Folder>;

function place(top: Folder, path: string, blob: string): void {
  const parts = textToName(path).split('/');
  const last = parts.pop()!;
  let folder = top;
  for (const part of parts) {
    let next = folder.get(part);
    if (typeof next === 'string') throw inTheWay(path);
    if (next === undefined) {
      next = new Map();
      folder.set(part, next);
    }
    folder = next;
  }
  if (folder.get(last) instanceof Map) throw inTheWay(path);
  folder.set(last, blob);
}

async function grow(
  trees: TreeReader,
  writer: ObjectWriter,
  base: string | null,
  folder: Folder,
  under: string,
): Promise<string> {
  const entries = new Map<string, TreeEntry>();
  for (const entry of base === null ? [] : await trees.entries(base)) entries.set(entry.name, entry);
  await Promise.all(
    [...folder].map(async ([name, what]) => {
      const before = entries.get(name);
      const path = under + name;
      const isFolder = before?.mode === treeMode;
      if (before !== undefined && isFolder !== (typeof what !== 'string')) throw inTheWay(nameToText(path));
      const entry: TreeEntry =
        typeof what === 'string'
          ? { mode: fileMode, name, id: what }
          : { mode: treeMode, name, id: await grow(trees, writer, before?.id ?? null, what, `${path}/`) };
      entries.set(name, entry);
    }),
  );
  return writer.write('tree', formatTree([...entries.values()]));
}

function inTheWay(path: string): Problem {
  return new Problem(
    'INVALID',
    `${JSON.stringify(path)} cannot be stored: a file and a folder would have the same name, and nothing on the branch is ever removed.`,
  );
}
