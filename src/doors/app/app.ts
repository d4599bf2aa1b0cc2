import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApplicationFunctionOptions, Probot } from 'probot';
import { Problem } from '../../domain/problem.ts';
import { doOrder, PullRequestMemory } from './do-order.ts';
import { JudgingPool } from './judging-pool.ts';
import { Metrics } from './metrics.ts';
import {
  type Nudge,
  nudgeOfCheckRun,
  nudgeOfCheckSuite,
  nudgeOfComment,
  nudgeOfPullRequest,
  nudgeOfPush,
  nudgeOfReview,
} from './nudge.ts';
import { mergedOrder, orderOf, type What } from './order.ts';
import { patienceWith } from './patience.ts';
import { type NamedRepository, RepositoryAccesses } from './repository-access.ts';
import { readSettings } from './settings.ts';
import { WorkQueue } from './work-queue.ts';

interface RepositoryDelivery {
  readonly id: string;
  readonly payload: {
    readonly installation?: { readonly id: number } | undefined;
    readonly repository: {
      readonly id: number;
      readonly name: string;
      readonly private: boolean;
      readonly owner: { readonly login?: string; readonly name?: string | null } | null;
    };
  };
}

/**
 * The App, as Probot runs it: deliveries become nudges, nudges become work in a queue, and each piece of work looks at
 * what GitHub holds then. A delivery is answered as soon as its work is in the queue.
 */
export default async function corroborate(app: Probot, { addHandler }: ApplicationFunctionOptions): Promise<void> {
  const settings = readSettings(process.env);
  const { recordsBranch: branch } = settings;
  const metrics = new Metrics();
  const memory = new PullRequestMemory();
  const log = app.log.child({ name: 'corroborate' });
  const accesses = new RepositoryAccesses(app, settings, metrics);
  const pool = new JudgingPool({
    ...settings.judging,
    onRestart: why => {
      metrics.restarts.add();
      log.warn({ why: why.message }, `a judging thread was ended: ${why.message}`);
    },
  });
  const add = (what: What) => queue.add(orderOf(what));
  const doing = { accesses, pool, metrics, memory, log, branch, add };
  const queue = new WorkQueue<What>({
    parallel: settings.parallel,
    work: ({ what }) => doOrder(doing, what),
    merge: mergedOrder,
    patience: (error, tries) => patienceWith(error, tries, new Date(), Math.random),
    failed({ key, what }, error, patience) {
      const isProblem = error instanceof Problem;
      const code = isProblem ? error.code : 'DEFECT';
      metrics.failures.add({ code, again: patience === null ? 'no' : 'yes' });
      const { deliveries } = what;
      const again = patience === null ? null : Math.round(patience.milliseconds / 1000);
      const { message, stack } = error instanceof Error ? error : new Error(String(error));
      // Its own words and no more: what an error carries along may hold anything.
      const facts = { work: key, deliveries, code, again, ...(isProblem ? {} : { stack }) };
      if (patience === null) log.error(facts, message);
      else log.warn(facts, message);
    },
    later(milliseconds, call) {
      const timer = setTimeout(call, milliseconds);
      return () => clearTimeout(timer);
    },
  });
  metrics.gauge('corroborate_queue_length', 'Work that waits.', () => queue.waiting);
  metrics.gauge('corroborate_queue_running', 'Work that is going on.', () => queue.running);

  function take({ id, payload }: RepositoryDelivery, nudge: Nudge | null): void {
    const { installation, repository: found } = payload;
    const owner = found.owner?.login ?? found.owner?.name;
    if (nudge === null || installation === undefined || owner == null) return;
    const { id: repositoryId, name, private: isPrivate } = found;
    const repository: NamedRepository = { installation: installation.id, id: repositoryId, owner, name, isPrivate };
    const asked = { repository, deliveries: [id], since: performance.now() };
    if (nudge.at === 'branch') {
      add({ is: 'branch', ...asked, moves: [{ before: nudge.before, after: nudge.after }] });
    } else if (nudge.at === 'pull-request') {
      const { number, closed } = nudge;
      add({ is: 'pull-request', ...asked, number, presses: [], afresh: false, onlyClosed: closed });
    } else {
      const { commit, numbers, press, afresh } = nudge;
      const wanted = { ...asked, presses: press === null ? [] : [press], afresh };
      if (numbers.length === 0) add({ is: 'commit', ...wanted, commit });
      for (const number of numbers) add({ is: 'pull-request', ...wanted, number, onlyClosed: false });
    }
  }

  app.onAny(({ name }) => metrics.deliveries.add({ event: name }));
  app.on('pull_request', delivery => {
    take(delivery, nudgeOfPullRequest(delivery.payload, branch, memory.of(delivery.payload.repository)));
  });
  app.on(['pull_request_review.submitted', 'pull_request_review.dismissed'], delivery => {
    take(delivery, nudgeOfReview(delivery.payload, branch, memory.of(delivery.payload.repository)));
  });
  app.on('issue_comment.created', delivery => {
    take(delivery, nudgeOfComment(delivery.payload, memory.of(delivery.payload.repository)));
  });
  app.on(['check_run.rerequested', 'check_run.requested_action'], delivery => {
    take(delivery, nudgeOfCheckRun(delivery.payload, branch, new Date()));
  });
  app.on('check_suite.rerequested', delivery => take(delivery, nudgeOfCheckSuite(delivery.payload, branch)));
  app.on('push', delivery => take(delivery, nudgeOfPush(delivery.payload, branch)));
  app.on(['installation', 'installation_repositories'], ({ id, payload }) => {
    const { id: installation } = payload.installation;
    if (payload.action === 'deleted' || payload.action === 'suspend') accesses.forgetInstallation(installation);
    else if (payload.action !== 'removed') sweep(installation, [id]);
  });

  function sweep(installation: number, deliveries: readonly string[]): void {
    add({ is: 'sweep', installation, deliveries, since: performance.now() });
  }

  async function sweepAll(tries = 1): Promise<void> {
    try {
      const octokit = await app.auth();
      for await (const { data } of octokit.paginate.iterator('GET /app/installations', { per_page: 100 })) {
        for (const { id, suspended_at: suspended } of data) if (suspended === null) sweep(id, []);
      }
    } catch (error) {
      if (isLeaving) return;
      const patience = patienceWith(error, tries, new Date(), Math.random);
      log.error(
        { again: patience?.milliseconds ?? null },
        `the installations could not be listed: ${(error as Error).message}`,
      );
      if (patience !== null) setTimeout(() => void sweepAll(tries + 1), patience.milliseconds).unref();
    }
  }

  let isLeaving = false;
  async function leave(signal: NodeJS.Signals): Promise<never> {
    if (isLeaving) process.exit(1);
    isLeaving = true;
    log.info({ running: queue.running, waiting: queue.waiting }, `${signal}: work in hand is finished first`);
    const { left } = await queue.close(settings.farewell);
    await pool.close();
    log.info({ left }, left === 0 ? 'all work is done' : `${left} pieces of work are left for the next start`);
    process.exit(0);
  }
  // Before Probot's own, which ends the process while work is in hand.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void leave(signal));

  // The manifest flow registers the address of the server itself for webhooks.
  addHandler(await app.getNodeMiddleware({ path: '/' }));
  addHandler((request, response) => page(request, response));

  function page(request: IncomingMessage, response: ServerResponse): boolean {
    const path = request.url?.split('?')[0];
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    if (path === '/healthz') {
      response.writeHead(isLeaving ? 503 : 200, { 'content-type': 'text/plain' }).end(isLeaving ? 'leaving\n' : 'ok\n');
      return true;
    }
    if (path !== '/metrics') return false;
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(metrics.page());
    return true;
  }

  // Deliveries need not wait for it, nor it for GitHub to be there.
  void sweepAll();
  if (settings.sweepEvery !== null) setInterval(() => void sweepAll(), settings.sweepEvery).unref();
}
