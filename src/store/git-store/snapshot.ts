import type { Entry, SizedEntry, Snapshot } from '../record-store.ts';
import { streamFields } from './git-fields.ts';
import { damaged, type ObjectReader } from './object-reader.ts';
import type { Repository } from './repository.ts';
import { nameToText, textToName } from './stored-name.ts';
import { treeMode } from './tree-object.ts';
import { shownMode, shownPath, type TreeReader } from './tree-reader.ts';

/** The branch as one commit has it; `tree` is the commit's. */
export function snapshotOf(
  repository: Repository,
  objects: ObjectReader,
  trees: TreeReader,
  commit: string,
  tree: string,
): Snapshot {
  async function read(path: string): Promise<Buffer | null> {
    const entry = await trees.find(tree, textToName(path));
    return entry?.mode.startsWith('100') ? readBlob(objects, entry.id, path) : null;
  }

  return {
    commit,
    read,
    readAll: paths => Promise.all(paths.map(read)),

    async folder(path): Promise<Entry[]> {
      const stored = textToName(path.replace(/\/$/, ''));
      const top = stored === '' ? tree : await trees.find(tree, stored);
      if (top === null || (typeof top !== 'string' && top.mode !== treeMode)) return [];
      const entries = await trees.entries(typeof top === 'string' ? top : top.id);
      return entries.map(({ mode, name, id }) => ({ path: shownPath(stored, name), mode: shownMode(mode), id }));
    },

    async files(under): Promise<SizedEntry[]> {
      const stored = textToName(under.replace(/\/$/, ''));
      const top = stored === '' ? tree : await trees.find(tree, stored);
      if (top === null || (typeof top !== 'string' && top.mode !== treeMode)) return [];
      const id = typeof top === 'string' ? top : top.id;
      const files: SizedEntry[] = [];
      for await (const line of streamFields(repository, ['ls-tree', '-r', '-l', '-z', '--full-tree', id])) {
        const parts = /^(\d+) \w+ ([0-9a-f]+) +(\d+|-)\t(.*)$/s.exec(line);
        if (parts === null) throw damaged(id, `git ls-tree answered ${JSON.stringify(line)}`);
        files.push({
          path: shownPath(stored, parts[4]!),
          mode: parts[1]!,
          id: parts[2]!,
          size: parts[3] === '-' ? 0 : Number(parts[3]),
        });
      }
      return files;
    },
  };
}

/** @throws Problem DAMAGED where it is missing or no blob */
export async function readBlob(objects: ObjectReader, id: string, path?: string): Promise<Buffer> {
  const what = path === undefined ? id : `${id} (${JSON.stringify(nameToText(textToName(path)))})`;
  const object = await objects.object(id);
  if (object === null) throw damaged(what, 'this file is missing');
  if (object.type !== 'blob') throw damaged(what, `a file was expected, this is a ${object.type}`);
  return object.bytes;
}
