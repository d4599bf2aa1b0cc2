import { gitText } from '../git/git.ts';
import { emptyTree } from '../git/tree.ts';
import type { GitHub } from '../github.ts';
import { unprocessable } from '../http/refusal.ts';
import type { PullRequest } from '../state/pull-request.ts';
import type { Repository } from '../state/repository.ts';
import { simpleCommitView } from '../views/commit-view.ts';
import { pullView } from '../views/pull-view.ts';
import { suiteOf, tellSuite } from './check-suites.ts';
import type { Doer } from './doer.ts';

export interface RefUpdate {
  readonly ref: string;
  readonly before: string | null;
  readonly after: string | null;
}

const none = '0'.repeat(40);
export const branchOf = (ref: string) => /^refs\/heads\/(.+)$/.exec(ref)?.[1] ?? null;

/**
 * Changes one ref in the repository's turn.
 * @param decide gets where the ref is, and says where it goes (null removes it) or throws what GitHub answers
 */
export async function changeRef(
  github: GitHub,
  repository: Repository,
  ref: string,
  by: Doer,
  decide: (before: string | null) => Promise<string | null>,
): Promise<RefUpdate> {
  await github.trouble.beforeMove(repository, branchOf(ref));
  return repository.exclusively(async () => {
    const before = repository.git.refs.read(ref) ?? null;
    const after = await decide(before);
    if (after === null) await repository.git.refs.remove(ref);
    else await repository.git.refs.write(ref, after).catch(refuseFolder);
    const update = { ref, before, after };
    await settle(github, repository, [update], by);
    return update;
  });
}

/** `a` and `a/b` cannot both be refs. */
function refuseFolder(error: NodeJS.ErrnoException): never {
  if (['EEXIST', 'ENOTDIR', 'EISDIR', 'ENOTEMPTY'].includes(error.code ?? '')) {
    throw unprocessable('Reference cannot be created');
  }
  throw error;
}

/** All that follows from refs that have changed: events, pull requests that are new, merged or closed by it. */
export async function settle(
  github: GitHub,
  repository: Repository,
  updates: readonly RefUpdate[],
  by: Doer,
): Promise<void> {
  for (const update of updates) {
    const { ref, before, after } = update;
    if (before === after || !/^refs\/(heads|tags)\//.test(ref)) continue;
    const added = after === null || branchOf(ref) === null ? [] : await repository.git.commitsBetween(before, after);
    await adopt(repository, before, after);
    await tellPush(github, repository, update, added, by);
    const branch = branchOf(ref);
    if (branch === null) continue;
    if (after !== null) await askForChecks(github, repository, branch, after, by);
    await followHeads(github, repository, branch, after, by);
    await followBases(github, repository, branch, after, new Set(added), by);
  }
}

/** What a branch of the repository's own has now is no longer only a fork's. */
async function adopt(repository: Repository, before: string | null, after: string | null): Promise<void> {
  if (repository.foreign.size === 0 || after === null) return;
  const not = before === null ? [] : [`^${before}`];
  const listed = await gitText(repository.git.folder, ['rev-list', '--objects', '--no-object-names', after, ...not]);
  for (const id of listed.split('\n')) repository.foreign.delete(id);
}

async function tellPush(
  github: GitHub,
  repository: Repository,
  { ref, before, after }: RefUpdate,
  added: readonly string[],
  { account }: Doer,
): Promise<void> {
  if (!github.webhooks.listens('push', repository)) return;
  const shown = await Promise.all(added.slice(-20).map(id => pushedCommit(github, repository, id)));
  const forced = before !== null && after !== null && !(await repository.git.isAncestor(before, after));
  const url = `${github.origin}/${repository.fullName}`;
  const isCommit = after !== null && (await repository.git.commit(after)) !== undefined;
  github.webhooks.tell({
    event: 'push',
    action: null,
    repository,
    sender: account,
    payload: {
      ref,
      before: before ?? none,
      after: after ?? none,
      created: before === null,
      deleted: after === null,
      forced,
      base_ref: null,
      compare: `${url}/compare/${(before ?? none).slice(0, 12)}...${(after ?? none).slice(0, 12)}`,
      commits: shown,
      head_commit: isCommit ? (shown.at(-1) ?? (await pushedCommit(github, repository, after))) : null,
      pusher: { name: account.login, email: account.email },
    },
  });
}

async function pushedCommit(github: GitHub, repository: Repository, id: string) {
  const [view, commit] = [await simpleCommitView(github, repository, id), await repository.git.commit(id)];
  const files = await repository.git.changes(commit?.parents[0] ?? emptyTree, id);
  const of = (...statuses: string[]) => files.filter(({ status }) => statuses.includes(status)).map(({ path }) => path);
  return { ...view, added: of('added', 'renamed'), removed: of('removed'), modified: of('modified', 'changed') };
}

/** An App that writes checks is asked for them at each push. */
async function askForChecks(
  github: GitHub,
  repository: Repository,
  branch: string,
  sha: string,
  by: Doer,
): Promise<void> {
  for (const { app, permissions } of github.installations.filter(one => one.covers(repository))) {
    if (permissions.checks !== 'write') continue;
    if (repository.checkSuites.some(suite => suite.app === app && suite.headSha === sha)) continue;
    await tellSuite(github, suiteOf(github, repository, app, sha, branch), 'requested', by);
  }
}

async function followHeads(
  github: GitHub,
  head: Repository,
  branch: string,
  after: string | null,
  by: Doer,
): Promise<void> {
  for (const base of github.repositories) {
    for (const pull of base.pulls()) {
      if (pull.state === 'closed' || pull.headRepository !== head || pull.headBranch !== branch) continue;
      if (after === null) {
        await closePull(github, pull, by);
        continue;
      }
      const before = pull.headSha;
      // Whoever looks meanwhile must find the head that is shown.
      await bringHead(github, pull, after);
      pull.headSha = after;
      pull.baseSha = base.branch(pull.baseBranch) ?? pull.baseSha;
      pull.updatedAt = github.now();
      await tellPull(github, pull, 'synchronize', by, { before, after });
    }
  }
}

async function followBases(
  github: GitHub,
  base: Repository,
  branch: string,
  after: string | null,
  added: ReadonlySet<string>,
  by: Doer,
): Promise<void> {
  for (const pull of base.pulls()) {
    if (pull.state === 'closed' || pull.baseBranch !== branch) continue;
    if (after === null) await closePull(github, pull, by);
    else if (added.has(pull.headSha)) await markMerged(github, pull, after, by);
  }
}

export async function markMerged(github: GitHub, pull: PullRequest, commit: string, by: Doer): Promise<void> {
  pull.merged = { at: github.now(), by: by.account, commit };
  await closePull(github, pull, by);
}

export async function closePull(github: GitHub, pull: PullRequest, by: Doer): Promise<void> {
  pull.closedAt = github.now();
  pull.updatedAt = pull.closedAt;
  await tellPull(github, pull, 'closed', by);
}

/** Puts the head under `refs/pull/N/head` of the base repository, with its objects. */
export async function bringHead(github: GitHub, pull: PullRequest, headSha = pull.headSha): Promise<void> {
  const { repository, headRepository, number } = pull;
  const ref = `refs/pull/${number}/head`;
  if (headRepository === repository) {
    await repository.git.refs.write(ref, headSha);
    return;
  }
  await repository.git.fetch(headRepository.git, [`+${headSha}:${ref}`]);
  for (const id of headRepository.signed) repository.signed.add(id);
  if (github.forkObjects === 'shared') return;
  const args = ['rev-list', '--objects', '--no-object-names', headSha, '--not', '--branches', '--tags'];
  const listed = await gitText(repository.git.folder, args);
  for (const id of listed.split('\n').filter(Boolean)) repository.foreign.add(id);
}

export async function tellPull(
  github: GitHub,
  pull: PullRequest,
  action: string,
  { account }: Doer,
  more: { readonly [name: string]: unknown } = {},
): Promise<void> {
  if (!github.webhooks.listens('pull_request', pull.repository)) return;
  github.webhooks.tell({
    event: 'pull_request',
    action,
    repository: pull.repository,
    sender: account,
    payload: { number: pull.number, pull_request: await pullView(github, pull), ...more },
  });
}
