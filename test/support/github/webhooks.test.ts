import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { Octokit } from '@octokit/rest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bodyOf } from './http/serve.ts';
import { validator, webhookSchema } from './openapi/description.ts';
import { startGitHub } from './start-github.ts';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever came
  readonly payload: any;
}

const received: Received[] = [];
let status = 200;
const listener = createServer(async (request, response) => {
  const body = (await bodyOf(request)).toString('utf8');
  received.push({ headers: request.headers, body, payload: JSON.parse(body) });
  response.writeHead(status).end();
});
let webhookUrl: string;
beforeAll(async () => {
  await new Promise<void>(done => listener.listen(0, '127.0.0.1', done));
  webhookUrl = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/`;
});
afterAll(() => void listener.close());

const names = () =>
  received.map(({ headers, payload }) => [headers['x-github-event'], payload.action].filter(Boolean).join('.'));
const events = ['check_run', 'check_suite', 'issue_comment', 'issues', 'pull_request', 'pull_request_review', 'push'];
const permissions = { checks: 'write', contents: 'write', issues: 'write', pull_requests: 'write' } as const;

async function story() {
  received.length = 0;
  status = 200;
  const github = await startGitHub();
  const [ada, grace] = [github.user('ada', 1815), github.user('grace', 1906)];
  const repository = await ada.createRepository('acme/demo', { files: { a: 'a\n' } });
  const fork = await grace.forks(repository);
  const app = github.app('corroborate', { permissions, events, webhookUrl });
  const installation = github.installs(app, repository);
  const auth = github.installationToken(installation);
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const robot = new Octokit({ baseUrl: github.api, auth, log });
  return { github, ada, grace, repository, fork, app, installation, robot };
}

/** Paths of all that is in a payload, without what lists and maps hold. */
function paths(value: unknown, at = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => [`${at}${key}`, ...paths(item, `${at}${key}.`)]);
}

describe('webhooks', () => {
  test('tell of a pull request from its opening to its merge, signed, and as GitHub describes them', async () => {
    const { github, ada, grace, repository, fork, app, installation, robot } = await story();
    await using _ = github;
    await grace.commits(fork, 'work', { b: 'b\n' });
    const pull = await grace.opensPull(repository, { from: fork, head: 'work' });
    const first = pull.headSha;
    await grace.commits(fork, 'work', { c: 'c\n' });
    await ada.labels(pull, 'good');
    ada.invites(github.user('alan'), repository);
    await ada.asksForReview(pull, github.user('alan'));
    const comment = grace.comments(pull, 'hello');
    ada.edits(comment, 'hello there');
    ada.deletes(comment);
    const ours = { owner: 'acme', repo: 'demo' };
    const { data } = await robot.rest.checks.create({
      ...ours,
      name: 'Owner agreement',
      head_sha: pull.headSha,
      conclusion: 'action_required',
      actions: [{ label: 'Agree', description: 'agree', identifier: 'agree' }],
    });
    const run = repository.checkRuns.get(data.id)!;
    ada.presses(run, 'agree');
    ada.reruns(run);
    const review = ada.reviews(pull, 'approve');
    await ada.merges(pull);
    ada.opensIssue(repository, 'a question');
    await github.webhooks.settled();

    expect(github.webhooks.log.map(({ event, action }) => `${event}${action === null ? '' : `.${action}`}`)).toEqual([
      'installation.created',
      'pull_request.opened',
      'pull_request.synchronize',
      'pull_request.labeled',
      'pull_request.review_requested',
      'issue_comment.created',
      'issue_comment.edited',
      'issue_comment.deleted',
      'check_run.created',
      'check_run.completed',
      'check_run.requested_action',
      'check_run.rerequested',
      'pull_request_review.submitted',
      'push',
      'check_suite.requested',
      'pull_request.closed',
      'issues.opened',
    ]);
    // What is told in one go may arrive in any order.
    expect(names().sort()).toEqual(
      github.webhooks.log.map(({ event, action }) => `${event}${action === null ? '' : `.${action}`}`).sort(),
    );
    const one = (name: string) => received[names().indexOf(name)]!.payload;
    expect(one('pull_request.synchronize')).toMatchObject({
      before: first,
      after: pull.headSha,
      sender: { id: 1906 },
      installation: { id: installation.id },
      organization: { login: 'acme' },
    });
    expect(one('pull_request_review.submitted').review).toMatchObject({
      state: 'approved',
      commit_id: review.commit,
      user: { id: 1815 },
    });
    expect(one('check_run.requested_action')).toMatchObject({
      requested_action: { identifier: 'agree' },
      check_run: { head_sha: pull.headSha, pull_requests: [] },
    });
    expect(one('pull_request.closed').pull_request).toMatchObject({ merged: true, merged_by: { login: 'ada' } });
    expect(one('push')).toMatchObject({ ref: 'refs/heads/main', after: repository.branch('main'), forced: false });

    for (const { headers, body, payload } of received) {
      const signature = createHmac('sha256', app.webhookSecret).update(body).digest('hex');
      expect(headers['x-hub-signature-256']).toBe(`sha256=${signature}`);
      expect(headers['x-github-delivery']).toMatch(/^[0-9a-f-]{36}$/);
      const event = String(headers['x-github-event']);
      const name = [event, payload.action].filter(Boolean).join('-').replaceAll('_', '-');
      const schema = webhookSchema(name);
      expect(schema, name).toBeDefined();
      const validate = validator(schema!);
      expect(
        validate(payload) ? [] : validate.errors?.map(error => `${name}${error.instancePath} ${error.message}`),
      ).toEqual([]);
    }
  });

  test("hold all that GitHub's own examples have in common", async () => {
    const examples = createRequire(import.meta.url)('@octokit/webhooks-examples') as {
      readonly name: string;
      readonly examples: readonly { readonly action?: string }[];
    }[];
    const { github, ada, grace, repository, fork, robot } = await story();
    await using _ = github;
    await grace.commits(fork, 'work', { b: 'b\n' });
    const pull = await grace.opensPull(repository, { from: fork, head: 'work' });
    ada.comments(pull, 'hello');
    ada.reviews(pull, 'approve');
    await robot.rest.checks.create({ owner: 'acme', repo: 'demo', name: 'x', head_sha: pull.headSha });
    await ada.commits(repository, 'main', { d: 'd' });
    await github.webhooks.settled();
    const compared = [
      'pull_request.opened',
      'issue_comment.created',
      'pull_request_review.submitted',
      'check_run.created',
      'push',
    ];
    // Of another time, or of installations of other kinds.
    const retired =
      /(^|\.)(assignee|milestone|auto_merge|app\.events|permissions|external_url|license|active_lock_reason)(\.|$)/;
    for (const name of compared) {
      const [event, action] = name.split('.');
      const theirs = examples.find(one => one.name === event)!.examples.filter(one => one.action === action);
      const [some = [], ...others] = theirs.map(example => paths(example));
      const common = some.filter(path => others.every(other => other.includes(path)) && !retired.test(path));
      const mine = new Set(paths(received[names().indexOf(name)]!.payload));
      expect(common.length).toBeGreaterThan(50);
      expect(
        common.filter(path => !mine.has(path)),
        name,
      ).toEqual([]);
    }
  });

  test('come twice, late, out of order or never, and keep their number when they are sent again', async () => {
    const { github, ada, repository } = await story();
    await using _ = github;
    const { webhooks } = github;
    const issue = ada.opensIssue(repository, 'a question');
    await webhooks.settled();
    received.length = 0;

    webhooks.way = () => 'twice';
    ada.comments(issue, 'twice');
    await webhooks.settled();
    expect(new Set(received.map(({ headers }) => headers['x-github-delivery'])).size).toBe(1);
    expect(received).toHaveLength(2);

    webhooks.way = () => 'held';
    for (const body of ['one', 'two', 'three']) ada.comments(issue, body);
    await webhooks.settled();
    expect(received).toHaveLength(2);
    await webhooks.release(held => held.toReversed());
    expect(received.slice(2).map(({ payload }) => payload.comment.body)).toEqual(['three', 'two', 'one']);

    webhooks.way = delivery => (delivery.event === 'issue_comment' ? 'never' : 20);
    ada.comments(issue, 'never');
    await ada.closes(issue);
    expect(received).toHaveLength(5);
    await webhooks.settled();
    expect(names().at(-1)).toBe('issues.closed');
    expect(received).toHaveLength(6);

    status = 500;
    await webhooks.send(webhooks.log.at(-2)!);
    expect(webhooks.log.at(-2)!.attempts).toMatchObject([{ status: 500, redelivery: false }]);
  });

  test('go to the Apps that listen, where they are installed', async () => {
    const { github, ada, app, repository } = await story();
    await using _ = github;
    const other = await ada.createRepository('ada/other', { files: { a: 'a' } });
    const issue = ada.opensIssue(other, 'elsewhere');
    ada.comments(issue, 'x');
    app.events = ['push'];
    ada.opensIssue(repository, 'not heard');
    await ada.commits(repository, 'main', { b: 'b' });
    await github.webhooks.settled();
    expect(names()).toEqual(['installation.created', 'push']);
    await ada.branches(repository, 'main', null);
    await github.webhooks.settled();
    expect(received.at(-1)!.payload).toMatchObject({ deleted: true, after: '0'.repeat(40), head_commit: null });
  });
});
