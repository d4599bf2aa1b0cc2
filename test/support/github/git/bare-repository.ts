import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Commit, parseCommit } from './commit.ts';
import { git, gitParts, gitText } from './git.ts';
import { ObjectStore } from './object-store.ts';
import { Refs } from './refs.ts';
import { parseTree, type TreeEntry } from './tree.ts';

export interface ChangedFile {
  readonly path: string;
  readonly previous: string | null;
  readonly status: 'added' | 'removed' | 'modified' | 'renamed' | 'changed';
  readonly id: string;
  readonly mode: string;
  readonly additions: number;
  readonly deletions: number;
}

const statuses: Readonly<{ [letter: string]: ChangedFile['status'] }> = {
  A: 'added',
  D: 'removed',
  M: 'modified',
  R: 'renamed',
  T: 'changed',
};

/** Nothing is packed behind our back; the rest is as GitHub has it. */
const settings = `[gc]
	auto = 0
[receive]
	autogc = false
	fsckObjects = true
	unpackLimit = 10000
	hideRefs = refs/pull
[http]
	receivepack = true
[uploadpack]
	allowAnySHA1InWant = true
	allowFilter = true
`;

/** A real bare repository with an object store of its own. */
export class BareRepository {
  readonly folder: string;
  readonly objects: ObjectStore;
  readonly refs: Refs;
  /** What git was asked of objects by their ids: that never changes, and each asking is a process. */
  readonly #known = new Map<string, Promise<unknown>>();

  private constructor(folder: string) {
    this.folder = folder;
    this.objects = new ObjectStore(folder);
    this.refs = new Refs(folder);
  }

  static async create(folder: string, defaultBranch: string): Promise<BareRepository> {
    await git(folder, ['init', '--quiet', '--bare', `--initial-branch=${defaultBranch}`, folder]);
    const repository = new BareRepository(folder);
    await appendFile(join(folder, 'config'), settings);
    return repository;
  }

  async commit(id: string): Promise<Commit | undefined> {
    const object = await this.objects.read(id);
    return object?.type === 'commit' ? parseCommit(id, object.content) : undefined;
  }

  async tree(id: string): Promise<TreeEntry[] | undefined> {
    const object = await this.objects.read(id);
    return object?.type === 'tree' ? parseTree(object.content) : undefined;
  }

  /** What stands at a path of a tree; the tree itself for the empty path. */
  async entry(tree: string, path: string): Promise<TreeEntry | undefined> {
    let entry: TreeEntry = { mode: '40000', name: '', id: tree };
    for (const name of path.split('/').filter(Boolean)) {
      const found = (await this.tree(entry.id))?.find(entry => entry.name === name);
      if (found === undefined) return undefined;
      entry = found;
    }
    return entry;
  }

  /** Whether one commit is among the ancestors of another, or is it. */
  async isAncestor(ancestor: string, of: string): Promise<boolean> {
    if (ancestor === of) return true;
    return this.#once(['is-ancestor', ancestor, of], async () => {
      return (await git(this.folder, ['merge-base', '--is-ancestor', ancestor, of], { may: [0, 1] })).code === 0;
    });
  }

  mergeBase(one: string, other: string): Promise<string | undefined> {
    return this.#once(['merge-base', one, other], async () => {
      const { code, stdout } = await git(this.folder, ['merge-base', one, other], { may: [0, 1] });
      return code === 0 ? stdout.toString().trim() : undefined;
    });
  }

  /** Commits that are in `to` and not in `not`, oldest first. */
  async commitsBetween(not: string | null, to: string, limit = 2048): Promise<string[]> {
    const range = not === null ? [to] : [to, `^${not}`];
    const text = await gitText(this.folder, ['rev-list', '--topo-order', '--reverse', ...range]);
    return text === '' ? [] : text.split('\n').slice(0, limit);
  }

  count(not: string, to: string): Promise<number> {
    return this.#once(['count', not, to], async () => {
      return Number(await gitText(this.folder, ['rev-list', '--count', to, `^${not}`]));
    });
  }

  /** The files that differ between two trees or commits, as a pull request lists them. */
  changes(from: string, to: string): Promise<readonly ChangedFile[]> {
    return this.#once(['changes', from, to], () => this.#changes(from, to));
  }

  async #changes(from: string, to: string): Promise<ChangedFile[]> {
    const args = ['diff-tree', '-r', '-z', '-M', '--raw', '--numstat', '--no-commit-id', from, to];
    const parts = await gitParts(this.folder, args);
    const files: Omit<ChangedFile, 'additions' | 'deletions'>[] = [];
    const lines = new Map<string, [number, number]>();
    for (let at = 0; at < parts.length; ) {
      const part = parts[at++]!;
      if (part.startsWith(':')) {
        const [, newMode = '', oldId = '', newId = '', letter = ''] = part.slice(1).split(' ');
        const previous = letter.startsWith('R') ? parts[at++]! : null;
        const status = statuses[letter[0]!]!;
        files.push({ path: parts[at++]!, previous, status, mode: newMode, id: status === 'removed' ? oldId : newId });
      } else {
        const [added = '', deleted = '', path = ''] = part.split('\t');
        if (path === '') at++;
        lines.set(path === '' ? parts[at++]! : path, [Number(added) || 0, Number(deleted) || 0]);
      }
    }
    return files.map(file => {
      const [additions, deletions] = lines.get(file.path) ?? [0, 0];
      return { ...file, additions, deletions };
    });
  }

  /** Merges two commits without a working tree. @returns the tree, or undefined where they conflict */
  mergeTrees(ours: string, theirs: string): Promise<string | undefined> {
    return this.#once(['merge', ours, theirs], async () => {
      const args = ['merge-tree', '--write-tree', '--allow-unrelated-histories', ours, theirs];
      const { code, stdout } = await git(this.folder, args, { may: [0, 1] });
      return code === 0 ? stdout.toString().split('\n')[0] : undefined;
    });
  }

  /** Copies what another repository has of a commit into this one. */
  async fetch(from: BareRepository, refspecs: readonly string[]): Promise<void> {
    if (refspecs.length === 0) return;
    await git(this.folder, ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', from.folder, ...refspecs]);
  }

  #once<T>(words: readonly string[], ask: () => Promise<T>): Promise<T> {
    // A name may stand for another object tomorrow.
    if (!words.slice(1).every(word => /^[0-9a-f]{40}$/.test(word))) return ask();
    const key = words.join(' ');
    const known = this.#known.get(key) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const asked = ask();
    this.#known.set(key, asked);
    asked.catch(() => this.#known.delete(key));
    return asked;
  }

  async remove(): Promise<void> {
    this.objects.close();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
