// One story of the App: two diff requests as pull requests, judged, answered and merged. Everything is real (git over
// HTTP, signed webhooks, the App as a process) but GitHub itself, which is the one that the tests use, on loopback.
// `npm run demo:github`, or `npm run demo:github -- --pace 0` to have it without waiting.
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs, styleText } from 'node:util';
import { registerApp, startApp } from '../test/support/app-process.ts';
import { bringRecord } from '../test/support/bring-record.ts';
import { startGitHub } from '../test/support/github/start-github.ts';
import type { CheckRun } from '../test/support/github/state/check-run.ts';
import type { PullRequest } from '../test/support/github/state/pull-request.ts';
import type { Repository } from '../test/support/github/state/repository.ts';
import { scientist } from '../test/support/scientist.ts';
import { type Colleague, online } from '../test/support/shared-project.ts';
import { markdownLines } from './markdown-lines.ts';

const top = join(import.meta.dirname, '..');
const { values } = parseArgs({ options: { pace: { type: 'string' } } });
/** Seconds between two steps: enough to read what changed, where somebody reads. */
const pace = Number(values.pace ?? (process.stdout.isTTY ? 4 : 0));

const say = (line = '') => process.stdout.write(`${line}\n`);
const width = Math.min(process.stdout.columns || 110, 110);

async function step(who: string, what: string): Promise<void> {
  await pause(pace * 1000);
  say();
  say(styleText(['bold', 'blue'], '━'.repeat(width)));
  say(`${styleText('bold', who)} ${what}`);
  say(styleText(['bold', 'blue'], '━'.repeat(width)));
}

const run = ['node', 'main.mjs', 'default.param'] as const;

await using github = await startGitHub();
await using ada = await scientist('ada', { files: null });
await using grace = await scientist('grace', { files: null });
const [owner, requester]: [Colleague, Colleague] = [
  { person: github.user('ada', 1815), at: ada },
  { person: github.user('grace', 1906), at: grace },
];
for (const { person, at } of [owner, requester]) {
  at.git('config', 'corroborate.login', person.account.login);
  at.git('config', 'corroborate.id', String(person.account.id));
}

say(styleText('bold', 'Corroborate on GitHub: the life of two claims'));
say(
  `A GitHub for tests is at ${github.origin}, with real git repositories behind it; the App is started as a process.`,
);

await step('ada', 'has a simulation on GitHub, and a record of one run on its branch `records`.');
cpSync(join(top, 'examples', 'ising'), ada.clone, { recursive: true });
ada.commit('A magnet that orders itself');
const repository = await owner.person.createRepository('acme/ising');
await online(owner, 'push', '-q', owner.person.remote(repository), 'main');
const toward = await ada.records('--reason', 'the magnet at T = 2', ...run);
await online(owner, 'push', '-q', owner.person.remote(repository), 'records');
say(`  record ${toward.id}: ${toward.status}, ${toward.outputs.length} output`);

const app = registerApp(github);
github.installs(app, repository);
await using running = await startApp(github, app);
await running.settles();
say(`  the App is installed on acme/ising and listens at ${running.process.url}`);

await step('grace', 'forks it, runs it again, and opens a pull request that says "I repeated this".');
const fork = await requester.person.forks(repository);
await online(requester, 'fetch', '-q', requester.person.remote(fork), 'main', '+records:records');
grace.git('reset', '-q', '--hard', 'FETCH_HEAD');
const first = await opensRequest('--reason', 'the same, on my machine');
await running.settles();
showPull(first);

await step('grace', 'comments `/agree` on it herself.');
requester.person.comments(first, `/agree ${first.headSha}`);
await running.settles();
showReplies(first);

await step('ada', 'reads the comparison and comments `/agree` with the commit, copied from the App’s comment.');
owner.person.comments(first, `/agree ${first.headSha}`);
await running.settles();
showChecks(first);
showEnd(first);
await showBranch();

await step('grace', 'runs it hotter (another input, other outputs), and claims that it was not reproduced.');
const parameters = readFileSync(grace.at('default.param'), 'utf8');
grace.write('default.param', parameters.replace('temperature = 2.0', 'temperature = 3.0'));
const second = await opensRequest('--observation', 'the magnetization is lost at T = 3');
await running.settles();
showPull(second);

await step('ada', 'does not find that surprising, and denies it with a reason.');
owner.person.comments(second, `/deny ${second.headSha} Above 2.269 it has to: that is physics, not another result.`);
await running.settles();
showChecks(second);
showEnd(second);
await showBranch();

say();
say(styleText('green', 'Everything above was made by the App, as a reviewer would see it in GitHub’s pages.'));
if (github.crashes.length > 0) throw new Error(`The GitHub for tests failed: ${github.crashes.join('; ')}`);

/** Runs it, opens a request toward Ada's record as the Action does, and the pull request. */
async function opensRequest(...words: readonly string[]): Promise<PullRequest> {
  const at = words.indexOf('--observation');
  const observation = at < 0 ? [] : words.slice(at, at + 2);
  const from = await grace.records(...words.filter(word => !observation.includes(word)), ...run);
  const request = await grace.requests(from.id, toward.id, ...observation);
  bringRecord(grace, request);
  await online(requester, 'push', '-q', requester.person.remote(fork), request.branch);
  say(`  record ${from.id}; branch ${request.branch} of grace/ising; claim: ${request.proposition}`);
  return requester.person.opensPull(repository, { from: fork, head: request.branch, base: 'records' });
}

function showPull(pull: PullRequest): void {
  say();
  say(styleText('bold', `Pull request #${pull.number} into records`) + labelsOf(pull));
  showChecks(pull);
  const comment = commentsOf(pull).find(({ body }) => body.includes('corroborate:request'));
  for (const line of markdownLines(comment?.body ?? '(no comment)', width - 4))
    say(`  ${styleText('dim', '│')} ${line}`);
}

function labelsOf(pull: PullRequest): string {
  return [...pull.labels].map(name => `  ${styleText('inverse', ` ${name} `)}`).join('');
}

function showChecks(pull: PullRequest): void {
  for (const check of checksOf(repository, pull.headSha)) {
    const good = check.conclusion === 'success';
    const mark = good
      ? styleText('green', '✔')
      : check.conclusion === 'failure'
        ? styleText('red', '✘')
        : styleText('yellow', '●');
    const buttons = check.actions.map(({ label }) => styleText('inverse', ` ${label} `)).join(' ');
    say(
      `  ${mark} ${check.name}: ${check.output.title ?? ''} ${styleText('dim', `(${check.conclusion ?? check.status})`)} ${buttons}`,
    );
  }
}

function checksOf({ checkRuns }: Repository, commit: string): CheckRun[] {
  const newest = new Map(
    [...checkRuns.values()].filter(one => one.suite.headSha === commit).map(one => [one.name, one]),
  );
  return [...newest.values()];
}

function commentsOf(pull: PullRequest) {
  return [...repository.comments.values()].filter(({ issue, author }) => issue === pull && author === app.bot);
}

function showReplies(pull: PullRequest): void {
  for (const { body } of commentsOf(pull).filter(one => one.body.includes('corroborate:reply'))) {
    for (const line of markdownLines(body, width - 4)) say(`  ${styleText('dim', '│')} ${line}`);
  }
}

function showEnd(pull: PullRequest): void {
  const end = pull.merged === null ? pull.state : 'merged';
  say(`  pull request #${pull.number} is ${styleText('bold', end)}${labelsOf(pull)}`);
}

async function showBranch(): Promise<void> {
  await online(owner, 'fetch', '-q', owner.person.remote(repository), '+records:refs/remotes/origin/records');
  say();
  say(styleText('bold', 'The front page of the branch records:'));
  const page = ada.git('show', 'refs/remotes/origin/records:README.md');
  for (const line of markdownLines(page, width - 4).slice(0, 24)) say(`  ${styleText('dim', '│')} ${line}`);
  const [head] = ada.git('log', '-1', '--format=%h %s (%p)', 'refs/remotes/origin/records').split('\n');
  say(`  newest commit: ${head}`);
}
