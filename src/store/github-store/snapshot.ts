import { Problem } from '../../domain/problem.ts';
import { nameToText, textToName } from '../git-store/stored-name.ts';
import { treeMode } from '../git-store/tree-object.ts';
import type { Entry, SizedEntry, Snapshot } from '../record-store.ts';
import type { FolderReader } from './folder-reader.ts';
import type { ObjectLoader } from './object-loader.ts';
import { shownMode, type TreeWalk } from './tree-walk.ts';

/** What a snapshot reads with. */
export interface Reading {
  readonly objects: ObjectLoader;
  readonly trees: TreeWalk;
  readonly folders: FolderReader;
}

/** A snapshot whose tree is known, so that what was built on it need not be read. */
export interface TreeSnapshot extends Snapshot {
  readonly tree: string;
}

export function snapshotOf({ objects, trees, folders }: Reading, commit: string, tree: string): TreeSnapshot {
  async function read(path: string): Promise<Uint8Array | null> {
    const entry = await trees.find(tree, textToName(path));
    return entry?.mode.startsWith('100') ? readBlob(objects, entry.id, path) : null;
  }

  async function folderId(path: string): Promise<string | null> {
    const name = textToName(path.replace(/\/$/, ''));
    if (name === '') return tree;
    const entry = await trees.find(tree, name);
    return entry?.mode === treeMode ? entry.id : null;
  }

  const shown = (folder: string, name: string) => {
    const stored = textToName(folder.replace(/\/$/, ''));
    return nameToText(stored === '' ? name : `${stored}/${name}`);
  };

  return {
    commit,
    tree,
    read,
    readAll: paths => Promise.all(paths.map(read)),

    async folder(path): Promise<Entry[]> {
      const id = await folderId(path);
      const entries = id === null ? [] : await trees.entries(id);
      return entries.map(entry => ({ path: shown(path, entry.name), mode: shownMode(entry.mode), id: entry.id }));
    },

    async files(under): Promise<SizedEntry[]> {
      const id = await folderId(under);
      const files = id === null ? [] : await folders.files(id);
      return files.map(({ name, mode, id, size }) => ({ path: shown(under, name), mode: shownMode(mode), id, size }));
    },
  };
}

/** @throws Problem DAMAGED where it is missing or no blob */
export async function readBlob(objects: ObjectLoader, id: string, path?: string): Promise<Uint8Array> {
  const object = await objects.object(id);
  // A copy: what is cached is everybody's.
  if (object?.type === 'blob') return new Uint8Array(object.bytes);
  const what = object === null ? 'it is missing' : `this ${object.type} is no file`;
  throw new Problem(
    'DAMAGED',
    `the repository cannot give the file ${path === undefined ? id : `${JSON.stringify(path)} (${id})`}: ${what}.`,
  );
}
