import { Problem } from '../../domain/problem.ts';
import { whyUnsafe } from '../../domain/safe-path.ts';
import { nameToText, textToName } from '../git-store/stored-name.ts';
import { parseTree, type TreeEntry, treeMode } from '../git-store/tree-object.ts';
import type { Content, Difference, Entry } from '../record-store.ts';
import type { ObjectLoader } from './object-loader.ts';
import type { GitObject } from './smart-http/object-id.ts';

/** Folders in folders; a path of the layout has four, and what a run wrote below them. */
const deepest = 256;

/** A file or folder under a tree, by its stored name (one character a byte). */
export interface Found {
  readonly name: string;
  readonly mode: string;
  readonly id: string;
}

/** Walks trees by id. A tree that was read before costs nothing, so following a path costs what changed on the way. */
export function treeWalk(objects: ObjectLoader, mostEntries: number) {
  async function entries(id: string): Promise<TreeEntry[]> {
    return entriesOf(id, await objects.object(id));
  }

  async function find(tree: string, name: string): Promise<TreeEntry | null> {
    const parts = name.split('/');
    if (parts.length > deepest) return null;
    let at = tree;
    for (const [index, part] of parts.entries()) {
      const entry = (await entries(at)).find(one => one.name === part);
      if (entry === undefined) return null;
      if (index === parts.length - 1) return entry;
      if (entry.mode !== treeMode) return null;
      at = entry.id;
    }
    return null;
  }

  /** The paths that differ, in git's order; only folders that differ are read. Null stands for nothing. */
  async function differences(before: string | null, after: string | null): Promise<Difference[]> {
    const list: { readonly name: string; readonly difference: Difference }[] = [];
    // One, made before: a hostile tree could make us throw as many as it has folders.
    const problem = tooMany(mostEntries);
    let seen = 0;

    async function compare(one: string | null, other: string | null, under: string, depth: number): Promise<void> {
      const lists = await Promise.all([one, other].map(id => (id === null ? [] : entries(id))));
      if (seen > mostEntries) return;
      const [ours, theirs] = lists.map(list => new Map(list.map(entry => [entry.name, entry])));
      const deeper: Promise<void>[] = [];
      for (const name of new Set([...ours!.keys(), ...theirs!.keys()])) {
        const [from, to] = [ours!.get(name) ?? null, theirs!.get(name) ?? null];
        if (from?.id === to?.id && from?.mode === to?.mode) continue;
        if (++seen > mostEntries || depth > deepest) throw problem;
        const [folder, otherFolder] = [idOfFolder(from), idOfFolder(to)];
        if (folder !== otherFolder) deeper.push(compare(folder, otherFolder, `${under}${name}/`, depth + 1));
        const [file, otherFile] = [folder === null ? from : null, otherFolder === null ? to : null];
        if (file === null && otherFile === null) continue;
        const path = nameToText(under + name);
        const side = (entry: TreeEntry | null): Entry | null =>
          entry === null ? null : { path, mode: shownMode(entry.mode), id: entry.id };
        list.push({ name: under + name, difference: { path, before: side(file), after: side(otherFile) } });
      }
      await Promise.all(deeper);
    }

    if (before !== after) await compare(before, after, '', 0);
    list.sort((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
    return list.map(({ difference }) => difference);
  }

  return {
    entries,
    find,
    differences,

    /**
     * @throws Problem INVALID where a path is unsafe, or would take the place of a folder or stand under a file
     * @param tree null for nothing yet
     */
    async refuseUnsafe(tree: string | null, files: ReadonlyMap<string, Content>): Promise<void> {
      const top: Folder = new Map();
      for (const path of files.keys()) {
        const unsafe = whyUnsafe(path);
        if (unsafe !== null) throw new Problem('INVALID', `${JSON.stringify(path)} cannot be stored: ${unsafe}.`);
        place(top, path);
      }
      const check = async (id: string, folder: Folder, under: string): Promise<void> => {
        const there = new Map((await entries(id)).map(entry => [entry.name, entry]));
        await Promise.all(
          [...folder].map(async ([name, inside]) => {
            const entry = there.get(name);
            if (entry === undefined) return;
            if ((entry.mode === treeMode) !== (inside !== null)) throw inTheWay(nameToText(under + name));
            if (inside !== null) await check(entry.id, inside, `${under}${name}/`);
          }),
        );
      };
      if (tree !== null) await check(tree, top, '');
    },

    /** Every file under a tree that is given as its objects, in git's order. */
    filesIn(tree: string, given: ReadonlyMap<string, GitObject>): Found[] {
      const files: Found[] = [];
      const left: { id: string; mode: string; name: string; depth: number }[] = [
        { id: tree, mode: treeMode, name: '', depth: 0 },
      ];
      let seen = 0;
      for (let next = left.pop(); next !== undefined; next = left.pop()) {
        const { id, mode, name, depth } = next;
        // A few trees that hold each other many times over can stand for more files than there is memory.
        if (++seen > mostEntries || depth > deepest) throw tooMany(mostEntries);
        if (mode !== treeMode) files.push({ name, mode, id });
        else {
          const inside = entriesOf(id, given.get(id) ?? null).reverse();
          for (const entry of inside) {
            left.push({ ...entry, name: name === '' ? entry.name : `${name}/${entry.name}`, depth: depth + 1 });
          }
        }
      }
      return files;
    },
  };
}

function idOfFolder(entry: TreeEntry | null): string | null {
  return entry?.mode === treeMode ? entry.id : null;
}

export type TreeWalk = ReturnType<typeof treeWalk>;

/** Null for a file. */
type Folder = Map<string, Folder | null>;

function place(top: Folder, path: string): void {
  const parts = textToName(path).split('/');
  const last = parts.pop()!;
  let folder = top;
  for (const part of parts) {
    let next = folder.get(part);
    if (next === null) throw inTheWay(path);
    if (next === undefined) {
      next = new Map();
      folder.set(part, next);
    }
    folder = next;
  }
  if (folder.get(last) instanceof Map) throw inTheWay(path);
  folder.set(last, null);
}

function inTheWay(path: string): Problem {
  return new Problem(
    'INVALID',
    `${JSON.stringify(path)} cannot be stored: a file and a folder would have the same name, and nothing on the branch is ever removed.`,
  );
}

function entriesOf(id: string, object: GitObject | null): TreeEntry[] {
  const entries = object?.type === 'tree' ? parseTree(object.bytes, 20) : null;
  if (entries !== null) return entries;
  const what = object === null ? 'it is missing' : `this ${object.type} is no folder`;
  throw new Problem('DAMAGED', `the repository cannot give the folder ${id}: ${what}.`);
}

function tooMany(most: number): Problem {
  return new Problem(
    'UNSUPPORTED',
    `more than ${most} files, or folders in folders without end: that is too much to be read over the network. A clone can: \`corroborate\` on the command line reads it there.`,
  );
}

/** As `git ls-tree` shows it: six digits. */
export function shownMode(mode: string): string {
  return mode.padStart(6, '0');
}
