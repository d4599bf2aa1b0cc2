import { damaged, type ObjectReader } from './object-reader.ts';
import type { Repository } from './repository.ts';
import { nameToText } from './stored-name.ts';
import { parseTree, type TreeEntry, treeMode } from './tree-object.ts';

/** Trees that are kept: the upper ones are asked for with every path. */
const kept = 256;

/** Reads trees through the object reader, the latest ones only once. */
export function treeReader({ objectFormat }: Repository, objects: ObjectReader) {
  const known = new Map<string, Promise<TreeEntry[]>>();
  const idBytes = objectFormat === 'sha1' ? 20 : 32;

  async function read(id: string): Promise<TreeEntry[]> {
    const object = await objects.object(id);
    if (object === null) throw damaged(id, 'this tree is missing');
    const entries = object.type === 'tree' ? parseTree(object.bytes, idBytes) : null;
    if (entries === null) throw damaged(id, `a tree was expected, this ${object.type} is none`);
    return entries;
  }

  function entries(id: string): Promise<TreeEntry[]> {
    let tree = known.get(id);
    known.delete(id);
    if (tree === undefined) {
      tree = read(id);
      tree.catch(() => known.delete(id));
    }
    known.set(id, tree);
    if (known.size > kept) known.delete(known.keys().next().value!);
    return tree;
  }

  return {
    entries,
    /** The entry at a stored path under a tree; null where there is none. */
    async find(tree: string, path: string): Promise<TreeEntry | null> {
      const parts = path.split('/');
      let at = tree;
      for (const [index, part] of parts.entries()) {
        const entry = (await entries(at)).find(({ name }) => name === part);
        if (entry === undefined) return null;
        if (index === parts.length - 1) return entry;
        if (entry.mode !== treeMode) return null;
        at = entry.id;
      }
      return null;
    },
  };
}

export type TreeReader = ReturnType<typeof treeReader>;

/** As `git ls-tree` shows it: six digits. */
export function shownMode(mode: string): string {
  return mode.padStart(6, '0');
}

export function shownPath(folder: string, name: string): string {
  return nameToText(folder === '' ? name : `${folder}/${name}`);
}
