import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApplicationFunctionOptions, Probot } from 'probot';
import { Problem } from '../../domain/problem.ts';
import { listen } from './deliveries.ts';
import { doOrder } from './do-order.ts';
import { JudgingPool } from './judging-pool.ts';
import { Metrics } from './metrics.ts';
import { mergedOrder, orderOf, type What } from './order.ts';
import { patienceWith } from './patience.ts';
import { practiceTimes, practiseShowing } from './practice.ts';
import { PullRequestMemory } from './pull-request-memory.ts';
import { RepositoryAccesses } from './repository-access.ts';
import { readSettings } from './settings.ts';
import { WorkQueue } from './work-queue.ts';

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
  let isLeaving = false;
  /** What comes of work: a press is lost with this process, all else is found at the next start. */
  const add = (what: What) => {
    if (!isLeaving || ('presses' in what && what.presses.length > 0)) queue.add(orderOf(what));
  };
  const doing = { accesses, pool, metrics, memory, log, branch, add };
  const queue = new WorkQueue<What>({
    parallel: settings.parallel,
    work: ({ what }) => doOrder(doing, what),
    merge: mergedOrder,
    patience: (error, tries) => patienceWith(error, tries, new Date(), Math.random),
    failed({ key, what }, error, patience) {
      const code = codeOf(error);
      metrics.failures.add({ code, again: patience === null ? 'no' : 'yes' });
      const { deliveries } = what;
      const again = patience === null ? null : Math.round(patience.milliseconds / 1000);
      const { message, stack } = error instanceof Error ? error : new Error(String(error));
      // Its own words and no more: what an error carries along may hold anything.
      const facts = { work: key, deliveries, code, again, ...(code === 'DEFECT' ? { stack } : {}) };
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

  /** GitHub is told where a delivery was not taken; it keeps it to be sent again. */
  function addOfDelivery(what: What): void {
    if (isLeaving) throw new Problem('BUSY', 'the App is being stopped and takes no deliveries.');
    add(what);
  }

  function sweep(installation: number | 'each', deliveries: readonly string[]): void {
    add({ is: 'sweep', installation, deliveries, since: performance.now() });
  }

  await withoutEventOctokit(app);
  listen(app, {
    branch,
    memory,
    metrics,
    add: addOfDelivery,
    sweep,
    forget: installation => accesses.forgetInstallation(installation),
  });

  async function leave(signal: NodeJS.Signals): Promise<never> {
    if (isLeaving) process.exit(1);
    isLeaving = true;
    log.info({ running: queue.running, waiting: queue.waiting }, `${signal}: work in hand is finished first`);
    const { left } = await queue.close(settings.farewell);
    await pool.close();
    log.info({ left }, left === 0 ? 'all work is done' : `${left} pieces of work are left for the next start`);
    process.exit(0);
  }
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

  // Before anything is asked of it: Probot listens once this is done.
  await practiseShowing(practiceTimes);
  await pool.ready();
  sweep('each', []);
  if (settings.sweepEvery !== null) setInterval(() => sweep('each', []), settings.sweepEvery).unref();
}

/**
 * Probot makes an Octokit, with all its plugins, for each delivery, which costs more than all else that is done with
 * most of them. Nothing here uses it: calls are made later, by the queue.
 */
async function withoutEventOctokit(app: Probot): Promise<void> {
  const octokit = await app.auth();
  const none = { hook: { before() {} } };
  const { auth } = octokit;
  const authenticate = async (...words: Parameters<typeof auth>) =>
    (words[0] as { type?: string } | undefined)?.type === 'event-octokit' ? none : auth(...words);
  octokit.auth = Object.assign(authenticate, auth) as typeof auth;
}

/** Octokit's own errors have a status, and come of calls that no room of ours makes. */
function codeOf(error: unknown): Problem['code'] | 'HTTP' {
  if (error instanceof Problem) return error.code;
  return typeof (error as { status?: unknown } | null)?.status === 'number' ? 'HTTP' : 'DEFECT';
}
