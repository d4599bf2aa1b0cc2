import { projectPath } from '../../domain/branch-layout.ts';
import { Problem } from '../../domain/problem.ts';
import { commitInfo, parseCommit } from '../git-store/commit-object.ts';
import type { CommitInfo } from '../record-store.ts';
import { type GitHubCalls, textAt } from './github-calls.ts';
import type { ObjectCache } from './object-cache.ts';
import { type ObjectLoader, tooLarge } from './object-loader.ts';
import { type GitObject, isId } from './smart-http/object-id.ts';
import { TooLarge } from './smart-http/read-pack.ts';
import { type Fetched, type FetchRequest, NotThere, type UploadPack } from './smart-http/upload-pack.ts';
import type { TreeWalk } from './tree-walk.ts';

export interface Commit extends CommitInfo {
  readonly tree: string;
}

/** Generations in which a root is looked for commit by commit; an older one GitHub is asked for. */
const someGenerations = 1024;

/** Walks commits over git, which GitHub counts among no limits; what it finds of their past is remembered for good. */
export function commitWalk(
  git: UploadPack,
  calls: GitHubCalls,
  objects: ObjectLoader,
  trees: TreeWalk,
  cache: ObjectCache,
  repository: string,
) {
  /** @throws Problem NOT_FOUND where there is no such commit, DAMAGED where it cannot be read */
  async function commit(id: string): Promise<Commit> {
    if (!isId(id)) throw new Problem('NOT_FOUND', `${JSON.stringify(id)} is no commit: a whole id is needed.`);
    const object = await objects.commit(id);
    if (object?.type !== 'commit') throw new Problem('NOT_FOUND', `there is no commit ${id} in ${repository}.`);
    return read(id, object);
  }

  function read(id: string, object: GitObject): Commit {
    const parsed = parseCommit(object.bytes);
    if (parsed === null || !isId(parsed.tree) || !parsed.parents.every(isId)) {
      throw new Problem('DAMAGED', `commit ${id} of ${repository} cannot be read: it is no valid commit.`);
    }
    return { ...commitInfo(id, parsed), tree: parsed.tree };
  }

  async function fetched(request: Omit<FetchRequest, 'filter'>): Promise<Fetched> {
    try {
      return await git.fetch({ ...request, filter: 'tree:0' });
    } catch (cause) {
      if (cause instanceof NotThere) {
        throw new Problem('NOT_FOUND', `there is no commit ${cause.id} in ${repository}.`, { cause });
      }
      if (cause instanceof TooLarge) throw tooLarge(`the history of ${request.wants[0]}`, cause);
      throw cause;
    }
  }

  /** The commits that lead to `tip` and not to `except`, by id; `whole` is false where `depth` cut some off. */
  async function leading(tip: string, except: readonly string[], depth?: number) {
    const more = depth === undefined ? {} : { depth };
    const { objects: found, cut } = await fetched({ wants: [tip], haves: except, ...more });
    const commits = new Map<string, Commit>();
    for (const [id, object] of found) {
      if (object.type !== 'commit') continue;
      // A commit at the cut is whole itself: only what it names was left out.
      cache.put(id, object);
      commits.set(id, read(id, object));
    }
    return { commits, whole: ![...cut].some(id => commits.has(id)) };
  }

  /**
   * Whether git's server leaves a commit out for who has another with all that led there, without a call of the API. If
   * it does, that is so. If not, it may have walked no further because commits on the way bear wrong times.
   */
  async function isLeftOut(ancestor: string, of: string): Promise<boolean> {
    const { objects: sent } = await fetched({ wants: [ancestor], haves: [of], depth: 1 });
    return !sent.has(ancestor);
  }

  /** Those that somebody waits for. */
  const going = new Map<string, Promise<boolean>>();

  async function isAncestor(ancestor: string, of: string): Promise<boolean> {
    await Promise.all([commit(ancestor), commit(of)]);
    if (ancestor === of) return true;
    const fact = `base ${ancestor} ${of}`;
    const known = cache.fact(fact);
    if (known !== undefined) return known === ancestor;
    const answer = going.get(fact) ?? askAncestor(fact, ancestor, of).finally(() => going.delete(fact));
    going.set(fact, answer);
    return answer;
  }

  async function askAncestor(fact: string, ancestor: string, of: string): Promise<boolean> {
    if (await isLeftOut(ancestor, of)) cache.remember(fact, ancestor);
    return (await compared(ancestor, of)) === ancestor;
  }

  async function mergeBase(one: string, other: string): Promise<string | null> {
    await Promise.all([commit(one), commit(other)]);
    if (one === other) return one;
    const [older, newer] = cache.fact(`base ${other} ${one}`) === undefined ? [one, other] : [other, one];
    if (cache.fact(`base ${older} ${newer}`) === undefined) {
      if (await isLeftOut(one, other)) cache.remember(`base ${one} ${other}`, one);
      else if (await isLeftOut(other, one)) cache.remember(`base ${one} ${other}`, other);
    }
    return compared(older, newer);
  }

  /** The merge base as GitHub tells it, in one call that is never made again: what two commits share does not change. */
  async function compared(one: string, other: string): Promise<string | null> {
    const fact = `base ${one} ${other}`;
    const known = cache.fact(fact);
    if (known !== undefined) return known === '' ? null : known;
    const doing = `compare ${one} with ${other}`;
    const outcome = await calls.tryRequest('GET /repos/{owner}/{repo}/compare/{basehead}', {
      // The files and their patches are on the first page alone.
      parameters: { basehead: `${one}...${other}`, per_page: 1, page: 2 },
      doing,
      repeatable: true,
    });
    let base = '';
    if ('done' in outcome) base = textAt(outcome.done, 'merge_base_commit', 'sha');
    else if (!/no common ancestor/i.test(outcome.failed.message)) throw calls.problem(outcome.failed, doing);
    cache.remember(fact, base);
    return base === '' ? null : base;
  }

  /** The commits just before those of a walk. */
  function partings(own: ReadonlyMap<string, Commit>): string[] {
    const parents = [...own.values()].flatMap(one => one.parents);
    return [...new Set(parents)].filter(id => !own.has(id));
  }

  /** Parents first. */
  function inOrder(tip: string, commits: ReadonlyMap<string, Commit>): Commit[] {
    const order: Commit[] = [];
    const seen = new Set<string>();
    const stack: { readonly id: string; readonly left: string[] }[] = [];
    const visit = (id: string) => {
      const found = commits.get(id);
      if (found === undefined || seen.has(id)) return;
      seen.add(id);
      stack.push({ id, left: [...found.parents].reverse() });
    };
    visit(tip);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.left.pop();
      if (next !== undefined) visit(next);
      else {
        order.push(commits.get(top.id)!);
        stack.pop();
      }
    }
    return order;
  }

  async function isRecordsTree(tree: string): Promise<boolean> {
    return (await trees.entries(tree)).some(({ name, mode }) => name === projectPath && mode.startsWith('100'));
  }

  /**
   * The roots of a commit: by its commits where they are few or lead to what is known, else by the oldest commit that
   * GitHub lists for project.yml, which is the older project's where two met (the merge kept its project.yml).
   */
  async function rootsOf(tip: string): Promise<string[]> {
    const known = cache.fact('latest root');
    for (const have of known === undefined ? [null] : [known, null]) {
      const { commits, whole } = await leading(tip, have === null ? [] : [have], someGenerations);
      const before = partings(commits).map(id => cache.fact(`root ${id}`));
      if (!whole || commits.size === 0 || before.includes(undefined)) continue;
      const own = [...commits.values()].filter(({ parents }) => parents.length === 0);
      return [...own.map(one => one.commit), ...before.map(id => id!)];
    }
    const oldest = await oldestOf(tip);
    if ((await commit(oldest)).parents.length === 0) return [oldest];
    const { commits } = await leading(tip, []);
    return [...commits.values()].filter(({ parents }) => parents.length === 0).map(one => one.commit);
  }

  async function oldestOf(tip: string): Promise<string> {
    for (let page = 1, oldest: unknown; ; page++) {
      const listed = await calls.request('GET /repos/{owner}/{repo}/commits', {
        parameters: { sha: tip, path: projectPath, per_page: 100, page },
        doing: `find the first commit of ${projectPath}`,
        repeatable: true,
      });
      const list: unknown[] = Array.isArray(listed) ? listed : [];
      oldest = list.at(-1)?.['sha' as never] ?? oldest;
      if (list.length === 100) continue;
      if (isId(oldest)) return oldest;
      throw new Problem('FOREIGN_BRANCH', `no commit that leads to ${tip} has a ${projectPath}: no records branch.`);
    }
  }

  return {
    commit,
    isAncestor,
    mergeBase,
    isRecordsTree,

    async history(tip: string, except: readonly string[]): Promise<Commit[]> {
      await Promise.all([tip, ...except].map(commit));
      if (except.includes(tip)) return [];
      return inOrder(tip, (await leading(tip, except)).commits);
    },

    /** @throws Problem FOREIGN_BRANCH where no root is one of records */
    async root(id: string): Promise<string> {
      await commit(id);
      const fact = cache.fact(`root ${id}`);
      if (fact !== undefined) return fact;
      let best: Commit | null = null;
      for (const root of await Promise.all((await rootsOf(id)).map(commit))) {
        if (!(await isRecordsTree(root.tree))) continue;
        const [at, before] = [root.author.at.getTime(), best?.author.at.getTime() ?? Number.POSITIVE_INFINITY];
        if (at < before || (at === before && root.commit < best!.commit)) best = root;
      }
      if (best === null) {
        throw new Problem('FOREIGN_BRANCH', `no root that ${id} goes back to has a ${projectPath}: no records branch.`);
      }
      cache.remember(`root ${best.commit}`, best.commit);
      cache.remember(`root ${id}`, best.commit);
      cache.remember('latest root', id);
      return best.commit;
    },
  };
}

export type CommitWalk = ReturnType<typeof commitWalk>;
