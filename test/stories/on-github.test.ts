import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
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

/** The bit-rot watch of examples/workflows, for one night. */
const watch = {
  reproduce: 'agreed',
  limit: '1',
  request: 'true',
  observation: 'Run again by the nightly watch.',
  'fail-on': 'non-repeatable\nunknown',
};

test('what two owners agreed on is watched: each outcome is claimed once, answered or not', async () => {
  await using place = await start();
  const { github, ada, grace, repository } = place;
  ada.invites(grace, repository);
  const first = (await runsAction(github, ada, repository, { command }))['record-id']!;
  await runsAction(github, grace, repository, asks);
  const agrees = async () => {
    const [pull] = waiting();
    await place.settles();
    ada.reviews(pull!, 'approve');
    await place.settles();
    expect(pull!.merged).not.toBeNull();
  };
  const waiting = () => repository.pulls().filter(({ state }) => state === 'open');
  const night = async (environment: NodeJS.ProcessEnv = {}) => {
    await using job = new Job(github, { actor: ada, repository, event: 'schedule', environment });
    return await job.run(watch);
  };
  await agrees();

  const nights = [await night(), await night()];
  expect(nights[0]!.code, nights[0]!.log).toBe(0);
  expect(nights[0]!.outputs).toMatchObject({ status: 'finished', assessment: 'repeatable', proposition: 'repeated' });
  const record = parse(onGitHub(repository, `${nights[0]!.outputs['record-path']}/record.yml`));
  expect(record).toMatchObject({ reproduces: first, owner: { login: 'ada' } });
  expect(nights[0]!.summary).toContain('1 of 1 agreed record tried');
  expect(nights[1]!.outputs['diff-request-url']).toBe(nights[0]!.outputs['diff-request-url']);
  expect(waiting()).toHaveLength(1);
  await agrees();
  const after = await night();
  expect(after.code, after.log).toBe(0);
  expect(after.log).toContain(`ada has claimed \`repeated\` of ${first} before, and it was agreed`);
  expect(waiting()).toEqual([]);

  // One morning awk is another.
  const folder = mkdtempSync(join(tmpdir(), 'corroborate-awk-'));
  try {
    writeFileSync(
      join(folder, 'awk'),
      `#!/bin/sh\n${execFileSync('which', ['awk'], { encoding: 'utf8' }).trim()} "$@" | sort\n`,
    );
    chmodSync(join(folder, 'awk'), 0o755);
    const rotten = { PATH: `${folder}:${process.env.PATH}` };
    const found = await night(rotten);
    expect(found.code, found.log).toBe(1);
    expect(found.log).toContain(`${first}: Table 1 says non-repeatable, which`);
    const [pull] = waiting();
    expect(found.outputs['diff-request-url']).toContain(`/pull/${pull!.number}`);
    expect((await night(rotten)).outputs['diff-request-url']).toContain(`/pull/${pull!.number}`);
    expect(waiting()).toHaveLength(1);
    await agrees();
    expect(onGitHub(repository, 'assessment.yml')).toContain('property: mixed\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
  expect(github.crashes).toEqual([]);
});
