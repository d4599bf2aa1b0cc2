import { projectPath } from '../../domain/branch-layout.ts';
import { Problem } from '../../domain/problem.ts';
import { textToName } from '../git-store/stored-name.ts';
import type { Change, Content, RecordStore } from '../record-store.ts';
import { type Commit, commitWalk } from './commit-walk.ts';
import type { Failure } from './failure.ts';
import { folderReader } from './folder-reader.ts';
import { gitData } from './git-data.ts';
import { type GitHubApi, githubCalls, type RepositoryName } from './github-calls.ts';
import type { ObjectCache } from './object-cache.ts';
import { objectLoader } from './object-loader.ts';
import { createCommitOnBranch, largestCommit } from './sign-commit.ts';
import { isId, objectId } from './smart-http/object-id.ts';
import { type GitAddress, type Ref, type UploadPackLimits, uploadPack } from './smart-http/upload-pack.ts';
import { readBlob, snapshotOf, type TreeSnapshot } from './snapshot.ts';
import { treeWalk } from './tree-walk.ts';
import { type Clock, limited } from './waiting.ts';

export interface GitHubStoreLimits extends UploadPackLimits {
  /** Bytes of the largest file that comes along when a folder is listed. */
  readonly largestFile: number;
  /** Files and folders in one listing or comparison. */
  readonly entries: number;
}

export interface GitHubStoreOptions {
  readonly repository: RepositoryName;
  readonly branch: string;
  /** GitHub's API, with a token that may write contents where anything is written. */
  readonly api: GitHubApi;
  readonly git: GitAddress;
  /** What was read before; to keep for as long as the process lives, one for each repository. */
  readonly objects: ObjectCache;
  readonly clock: Clock;
  /** How long a call, or one's turn on the branch, is waited for, in milliseconds. */
  readonly patience?: number;
  /** False where `api` itself waits out limits and repeats failed calls, as Probot's does. */
  readonly repeats?: boolean;
  readonly limits?: Partial<GitHubStoreLimits>;
}

export interface GitHubStore extends RecordStore {
  /** Refs whose full names begin so, e.g. `HEAD`, `refs/heads/records`, `refs/pull/7/head`: in one request that is no API call. */
  refs(prefixes: readonly string[]): Promise<Ref[]>;
}

const mebibyte = 1024 * 1024;
const usualLimits: GitHubStoreLimits = {
  answer: 32 * mebibyte,
  object: 32 * mebibyte,
  unpacked: 128 * mebibyte,
  objects: 250_000,
  time: 60_000,
  largestFile: mebibyte,
  entries: 100_000,
};

/**
 * The records branch in a repository on GitHub, with no clone: it is read over git's own protocol, and written by
 * GitHub's API. `docs/store.md` says how it keeps its promises. GitHub signs the commits and names the token's owner as
 * their author, at GitHub's own time.
 */
export function openGitHubStore(options: GitHubStoreOptions): GitHubStore {
  const { repository, branch, api, git: address, objects: cache, clock, patience = 120_000, repeats = true } = options;
  const fullName = `${repository.owner}/${repository.name}`;
  const limits = { ...usualLimits, ...options.limits };
  const waiting = { clock, patience, repeats };
  const calls = githubCalls(api, repository, waiting);
  const git = uploadPack(address, fullName, limits, { ...waiting, repeats: true });
  const objects = objectLoader(git, cache);
  const trees = treeWalk(objects, limits.entries);
  const folders = folderReader(git, calls, cache, trees, limits.largestFile);
  const commits = commitWalk(git, calls, objects, trees, cache, fullName);
  const data = gitData(calls);
  /** Content that was got ready and that GitHub does not have yet: it goes along with the commit that names it. */
  const prepared = new Map<string, Uint8Array>();

  const onto = (commit: string, tree: string) => snapshotOf({ objects, trees, folders }, commit, tree);

  async function snapshot(id: string): Promise<TreeSnapshot> {
    const { commit, tree } = await commits.commit(id);
    return onto(commit, tree);
  }

  async function at(name: string): Promise<string | null> {
    const ref = `refs/heads/${name}`;
    return (await git.refs([ref])).find(one => one.name === ref)?.id ?? null;
  }

  async function tip(name = branch): Promise<TreeSnapshot | null> {
    const commit = await at(name);
    return commit === null ? null : snapshot(commit);
  }

  function foreign(commit: string): Problem {
    return new Problem(
      'FOREIGN_BRANCH',
      `the branch ${branch} of ${fullName} (at ${commit.slice(0, 12)}) is something else: it has no ${projectPath} at its top, so nothing was written to it. Rename it on GitHub, or give the records another branch.`,
    );
  }

  async function ownTip(): Promise<TreeSnapshot> {
    const found = await tip();
    if (found === null) {
      throw new Problem(
        'NO_BRANCH',
        `${fullName} has no branch ${branch}. \`corroborate init\` and \`corroborate push\` make it, and so does the Action.`,
      );
    }
    if (!(await commits.isRecordsTree(found.tree))) throw foreign(found.commit);
    return found;
  }

  /** The change with what was prepared as bytes. */
  function withPrepared(files: Change['files']): Map<string, Content> {
    const contents = new Map<string, Content>();
    for (const [path, content] of files) {
      if (!(content instanceof Uint8Array) && !isId(content.blob)) {
        throw new Problem('DEFECT', `${JSON.stringify(content.blob)} is no blob id`);
      }
      contents.set(path, content instanceof Uint8Array ? content : (prepared.get(content.blob) ?? content));
    }
    return contents;
  }

  function forget(files: Change['files']): void {
    for (const content of files.values()) if (!(content instanceof Uint8Array)) prepared.delete(content.blob);
  }

  /** All of the files as bytes, where one call can carry them; else null. */
  async function allBytes(files: ReadonlyMap<string, Content>): Promise<Map<string, Uint8Array> | null> {
    const whole = new Map<string, Uint8Array>();
    let size = 0;
    for (const [path, content] of files) {
      const bytes = content instanceof Uint8Array ? content : await readBlob(objects, content.blob, path);
      size += bytes.length + path.length;
      if (size > largestCommit) return null;
      whole.set(path, bytes);
    }
    return whole;
  }

  /** One commit by the Git Data API; no branch has it yet. */
  async function commitOn(parent: TreeSnapshot | null, change: Change): Promise<{ commit: string; tree: string }> {
    const files = withPrepared(change.files);
    await trees.refuseUnsafe(parent?.tree ?? null, files);
    const { merges, message } = change;
    const parents = [...(parent === null ? [] : [parent.commit]), ...(merges === undefined ? [] : [merges])];
    let tree: string | null = null;
    const write = async () => {
      tree ??= await data.tree(parent?.tree ?? null, files);
      return { commit: await data.commit(tree, parents, message), tree };
    };
    if (parent === null || merges === undefined) return write();
    await commits.commit(merges);
    try {
      return await write();
    } catch (problem) {
      // GitHub may know a fork's objects and yet let nothing be built on them (422, in several words).
      const refused = problem instanceof Problem && problem.code === 'REMOTE_FAILED';
      const shared = refused ? await commits.mergeBase(parent.commit, merges) : null;
      if (shared === null || shared === merges) throw problem;
      return data.withAdopted(merges, shared, write);
    }
  }

  async function add(onTip: TreeSnapshot, change: Change, until: number): Promise<TreeSnapshot | NotYet> {
    const files = withPrepared(change.files);
    await trees.refuseUnsafe(onTip.tree, files);
    const bytes = change.merges === undefined && files.size > 0 ? await allBytes(files) : null;
    return bytes === null ? addByGitData(onTip, change) : addSigned(onTip, change, bytes, until);
  }

  async function addByGitData(onTip: TreeSnapshot, change: Change): Promise<TreeSnapshot | NotYet> {
    const made = await commitOn(onTip, change);
    if (await data.forward(branch, made.commit)) return onto(made.commit, made.tree);
    // An answer that was lost may have been that it was done, and somebody may have built on it since.
    const now = await at(branch);
    return now !== null && (await commits.isAncestor(made.commit, now)) ? onto(made.commit, made.tree) : moved;
  }

  async function addSigned(
    onTip: TreeSnapshot,
    change: Change,
    files: ReadonlyMap<string, Uint8Array>,
    until: number,
  ): Promise<TreeSnapshot | NotYet> {
    let unsure = false;
    for (let tries = 0; ; tries++) {
      const added = await createCommitOnBranch(calls, fullName, branch, onTip.commit, change, files);
      if (added.is === 'added') return onto(added.commit, added.tree);
      const notYet = { limited: added.is === 'limited' ? added : null };
      if (added.is !== 'unknown' && !unsure && !(added.is === 'moved' && added.unsure)) return notYet;
      unsure = true;
      const now = await at(branch);
      if (now !== null && now !== onTip.commit) return (await oursAfter(onTip, now, files)) ?? notYet;
      if (added.is !== 'unknown') return notYet;
      // Even if the first is still on its way: only one of them finds the branch where it expects it.
      const wait = Math.min(1000 * 2 ** tries, 30_000) * (1 + clock.random());
      if (!repeats || clock.now().getTime() + wait > until) throw added.problem;
      await clock.sleep(wait);
    }
  }

  /** The commit that stands where ours would, if it is ours: it makes the same change. */
  async function oursAfter(
    onTip: TreeSnapshot,
    now: string,
    files: ReadonlyMap<string, Uint8Array>,
  ): Promise<TreeSnapshot | null> {
    const after = await commits.history(now, [onTip.commit]);
    const next = after.find(({ parents }) => parents[0] === onTip.commit);
    if (next === undefined) return null;
    const changed = await trees.differences(onTip.tree, next.tree);
    const same = changed.every(({ path, after: file }) => {
      const bytes = files.get(path);
      return bytes !== undefined && file?.id === objectId('blob', bytes);
    });
    const wanted = [...files].filter(([path]) => !changed.some(one => one.path === path));
    const there = await Promise.all(wanted.map(([path]) => trees.find(next.tree, textToName(path))));
    const rest = wanted.every(([, bytes], index) => there[index]?.id === objectId('blob', bytes));
    return same && rest ? onto(next.commit, next.tree) : null;
  }

  return {
    branch,
    tip,
    snapshot,
    refs: prefixes => git.refs(prefixes),

    async prepare(contents) {
      return contents.map(bytes => {
        const id = objectId('blob', bytes);
        prepared.set(id, bytes);
        return id;
      });
    },

    contents: ids => Promise.all(ids.map(async id => prepared.get(id)?.slice() ?? readBlob(objects, id))),

    async start(change) {
      const there = await tip();
      if (there !== null && !(await commits.isRecordsTree(there.tree))) throw foreign(there.commit);
      if (!change.files.has(projectPath)) throw new Problem('DEFECT', `a root without ${projectPath}`);
      if (there === null) {
        const made = await commitOn(null, change);
        const created = await data.create(branch, made.commit);
        if (created === 'made' || (created !== 'there' && (await at(branch)) === made.commit)) {
          forget(change.files);
          return onto(made.commit, made.tree);
        }
      }
      throw new Problem('BRANCH_MOVED', `${fullName} has the branch ${branch} already: there is nothing to start.`);
    },

    async append(make) {
      const until = clock.now().getTime() + patience;
      // The quickest of one's tries: the others say how many rivals there were, not how long a turn takes.
      let took = Number.POSITIVE_INFINITY;
      for (let lost = 1; ; lost++) {
        const begun = clock.now().getTime();
        const onTip = await ownTip();
        const change = await make(onTip);
        if (change === null) return onTip;
        const added = await add(onTip, change, until);
        if ('commit' in added) {
          forget(change.files);
          return added;
        }
        const now = clock.now();
        took = Math.min(took, now.getTime() - begun);
        const limit = added.limited?.wait ?? 0;
        // Others may have been told the same time: the longer it was, the more of them.
        const wait = limit + Math.max(turnAfter(lost, took), limit / 2) * clock.random();
        if (now.getTime() + wait > until || (added.limited !== null && !repeats)) {
          if (added.limited !== null) throw limited(added.limited.failure, 'add a commit', now, limit);
          throw new Problem('BUSY', `the branch ${branch} of ${fullName} keeps moving under other writers: try again.`);
        }
        await clock.sleep(wait);
      }
    },

    async commit(parent, change) {
      const made = await commitOn(await snapshot(parent), change);
      forget(change.files);
      return onto(made.commit, made.tree);
    },

    async move(name, from, to) {
      const target = await snapshot(to);
      if (name === branch && !(await commits.isRecordsTree(target.tree))) throw foreign(to);
      if (from !== null && !(await commits.isAncestor(from, to))) {
        throw new Problem(
          'REFUSED',
          `the branch ${name} is only ever moved forward, and ${to} does not build on ${from}.`,
        );
      }
      if (from === null) {
        const created = await data.create(name, to);
        if (created === 'made' || (created !== 'there' && (await at(name)) === to)) return;
      } else if ((await at(name)) === from) {
        if ((await data.forward(name, to)) || (await at(name)) === to) return;
      }
      throw new Problem(
        'BRANCH_MOVED',
        `the branch ${name} of ${fullName} is not ${from === null ? 'absent' : `at ${from}`} any more: try again.`,
      );
    },

    async remove(name, commit) {
      if ((await at(name)) === commit) return data.remove(name);
      throw new Problem(
        'BRANCH_MOVED',
        `the branch ${name} of ${fullName} is not at ${commit} any more, so it was not removed.`,
      );
    },

    async branches(prefix) {
      const heads = 'refs/heads/';
      const refs = await git.refs([`${heads}${prefix}`]);
      return refs
        .map(({ name, id }) => ({ name: name.slice(heads.length), commit: id }))
        .sort((one, other) => (one.name < other.name ? -1 : 1));
    },

    root: commits.root,
    isAncestor: commits.isAncestor,

    mergeBase: commits.mergeBase,

    async commitInfo(commit) {
      const { tree: _, ...info } = await commits.commit(commit);
      return info;
    },

    async differences(before, after) {
      const [from, to] = await Promise.all([before === null ? null : commits.commit(before), commits.commit(after)]);
      return trees.differences(from?.tree ?? null, to.tree);
    },

    async *history(last, except = []) {
      const list = await commits.history(last, except);
      // Some at a time: their trees come in the same requests.
      for (let from = 0; from < list.length; from += 64) {
        const some = list.slice(from, from + 64);
        const changes = await Promise.all(some.map(one => changesOf(one)));
        for (const [index, { tree: _, ...info }] of some.entries()) yield { ...info, changes: changes[index]! };
      }
    },

    async close() {
      prepared.clear();
    },
  };

  async function changesOf({ parents, tree }: Commit) {
    const before = parents[0] === undefined ? null : (await commits.commit(parents[0])).tree;
    return trees.differences(before, tree);
  }
}

/** Why a commit was not added though nothing stands in its way. */
interface NotYet {
  /** Null: the branch has moved. */
  readonly limited: { readonly wait: number; readonly failure: Failure } | null;
}

const moved: NotYet = { limited: null };

/** No writer waits longer for another try, in milliseconds. */
const longestSpan = 120_000;

/**
 * The span, in milliseconds, within which to try again after so many lost races, at a moment taken by chance. Whoever
 * loses once has perhaps one rival, whoever loses three times has dozens: the span grows by four, in units of what one
 * try takes, so that 64 writers need some 250 calls between them.
 */
function turnAfter(lost: number, took: number): number {
  return Math.min(Math.max(took, 50) * Math.min(4 ** lost, 64), longestSpan);
}
