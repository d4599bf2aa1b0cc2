import { createHash } from 'node:crypto';
import type { Logger } from 'probot';
import { Problem } from '../../domain/problem.ts';
import type { ButtonPress, PullRequest } from '../../domain/pull-request/pull-request.ts';
import { unreadChecks } from '../../domain/pull-request/unread-checks.ts';
import { settledDocuments } from '../../flows/gather-facts.ts';
import {
  type AskedQuestion,
  type PullRequestDesk,
  type Reconciled,
  reconcilePullRequest,
} from '../../flows/reconcile-pull-request.ts';
import { isTouched, readMove } from '../../flows/requests-touched.ts';
import { tellUnreadRequest } from '../../flows/tell-unread-request.ts';
import { currentAccount } from '../../github/account.ts';
import { readChecks, readPullRequest } from '../../github/read-pull-request.ts';
import { showCheck } from '../../github/show-checks.ts';
import { showPullRequest } from '../../github/show-pull-request.ts';
import { openPullRequests, pullRequestsToLookAt, pullRequestsWith } from '../../github/sweep.ts';
import { actorOfRun } from '../../github/workflow-run.ts';
import type { GitHubStore } from '../../store/github-store/github-store.ts';
import type { JudgingPool } from './judging-pool.ts';
import type { Metrics } from './metrics.ts';
import type { LookAtBranch, LookAtCommit, LookAtPullRequest, Sweep, What } from './order.ts';
import type { PullRequestMemory } from './pull-request-memory.ts';
import { fullName, type RepositoryAccess, type RepositoryAccesses } from './repository-access.ts';

export interface Doing {
  readonly accesses: RepositoryAccesses;
  readonly pool: JudgingPool;
  readonly metrics: Metrics;
  readonly memory: PullRequestMemory;
  readonly log: Logger;
  readonly branch: string;
  /** Asks for more to be done. */
  add(what: What): void;
}

export function doOrder(doing: Doing, what: What): Promise<void> {
  switch (what.is) {
    case 'pull-request':
      return lookAtPullRequest(doing, what);
    case 'commit':
      return lookAtCommit(doing, what);
    case 'branch':
      return lookAtBranch(doing, what);
    case 'sweep':
      return sweep(doing, what);
  }
}

async function lookAtPullRequest(doing: Doing, what: LookAtPullRequest): Promise<void> {
  const { accesses, metrics, memory, log } = doing;
  const { repository, number, presses, onlyClosed, deliveries, since } = what;
  const seen = memory.of(repository);
  // The end of our own answer: all of it was shown already.
  if (onlyClosed && seen.isSettled(number)) return;
  const access = await accesses.open(repository);
  for (const press of presses.length === 0 ? [null] : presses) {
    const { stage, commit } = await reconcile(doing, access, what, press);
    seen.set(number, stage !== 'not-ours');
    seen.setSettled(number, stage === 'agreed' || stage === 'denied');
    const seconds = (performance.now() - since) / 1000;
    metrics.shown.observe(seconds);
    metrics.outcomes.add({ stage });
    const facts = { repository: fullName(repository), pull: number, deliveries, stage, commit, seconds };
    log.info(facts, `${fullName(repository)}#${number}: ${stage}`);
  }
}

async function reconcile(
  doing: Doing,
  access: RepositoryAccess,
  { repository, number, afresh }: LookAtPullRequest,
  press: ButtonPress | null,
): Promise<Reconciled> {
  const { accesses, pool, metrics, memory } = doing;
  const { api, target, store } = access;
  const own = await accesses.self();
  const desk: PullRequestDesk = {
    repository: target,
    async read(one) {
      const pull: PullRequest = await readPullRequest(api, target, one, own).catch(async problem => {
        // Where it cannot be said there either, the log has it.
        if (isForbidden(problem)) await tellUnread(doing, access, one, problem).catch(() => {});
        throw problem;
      });
      memory.of(repository).sawHead(pull.head.commit, one);
      return pull;
    },
    show: (pull, view) => showPullRequest(api, target, pull, view, { afresh }),
    hasAccount: async user => (await currentAccount(api, user)) !== null,
  };
  const judging = pool.judging(fullName(target), { store, actorOfRun: run => actorOfRun(api, target, run) });
  const measured = {
    ...judging,
    async judge(question: Parameters<typeof judging.judge>[0]) {
      const begun = performance.now();
      await bring(access, question);
      const judged = await judging.judge(question);
      metrics.judging.observe((performance.now() - begun) / 1000);
      metrics.judgements.add({ verdict: judged.judgement.verdict });
      return judged;
    },
  };
  return reconcilePullRequest(store, desk, measured, number, press, digestOf);
}

/** A pull request that may not be read: what is lacking is said on its head, which git tells. */
async function tellUnread(
  { accesses }: Doing,
  { api, target, store }: RepositoryAccess,
  number: number,
  { message }: Problem,
): Promise<void> {
  const [head] = await pullHeads(store, number);
  await tellUnreadRequest(store, head?.commit ?? null, async commit => {
    const at = { owner: target.owner, repo: target.name, ref: commit };
    const checks = await readChecks(api, at, await accesses.self());
    for (const check of unreadChecks(message, digestOf)) {
      await showCheck(api, target, { checks, head: { commit } }, check, false);
    }
  });
}

/** What judging will read, in one request and not in one a folder; of what stands on anything else, nothing. */
async function bring({ store, brought }: RepositoryAccess, { commit, tip }: AskedQuestion): Promise<void> {
  if (brought.get(commit)) return;
  const [parent, ...others] = (await store.commitInfo(commit)).parents;
  if (parent === undefined || others.length > 0 || !(await store.isAncestor(parent, tip))) return;
  await store.prefetch(commit, [parent, tip]);
  brought.set(commit, true);
}

/** What every request is held against, by git: the first that comes need not wait for it then. */
async function readAhead(store: GitHubStore): Promise<void> {
  const tip = await store.tip();
  if (tip === null) return;
  await Promise.all([settledDocuments(tip), store.root(tip.commit).then(root => store.isAncestor(root, tip.commit))]);
}

/** Of pull requests that may not be listed: the newest are looked at, so that what is lacking is said on them. */
const mostUnread = 20;

const isForbidden = (problem: unknown): problem is Problem =>
  problem instanceof Problem && problem.code === 'FORBIDDEN';

/** The heads of all pull requests, newest first, or of one, by git: that takes no permission to pull requests. */
async function pullHeads(store: GitHubStore, number?: number): Promise<{ number: number; commit: string }[]> {
  const refs = await store.refs([number === undefined ? 'refs/pull/' : `refs/pull/${number}/head`]);
  const heads = refs.flatMap(({ name, id }) => {
    const match = /^refs\/pull\/(\d{1,15})\/head$/.exec(name);
    return match === null ? [] : [{ number: Number(match[1]), commit: id }];
  });
  return heads.sort((one, other) => other.number - one.number);
}

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);

async function lookAtCommit(doing: Doing, what: LookAtCommit): Promise<void> {
  const { accesses, memory, branch, add } = doing;
  const { repository, commit, presses, afresh, deliveries, since } = what;
  const known = memory.of(repository).numberAt(commit);
  const { api, target, store } = await accesses.open(repository);
  const numbers =
    known === undefined
      ? await pullRequestsWith(api, target, branch, commit).catch(async problem => {
          if (!isForbidden(problem)) throw problem;
          const heads = await pullHeads(store);
          return heads.filter(head => head.commit === commit).map(({ number }) => number);
        })
      : [known];
  for (const number of numbers) {
    add({ is: 'pull-request', repository, number, presses, afresh, onlyClosed: false, deliveries, since });
  }
}

async function lookAtBranch({ accesses, branch, add }: Doing, what: LookAtBranch): Promise<void> {
  const { repository, moves, deliveries, since } = what;
  const { api, target, store } = await accesses.open(repository);
  const waiting = new Map((await openPullRequests(api, target, branch)).map(({ number, commit }) => [number, commit]));
  for (const { before, after } of waiting.size === 0 ? [] : moves) {
    const move = await readMove(store, before, after);
    for (const [number, commit] of waiting) {
      if (!(await isTouched(store, commit, move))) continue;
      waiting.delete(number);
      add({ is: 'pull-request', repository, number, presses: [], afresh: false, onlyClosed: false, deliveries, since });
    }
  }
}

async function sweep({ accesses, branch, add, log }: Doing, what: Sweep): Promise<void> {
  const { installation, deliveries, since } = what;
  if (installation === 'each') {
    for await (const one of accesses.installations()) add({ ...what, installation: one });
    return;
  }
  let [repositories, found] = [0, 0];
  for await (const repository of accesses.withRecords(installation)) {
    const { api, target, store } = await accesses.open(repository);
    // What is wrong with it is told where it matters.
    if (accesses.hasRoomAhead()) await readAhead(store).catch(() => {});
    const numbers = await pullRequestsToLookAt(api, target, branch, new Date()).catch(async problem => {
      if (!isForbidden(problem)) throw problem;
      log.error({ installation, repository: fullName(repository) }, problem.message);
      return (await pullHeads(store)).slice(0, mostUnread).map(({ number }) => number);
    });
    for (const number of numbers) {
      add({ is: 'pull-request', repository, number, presses: [], afresh: false, onlyClosed: false, deliveries, since });
    }
    repositories++;
    found += numbers.length;
  }
  log.info({ installation, repositories, found }, `swept: ${found} pull requests in ${repositories} repositories`);
}
