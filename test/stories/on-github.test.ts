import { expect, test } from 'vitest';
import { registerApp, startApp } from '../support/app-process.ts';
import type { GitHub } from '../support/github/github.ts';
import type { Person } from '../support/github/person.ts';
import { startGitHub } from '../support/github/start-github.ts';
import type { Repository } from '../support/github/state/repository.ts';
import { Job, onGitHub, type StepInputs } from '../support/runner.ts';
import { scientist } from '../support/scientist.ts';
import { configured, simulation } from '../support/simulation.ts';

const command = 'sh simulate.sh default.param';
const asks = { command, toward: 'latest', request: 'true' };

async function runsAction(github: GitHub, actor: Person, repository: Repository, inputs: StepInputs) {
  await using job = new Job(github, { actor, repository });
  const end = await job.run(inputs);
  expect(end.code, end.log).toBe(0);
  return end.outputs;
}

async function start() {
  const github = await startGitHub();
  const [ada, grace] = [github.user('ada', 1815), github.user('grace', 1906)];
  const files = { ...simulation, 'corroborate.yml': configured };
  const repository = await ada.createRepository('acme/demo', { files });
  const app = registerApp(github);
  github.installs(app, repository);
  const running = await startApp(github, app);
  return {
    github,
    ada,
    grace,
    repository,
    settles: () => running.settles(),
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
      await github[Symbol.asyncDispose]();
    },
  };
}

const checksOf = (repository: Repository) =>
  Object.fromEntries([...repository.checkRuns.values()].map(({ name, conclusion }) => [name, conclusion]));

test("from end to end: the owner's Action records, a fork records and asks, the App judges, the owner approves, and the front page of the branch shows it", async () => {
  await using place = await start();
  const { github, ada, grace, repository } = place;
  const hers = await runsAction(github, ada, repository, { command });
  const fork = await grace.forks(repository, { defaultBranchOnly: true });
  const { 'diff-request-url': link, 'record-id': from } = await runsAction(github, grace, fork, asks);

  // One click on what the link has filled in.
  const url = new URL(link!);
  const [, base, login, , head] = /\/compare\/([^.]+)\.\.\.([^:]+):([^:]+):(.+)$/.exec(url.pathname)!;
  expect(login).toBe('grace');
  const [title, body] = ['title', 'body'].map(name => url.searchParams.get(name)!);
  const pull = await grace.opensPull(repository, { from: fork, head: head!, base: base!, title: title!, body: body! });
  await place.settles();
  expect(checksOf(repository)).toEqual({ 'Table 1': 'success', 'Owner agreement': 'action_required' });

  ada.reviews(pull, 'approve');
  await place.settles();
  expect(pull.merged).not.toBeNull();
  expect(checksOf(repository)).toEqual({ 'Table 1': 'success', 'Owner agreement': 'success' });
  expect(onGitHub(repository, 'assessment.yml')).toMatch(/property: repeatable\n/);
  const page = onGitHub(repository, 'README.md');
  expect(page).toContain('repeated');
  expect(page).toContain(from!);
  expect(page).toContain(hers['record-id']!);
  expect(github.crashes).toEqual([]);

  // And whoever clones it finds every invariant held.
  await using alan = await scientist('alan', { clones: repository.git.folder });
  alan.git('branch', 'records', 'origin/records');
  expect(await alan.asks('verify')).toMatchObject({ verdict: 'holds', records: 2, problems: [] });
});

test('a request that a workflow opened speaks for whoever set the workflow off, as the App finds with GitHub', async () => {
  await using place = await start();
  const { github, ada, grace, repository } = place;
  ada.invites(grace, repository);
  await runsAction(github, ada, repository, { command });
  const outputs = await runsAction(github, grace, repository, asks);
  const [pull] = repository.pulls();
  expect(outputs['diff-request-url']).toContain(`/pull/${pull!.number}`);
  expect(pull!.author.login).toBe('github-actions[bot]');
  await place.settles();
  expect(checksOf(repository)).toEqual({ 'Table 1': 'success', 'Owner agreement': 'action_required' });
  ada.reviews(pull!, 'approve');
  await place.settles();
  expect(pull!.merged).not.toBeNull();
  expect(onGitHub(repository, 'assessment.yml')).toContain('people: 2');
});
