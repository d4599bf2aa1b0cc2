import { expect, test } from 'vitest';
import { manifest, registerApp, startApp } from '../../support/app-process.ts';
import { isSwept } from '../../support/app-story.ts';
import { bringRecord } from '../../support/bring-record.ts';
import { openPull } from '../../support/github/deeds/open-pull.ts';
import type { GitHub } from '../../support/github/github.ts';
import { startGitHub } from '../../support/github/start-github.ts';
import type { Repository } from '../../support/github/state/repository.ts';
import { online, sharedProject } from '../../support/shared-project.ts';
import { simulate } from '../../support/simulation.ts';
import { until } from '../../support/until.ts';

const checksOf = (repository: Repository) =>
  Object.fromEntries([...repository.checkRuns.values()].map(({ name, conclusion }) => [name, conclusion]));
const callsOf = (github: GitHub) => github.calls.all.filter(({ kind }) => kind === 'installation' || kind === 'app');

test('a request is judged when it is opened, and merged when its owner agrees', async () => {
  await using github = await startGitHub();
  await using project = await sharedProject(github);
  const { repository, ada } = project;
  const app = registerApp(github);
  github.installs(app, repository);
  await using running = await startApp(github, app);
  await running.settles();

  let before = callsOf(github).length;
  const { pull } = await project.opensRequest();
  await running.settles();
  expect(checksOf(repository)).toEqual({ 'Table 1': 'success', 'Owner agreement': 'action_required' });
  const judging = callsOf(github)
    .slice(before)
    .filter(({ kind }) => kind === 'installation');
  expect(judging.length).toBeLessThanOrEqual(10);
  expect(judging.filter(({ writes }) => writes).length).toBeLessThanOrEqual(6);

  before = callsOf(github).length;
  ada.person.comments(pull, 'I shall look at it tomorrow.');
  await running.settles();
  expect(callsOf(github).length).toBe(before);

  ada.person.comments(pull, `/agree ${pull.headSha}`);
  await running.settles();
  expect(pull.merged).not.toBeNull();
  expect(checksOf(repository)).toEqual({ 'Table 1': 'success', 'Owner agreement': 'success' });
  const tip = repository.branch('records')!;
  expect((await repository.git.commit(tip))!.parents[1]).toBe(pull.headSha);
  expect(github.crashes).toEqual([]);
  expect(running.process.log.filter(({ level }) => level >= 50)).toEqual([]);
});

test('the buttons, "Re-run", a review and a push are nudges as well', async () => {
  await using github = await startGitHub();
  await using project = await sharedProject(github);
  const { repository, ada, grace } = project;
  ada.person.invites(grace.person, repository);
  const app = registerApp(github);
  github.installs(app, repository);
  await using running = await startApp(github, app);
  const first = await project.opensRequest();
  const second = await project.opensRequest();
  await running.settles();
  const run = (name: string, commit: string) =>
    [...repository.checkRuns.values()].findLast(one => one.name === name && one.suite.headSha === commit)!;
  const table = run('Table 1', first.pull.headSha);
  table.status = 'queued';
  table.conclusion = null;
  ada.person.reruns(table);
  await running.settles();
  expect(run('Table 1', first.pull.headSha).conclusion).toBe('success');

  // Not hers to press; nothing comes of it but a sentence.
  grace.person.presses(run('Owner agreement', first.pull.headSha), 'agree');
  await running.settles();
  expect(first.pull.merged).toBeNull();

  ada.person.presses(run('Owner agreement', first.pull.headSha), 'deny');
  ada.person.reviews(second.pull, 'approve');
  await running.settles();
  expect(first.pull.state).toBe('closed');
  expect(first.pull.merged).toBeNull();
  // What it was judged by does not turn when the branch has it without contents.
  expect(run('Table 1', first.pull.headSha).conclusion).toBe('success');
  expect(second.pull.merged).not.toBeNull();
});

test('pull requests of other branches cost no call at all', async () => {
  await using github = await startGitHub();
  await using project = await sharedProject(github);
  const { repository, ada, grace } = project;
  const app = registerApp(github);
  github.installs(app, repository);
  await using running = await startApp(github, app);
  await running.settles();
  const before = callsOf(github).length;
  await grace.person.commits(project.fork, 'idea', { 'idea.txt': 'an idea\n' });
  const pull = await grace.person.opensPull(repository, { from: project.fork, head: 'idea', base: 'main' });
  ada.person.comments(pull, '/recheck');
  ada.person.reviews(pull, 'comment', { body: '/agree 1234567' });
  await grace.person.commits(project.fork, 'idea', { 'idea.txt': 'a better idea\n' });
  await ada.person.commits(repository, 'main', { 'other.txt': 'unrelated\n' });
  await ada.person.merges(pull);
  await running.settles();
  expect(await running.process.metric('corroborate_deliveries_total{event="pull_request"}')).toBeGreaterThan(1);
  expect(callsOf(github).slice(before)).toEqual([]);
});

test('what was missed while it was away is made up for at the start', async () => {
  await using github = await startGitHub();
  await using project = await sharedProject(github);
  const { repository, ada } = project;
  const app = registerApp(github);
  github.installs(app, repository);
  const { pull } = await project.opensRequest();
  await using running = await startApp(github, app);
  await running.settles();
  expect(checksOf(repository)).toEqual({ 'Table 1': 'success', 'Owner agreement': 'action_required' });
  await running.process.end('SIGKILL');
  ada.person.comments(pull, `/agree ${pull.headSha}`);
  await github.webhooks.settled();
  expect(pull.merged).toBeNull();
  await running.process.start();
  await running.settles();
  expect(pull.merged).not.toBeNull();
});

test('its first sweep reads ahead, by git and without a call, what requests are held against', async () => {
  await using github = await startGitHub();
  await using project = await sharedProject(github);
  const app = registerApp(github);
  github.installs(app, project.repository);
  await using running = await startApp(github, app);
  await isSwept(running);
  await running.settles();
  // Where the branch is, twice; its tip; project.yml, history.yml and the requests; its root.
  expect(await running.process.metric('corroborate_git_requests_total{status="200"}')).toBeGreaterThanOrEqual(5);
  expect(callsOf(github).map(({ route }) => route)).toEqual([
    'GET /app/installations',
    'POST /app/installations/{installation_id}/access_tokens',
    'GET /installation/repositories',
    'GET /repos/{owner}/{repo}/pulls',
    'GET /repos/{owner}/{repo}/pulls',
  ]);
});

test('failures of GitHub are tried again, and its limits are waited for', async () => {
  await using github = await startGitHub();
  await using project = await sharedProject(github);
  const { repository } = project;
  const app = registerApp(github);
  github.installs(app, repository);
  await using running = await startApp(github, app);
  await running.settles();
  github.trouble.fails('POST /repos/{owner}/{repo}/check-runs', { status: 502, applied: true });
  github.trouble.limits('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', 'secondary', { retryAfter: 1 });
  await project.opensRequest();
  await until(() => checksOf(repository)['Owner agreement'] === 'action_required' && repository.comments.size === 1);
  await running.settles();
  expect([...repository.checkRuns.values()].map(({ name }) => name).sort()).toEqual(['Owner agreement', 'Table 1']);
  expect(await running.process.metric('corroborate_failures_total{code="RATE_LIMITED",again="yes"}')).toBe(1);
});

test('it finishes what it has in hand before it ends, and says so to whoever asks for its health', async () => {
  await using github = await startGitHub();
  await using project = await sharedProject(github);
  const { repository } = project;
  const app = registerApp(github);
  github.installs(app, repository);
  await using running = await startApp(github, app);
  await running.settles();
  expect(await running.process.page('/healthz')).toEqual({ status: 200, text: 'ok\n' });
  let isAsked = false;
  let goOn = () => {};
  github.trouble.before('POST /repos/{owner}/{repo}/check-runs', async () => {
    isAsked = true;
    await new Promise<void>(done => {
      goOn = done;
    });
  });
  await project.opensRequest();
  await until(() => isAsked);
  const ended = running.process.end('SIGTERM');
  await until(async () => (await running.process.page('/healthz')).status === 503);
  expect(checksOf(repository)).toEqual({});
  // GitHub hears that it was not taken, and keeps it to be sent again.
  const opened = github.webhooks.log.findLast(({ event }) => event === 'pull_request')!;
  await github.webhooks.send(opened);
  expect(opened.attempts.map(({ status }) => status)).toEqual([200, 500]);
  goOn();
  expect(await ended).toBe(0);
  expect(checksOf(repository)).toEqual({ 'Table 1': 'success', 'Owner agreement': 'action_required' });
  expect(repository.comments.size).toBe(1);
});

test('two replicas that get the same deliveries end where one does', async () => {
  await using github = await startGitHub();
  await using project = await sharedProject(github);
  const { repository, ada } = project;
  const app = registerApp(github);
  github.installs(app, repository);
  await using running = await startApp(github, app, { replicas: 2 });
  github.webhooks.way = () => 'twice';
  const { pull } = await project.opensRequest();
  await running.settles();
  ada.person.comments(pull, `/agree ${pull.headSha}`);
  await running.settles();
  expect(pull.merged).not.toBeNull();
  expect([...repository.comments.values()].filter(({ author }) => author === app.bot)).toHaveLength(1);
  const answers = await repository.git.commitsBetween(
    project.toward.id === '' ? null : null,
    repository.branch('records')!,
  );
  const merges = await Promise.all(answers.map(async id => (await repository.git.commit(id))!.parents.length));
  expect(merges.filter(parents => parents === 2)).toHaveLength(1);
});

test('starts by `probot run` with its own file as well', async () => {
  await using github = await startGitHub();
  const ada = github.user('ada', 1815);
  const repository = await ada.createRepository('acme/demo', { files: { 'README.md': '# demo\n' } });
  const app = registerApp(github);
  github.installs(app, repository);
  const top = new URL('../../../', import.meta.url).pathname;
  const command = [`${top}node_modules/probot/bin/probot.js`, 'run', `${top}lib/app.mjs`];
  await using running = await startApp(github, app, { command, environment: { NODE_ENV: 'development' } });
  await running.settles();
  expect((await running.process.page('/metrics')).text).toContain('# TYPE corroborate_judging_seconds histogram');
});

test.each(['info', 'trace'] as const)(
  'no secret is logged at the level %s, and no content at the usual one',
  async level => {
    await using github = await startGitHub();
    await using project = await sharedProject(github);
    const app = registerApp(github);
    github.installs(app, project.repository);
    await using running = await startApp(github, app, { environment: { LOG_LEVEL: level } });
    await project.opensRequest();
    await running.settles();
    const { output, log } = running.process;
    expect(output).not.toContain(app.webhookSecret);
    expect(output).not.toContain(app.privateKey.split('\n')[3]!);
    expect(output).not.toMatch(/\bghs_|basic [a-z0-9+/=]{20}/i);
    if (level === 'info') expect(output).not.toContain('corroborate:request');
    const looked = log.find(({ stage }) => stage === 'waiting');
    const delivery = github.webhooks.log.find(({ event }) => event === 'pull_request')!.guid;
    expect(looked).toMatchObject({ repository: 'acme/demo', pull: 1, deliveries: [delivery] });
  },
);

/** The calls that GitHub refuses, on the way of a request from its opening by a workflow to its merge. */
async function refusedWithout(name: string): Promise<string[]> {
  await using github = await startGitHub();
  await using project = await sharedProject(github);
  const { repository, ada } = project;
  const { [name]: _, ...permissions } = manifest.default_permissions;
  const app = registerApp(github, { permissions });
  github.installs(app, repository);
  await using running = await startApp(github, app);
  // Ada repeats her own run in a workflow of her repository, which opens the request with its own token.
  const from = await ada.at.records(...simulate);
  const request = await ada.at.requests(from.id, project.toward.id);
  const run = ada.person.startsWorkflow(repository);
  bringRecord(ada.at, request, diff => diff.replace('run: null', `run: ${run.id}`));
  await online(ada, 'push', '-q', ada.person.remote(repository), request.branch);
  repository.actionsMayOpenPulls = true;
  const head = { head: request.branch, base: 'records', title: 'repeated' };
  const pull = await openPull(github, repository, head, { account: github.actionsApp.bot, app: github.actionsApp });
  await running.settles();
  ada.person.comments(pull, `/agree ${pull.headSha}`);
  await running.settles();
  // Without checks it is all told in the comment.
  expect(pull.merged !== null).toBe(name === 'none' || name === 'checks');
  return github.calls.all
    .filter(({ kind, status }) => kind === 'installation' && status === 403)
    .map(({ route }) => route);
}

test.each([
  ['checks', 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs'],
  ['contents', 'POST /repos/{owner}/{repo}/git/trees'],
  ['pull_requests', 'GET /repos/{owner}/{repo}/pulls/{pull_number}'],
  ['actions', 'GET /repos/{owner}/{repo}/actions/runs/{run_id}'],
])('the permission %s is needed, for %s among others', async (name, route) => {
  expect(await refusedWithout(name)).toContain(route);
});

test('with all of them nothing is refused', async () => {
  expect(await refusedWithout('none')).toEqual([]);
});
