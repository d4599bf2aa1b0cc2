import { projectPath } from '../../domain/branch-layout.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../git-store/writer-lock.ts';
import type { RecordStore } from '../record-store.ts';
import { type Commit, commitWalk } from './commit-walk.ts';
import { commitWriter } from './commit-writer.ts';
import { folderReader } from './folder-reader.ts';
import { gathered } from './gathered.ts';
import { gitData } from './git-data.ts';
import { type GitHubApi, githubCalls, type RepositoryName } from './github-calls.ts';
import type { ObjectCache } from './object-cache.ts';
import { objectLoader } from './object-loader.ts';
import { isId, objectId } from './smart-http/object-id.ts';
import { TooLarge } from './smart-http/read-pack.ts';
import { type GitAddress, NotThere, type Ref, type UploadPackLimits, uploadPack } from './smart-http/upload-pack.ts';
import { readBlob, snapshotOf, type TreeSnapshot } from './snapshot.ts';
import { treeWalk } from './tree-walk.ts';

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
  /**
   * Brings all that a commit has and others lack, its files up to `largestFile`, in one request, so that a request that
   * is read next costs one wait and not one a folder; several commits that are asked for at the same time come together.
   * Where that is too much, nothing is brought.
   */
  prefetch(commit: string, without: readonly string[]): Promise<void>;
}

interface Prefetch {
  readonly commit: string;
  readonly without: readonly string[];
}

const isNoMatter = (problem: unknown) => problem instanceof TooLarge || problem instanceof NotThere;

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
  const data = gitData(calls, clock.random);
  /** Content that was got ready and that GitHub does not have yet: it goes along with the commit that names it. */
  const prepared = new Map<string, Uint8Array>();

  const onto = (commit: string, tree: string) => snapshotOf({ objects, trees, folders }, commit, tree);

  async function snapshot(id: string): Promise<TreeSnapshot> {
    const { commit, tree } = await commits.commit(id);
    return onto(commit, tree);
  }

  const listed = gathered(1, (refs: readonly string[]) => git.refs([...new Set(refs)]));

  async function at(name: string): Promise<string | null> {
    const ref = `refs/heads/${name}`;
    return (await listed(ref)).find(one => one.name === ref)?.id ?? null;
  }

  const prefetched = gathered(2, async (wanted: readonly Prefetch[]) => {
    try {
      await fetchAll(wanted);
    } catch (cause) {
      if (!isNoMatter(cause)) throw cause;
      // One that is too large, or gone, does not take the others with it.
      if (wanted.length === 1) return;
      await Promise.all(
        wanted.map(one =>
          fetchAll([one]).catch(problem => {
            if (!isNoMatter(problem)) throw problem;
          }),
        ),
      );
    }
  });

  async function fetchAll(wanted: readonly Prefetch[]): Promise<void> {
    const { objects: found } = await git.fetch({
      wants: [...new Set(wanted.map(({ commit }) => commit))],
      haves: [...new Set(wanted.flatMap(({ without }) => without))],
      filter: `blob:limit=${limits.largestFile + 1}`,
    });
    for (const [id, object] of found) cache.put(id, object);
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

  const writer = commitWriter({
    calls,
    data,
    objects,
    trees,
    commits,
    prepared,
    repository: fullName,
    branch,
    clock,
    patience,
    repeats,
    onto,
    at,
  });

  return {
    branch,
    tip,
    snapshot,
    refs: prefixes => git.refs(prefixes),

    async prefetch(commit, without) {
      if ([commit, ...without].every(isId) && !without.includes(commit)) await prefetched({ commit, without });
    },

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
        const made = await writer.write(null, change);
        const created = await data.create(branch, made.commit);
        if (created === 'made' || (created !== 'there' && (await at(branch)) === made.commit)) {
          writer.forget(change.files);
          return onto(made.commit, made.tree);
        }
      }
      throw new Problem('BRANCH_MOVED', `${fullName} has the branch ${branch} already: there is nothing to start.`);
    },

    append: make => writer.append(ownTip, make),

    async commit(parent, change) {
      const made = await writer.write(await snapshot(parent), change);
      writer.forget(change.files);
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
