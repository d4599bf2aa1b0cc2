import type { ObjectStore } from './object-store.ts';

export interface TreeEntry {
  readonly mode: string;
  readonly name: string;
  readonly id: string;
}

export function parseTree(content: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at);
    const end = content.indexOf(0, space);
    entries.push({
      mode: content.toString('latin1', at, space),
      name: content.toString('utf8', space + 1, end),
      id: content.toString('hex', end + 1, end + 21),
    });
    at = end + 21;
  }
  return entries;
}

/** git's order: by bytes, a folder as if its name ended in a slash. */
function serializeTree(entries: readonly TreeEntry[]): Buffer {
  const keyed = entries.map(entry => ({
    entry,
    key: Buffer.from(entry.mode === '40000' ? `${entry.name}/` : entry.name),
  }));
  keyed.sort((a, b) => Buffer.compare(a.key, b.key));
  return Buffer.concat(
    keyed.flatMap(({ entry }) => [Buffer.from(`${entry.mode} ${entry.name}\0`), Buffer.from(entry.id, 'hex')]),
  );
}

/** What is to stand at a path; null takes away what stands there. */
export interface TreeChange {
  readonly path: string;
  readonly to: { readonly mode: string; readonly id: string } | null;
}

interface Level {
  readonly here: Map<string, TreeChange['to']>;
  readonly below: Map<string, Level>;
}

/** Writes the tree that has the changes on top of another (or of none); only the folders that change are written. */
export function editTree(store: ObjectStore, base: string | null, changes: readonly TreeChange[]): Promise<string> {
  const top: Level = { here: new Map(), below: new Map() };
  for (const { path, to } of changes) {
    const names = path.split('/');
    const last = names.pop()!;
    let level = top;
    for (const name of names) {
      const next = level.below.get(name) ?? { here: new Map(), below: new Map() };
      level.below.set(name, next);
      level = next;
    }
    level.here.set(last, to);
  }
  return writeLevel(store, base, top);
}

async function writeLevel(store: ObjectStore, base: string | null, level: Level): Promise<string> {
  const object = base === null ? undefined : await store.read(base);
  const entries = new Map((object?.type === 'tree' ? parseTree(object.content) : []).map(entry => [entry.name, entry]));
  for (const [name, to] of level.here) {
    if (to === null) entries.delete(name);
    else entries.set(name, { name, mode: to.mode.replace(/^0/, ''), id: to.id });
  }
  for (const [name, below] of level.below) {
    const old = entries.get(name);
    const id = await writeLevel(store, old?.mode === '40000' ? old.id : null, below);
    if (id === emptyTree) entries.delete(name);
    else entries.set(name, { name, mode: '40000', id });
  }
  return store.write('tree', serializeTree([...entries.values()]));
}

export const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
