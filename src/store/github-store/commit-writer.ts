import type { GitHubFailure } from '../../domain/github-failure.ts';
import { Problem } from '../../domain/problem.ts';
import { textToName } from '../git-store/stored-name.ts';
import type { Change, Content } from '../record-store.ts';
import type { CommitWalk } from './commit-walk.ts';
import { createCommitOnBranch, largestCommit } from './create-commit-on-branch.ts';
import type { GitData } from './git-data.ts';
import type { GitHubCalls } from './github-calls.ts';
import type { ObjectLoader } from './object-loader.ts';
import { isId, objectId } from './smart-http/object-id.ts';
import { readBlob, type TreeSnapshot } from './snapshot.ts';
import type { TreeWalk } from './tree-walk.ts';
import { limited, type Waiting } from './waiting.ts';

/** What a writer writes with. */
export interface Writing extends Waiting {
  readonly calls: GitHubCalls;
  readonly data: GitData;
  readonly objects: ObjectLoader;
  readonly trees: TreeWalk;
  readonly commits: CommitWalk;
  /** Content by blob id that GitHub does not have yet. */
  readonly prepared: Map<string, Uint8Array>;
  /** `acme/demo` */
  readonly repository: string;
  readonly branch: string;
  readonly onto: (commit: string, tree: string) => TreeSnapshot;
  /** Where a branch is now; null where there is none. */
  readonly at: (branch: string) => Promise<string | null>;
}

/** Makes commits, and adds them to the records branch whoever else is writing. */
export function commitWriter(writing: Writing) {
  const { calls, data, objects, trees, commits, prepared, repository, branch, onto, at } = writing;
  const { clock, patience, repeats } = writing;

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
      const shared = refused ? await ownBase(parent.commit, merges) : null;
      if (shared === null || shared === merges) throw problem;
      return data.withAdopted(merges, shared, write);
    }
  }

  /** A commit of the branch's that a head builds on: its parent nearly always, which git tells; GitHub is asked otherwise. */
  async function ownBase(tip: string, head: string): Promise<string | null> {
    const { parents } = await commits.commit(head);
    const [parent] = parents;
    if (parents.length === 1 && (await commits.isAncestor(parent!, tip))) return parent!;
    return commits.mergeBase(tip, head);
  }

  async function add(onTip: TreeSnapshot, change: Change, until: number): Promise<TreeSnapshot | NotYet> {
    const files = withPrepared(change.files);
    await trees.refuseUnsafe(onTip.tree, files);
    const bytes = change.merges === undefined && files.size > 0 ? await allBytes(files) : null;
    if (bytes === null) return addByGitData(onTip, change);
    try {
      return await addSigned(onTip, change, bytes, until);
    } catch (problem) {
      // GitHub does not publish how many files that call takes; some say a hundred.
      const refused = problem instanceof Problem && problem.code === 'REMOTE_FAILED';
      if (!refused || bytes.size <= 100) throw problem;
      return addByGitData(onTip, change);
    }
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
      const added = await createCommitOnBranch(calls, repository, branch, onTip.commit, change, files);
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
    forget,
    write: commitOn,

    /** As `RecordStore.append`; `ownTip` reads the branch. */
    async append(
      ownTip: () => Promise<TreeSnapshot>,
      make: (tip: TreeSnapshot) => Promise<Change | null>,
    ): Promise<TreeSnapshot> {
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
          throw new Problem(
            'BUSY',
            `the branch ${branch} of ${repository} keeps moving under other writers: try again.`,
          );
        }
        await clock.sleep(wait);
      }
    },
  };
}

/** Why a commit was not added though nothing stands in its way. */
interface NotYet {
  /** Null: the branch has moved. */
  readonly limited: { readonly wait: number; readonly failure: GitHubFailure } | null;
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
