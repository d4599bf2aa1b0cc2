import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { DiffRequest } from '../../../src/domain/generated/shapes.ts';
import type { GitHub } from '../../support/github/github.ts';
import type { Person } from '../../support/github/person.ts';
import { startGitHub } from '../../support/github/start-github.ts';
import type { Repository } from '../../support/github/state/repository.ts';
import { Job, onGitHub, type StepInputs } from '../../support/runner.ts';
import { configured, simulation } from '../../support/simulation.ts';

const command = 'sh simulate.sh default.param';
const files: Readonly<{ [path: string]: string }> = { ...simulation, 'corroborate.yml': configured };
const asks = { command, toward: 'latest', request: 'true' };

async function runs(
  github: GitHub,
  actor: Person,
  repository: Repository,
  inputs: StepInputs,
  token?: string,
  environment: NodeJS.ProcessEnv = {},
) {
  await using job = new Job(github, { actor, repository, environment, ...(token === undefined ? {} : { token }) });
  const end = await job.run(inputs);
  expect(end.code, end.log).toBe(0);
  return end;
}

/** Ada's repository with one record of hers. */
async function start() {
  const github = await startGitHub();
  const [ada, grace] = [github.user('ada', 1815), github.user('grace', 1906)];
  const repository = await ada.createRepository('acme/demo', { files });
  const first = await runs(github, ada, repository, { command });
  return { github, ada, grace, repository, first, [Symbol.asyncDispose]: () => github[Symbol.asyncDispose]() };
}

const diffOf = (repository: Repository, id: string) => {
  const digits = id.slice(17);
  const path = `diffs/${digits.slice(0, 2)}/${digits.slice(2, 4)}/${id}.yml`;
  return parse(onGitHub(repository, path, `diffs/${id}`)) as DiffRequest;
};
const diffBranches = (repository: Repository) =>
  [...repository.git.refs.list('refs/heads/diffs').keys()].map(ref => ref.slice('refs/heads/diffs/'.length));

/** The call log without the paths. */
const callsOf = (github: GitHub) => github.calls.all.map(({ route }) => route);

test('in its own repository: compared with the latest, and the pull request is open; asked twice, it is the same', async () => {
  await using place = await start();
  const { github, ada, repository, first } = place;
  github.calls.clear();
  const second = await runs(github, ada, repository, asks);
  expect(callsOf(github).length, callsOf(github).join('\n')).toBeLessThanOrEqual(5);
  expect(second.outputs).toMatchObject({ assessment: 'repeatable', proposition: 'repeated' });
  const [pull] = repository.pulls();
  expect(second.outputs['diff-request-url']).toBe(`${github.origin}/acme/demo/pull/${pull!.number}`);
  expect(pull!.baseBranch).toBe('records');
  const [id] = diffBranches(repository);
  expect(diffOf(repository, id!)).toMatchObject({
    sender: { login: 'ada', id: 1815 },
    from: second.outputs['record-id'],
    toward: first.outputs['record-id'],
    proposition: 'repeated',
    run: expect.any(Number),
    status: 'proposed',
  });
  expect(second.summary).toContain(`[The diff request](${second.outputs['diff-request-url']})`);
  expect(second.summary).toContain('👉 **repeatable**');
  expect(second.summary).not.toContain('corroborate request');

  const again = await runs(github, ada, repository, { ...asks, toward: first.outputs['record-id']! });
  expect(again.outputs['diff-request-url']).toBe(second.outputs['diff-request-url']);
  expect(again.summary).toContain('is open already');
  expect(diffBranches(repository)).toEqual([id]);
  // Toward another record it is another claim.
  const other = await runs(github, ada, repository, asks);
  expect(other.outputs['diff-request-url']).not.toBe(second.outputs['diff-request-url']);
  // Once it is closed nobody waits for it any more.
  await ada.closes(pull!);
  const later = await runs(github, ada, repository, { ...asks, toward: first.outputs['record-id']! });
  expect(later.outputs['diff-request-url']).not.toBe(second.outputs['diff-request-url']);
});

test("what another App's bot has opened keeps nobody from asking", async () => {
  await using place = await start();
  const { github, ada, repository, first } = place;
  const toward = first.outputs['record-id']!;
  const second = await runs(github, ada, repository, { ...asks, toward });
  const [pull] = repository.pulls();
  Object.assign(pull!, { author: github.app('helpful-bot').bot });
  const again = await runs(github, ada, repository, { ...asks, toward });
  expect(again.outputs['diff-request-url']).toMatch(/\/pull\/\d+$/);
  expect(again.outputs['diff-request-url']).not.toBe(second.outputs['diff-request-url']);
});

test('where workflows may open no pull requests: the branch, and the link; asked twice, the same one', async () => {
  await using place = await start();
  const { github, ada, repository, first } = place;
  repository.actionsMayOpenPulls = false;
  const toward = first.outputs['record-id']!;
  const second = await runs(github, ada, repository, { ...asks, toward });
  const [id] = diffBranches(repository);
  const url = new URL(second.outputs['diff-request-url']!);
  expect(`${url.origin}${url.pathname}`).toBe(`${github.origin}/acme/demo/compare/records...diffs/${id}`);
  expect(second.summary).toContain('[Open the diff request](');
  expect(second.summary).toContain('one click');
  const again = await runs(github, ada, repository, { ...asks, toward });
  expect(again.outputs['diff-request-url']).toContain(`records...diffs/${id}?`);
  expect(diffBranches(repository)).toEqual([id]);
  expect(repository.pulls()).toEqual([]);
});

test.each([
  ['without a records branch in the fork', true],
  ['with one', false],
])(
  'from a fork, %s: compared with the latest of the parent; a branch, and the link that opens it',
  async (_, alone) => {
    await using place = await start();
    const { github, grace, repository, first } = place;
    const fork = await grace.forks(repository, { defaultBranchOnly: alone });
    const end = await runs(github, grace, fork, asks);
    expect(end.outputs).toMatchObject({ assessment: 'repeatable', proposition: 'repeated' });
    const [id] = diffBranches(fork);
    expect(diffOf(fork, id!)).toMatchObject({ sender: { login: 'grace' }, toward: first.outputs['record-id'] });
    const url = new URL(end.outputs['diff-request-url']!);
    expect(`${url.origin}${url.pathname}`).toBe(`${github.origin}/acme/demo/compare/records...grace:demo:diffs/${id}`);
    expect(url.searchParams.get('expand')).toBe('1');
    expect(url.searchParams.get('title')).toBe(`${end.outputs['record-id']} repeated ${first.outputs['record-id']}`);
    expect(repository.pulls()).toEqual([]);

    // Nobody has clicked yet: asked again, it is the same link. Once somebody has, it is the pull request.
    const toward = first.outputs['record-id']!;
    const again = await runs(github, grace, fork, { ...asks, toward });
    expect(diffBranches(fork)).toEqual([id]);
    expect(again.outputs['diff-request-url']).toContain(`grace:demo:diffs/${id}?`);
    const pull = await grace.opensPull(repository, { from: fork, head: `diffs/${id}`, base: 'records' });
    const third = await runs(github, grace, fork, { ...asks, toward });
    expect(third.outputs['diff-request-url']).toBe(`${github.origin}/acme/demo/pull/${pull.number}`);
    expect(diffBranches(fork)).toEqual([id]);

    // One commit on top of the root, that only adds: the record with its container, and the claim.
    const changed = fork.git.folder;
    const listing = execFileSync('git', ['--git-dir', changed, 'show', '--name-status', '--format=%P', `diffs/${id}`], {
      encoding: 'utf8',
    });
    const [parent, , ...names] = listing.trim().split('\n');
    const root = execFileSync('git', ['--git-dir', repository.git.folder, 'rev-list', '--max-parents=0', 'records'], {
      encoding: 'utf8',
    });
    expect(parent).toBe(root.trim());
    expect(names.every(line => line.startsWith('A\t'))).toBe(true);
    expect(names.some(line => line.endsWith(`${end.outputs['record-path']}/record.yml`))).toBe(true);
  },
);

test('from a fork with a personal token: the pull request is open at once, in the name of its owner', async () => {
  await using place = await start();
  const { github, grace, repository } = place;
  const fork = await grace.forks(repository, { defaultBranchOnly: true });
  const end = await runs(github, grace, fork, asks, grace.token());
  const [pull] = repository.pulls();
  expect(end.outputs['diff-request-url']).toBe(`${github.origin}/acme/demo/pull/${pull!.number}`);
  expect(pull!.author.login).toBe('grace');
});

test("somebody else's personal token opens nothing that would not count", async () => {
  await using place = await start();
  const { github, ada, grace, repository } = place;
  const fork = await grace.forks(repository);
  grace.invites(ada, fork);
  const end = await runs(github, grace, fork, asks, ada.token());
  expect(repository.pulls()).toEqual([]);
  expect(end.outputs['diff-request-url']).toContain('/compare/records...grace:demo:');
  expect(end.summary).toContain("the token is ada's");
});

test('a bot set it off: the project owner speaks for the record, and has to click', async () => {
  await using place = await start();
  const { github, ada, repository } = place;
  const end = await runs(github, ada, repository, asks, undefined, {
    GITHUB_ACTOR: 'renovate[bot]',
    GITHUB_ACTOR_ID: '29139614',
  });
  const [id] = diffBranches(repository);
  expect(diffOf(repository, id!).sender).toEqual({ login: 'ada', id: 1815 });
  expect(end.outputs['diff-request-url']).toContain('/compare/');
  const record = parse(onGitHub(repository, `${end.outputs['record-path']}/record.yml`));
  expect(record.owner).toEqual({ login: 'renovate[bot]', id: 29139614 });
});

const otherSource = { ...files, 'model.sh': files['model.sh']!.replace('16807', '16806') };

test('a wrong proposition fails the step once the record is stored, and nothing is asked', async () => {
  await using place = await start();
  const { github, ada, repository } = place;
  await using job = new Job(github, { actor: ada, repository });
  const end = await job.run({ ...asks, proposition: 'reproduced' });
  expect(end.code).toBe(1);
  expect(end.log).toContain('::error title=Corroborate::the proposition is reproduced, but Table 1 says repeatable');
  expect(onGitHub(repository, `${end.outputs['record-path']}/record.yml`)).toContain('status: finished');
  expect(end.outputs['diff-request-url']).toBe('');
  expect(diffBranches(repository)).toEqual([]);
});

test('where Table 1 says unknown a request needs an observation, and fail-on fails the step', async () => {
  await using place = await start();
  const { github, ada, repository } = place;
  await ada.commits(repository, 'main', otherSource);
  const silent = await runs(github, ada, repository, asks);
  expect(silent.outputs).toMatchObject({
    assessment: 'unknown',
    proposition: 'non-reproduced',
    'diff-request-url': '',
  });
  expect(silent.log).toContain('::notice title=Corroborate::No diff request was opened');
  const toward = place.first.outputs['record-id']!;
  await using job = new Job(github, { actor: ada, repository });
  const said = await job.run({ ...asks, toward, observation: 'other numbers', 'fail-on': 'non-repeatable\nunknown' });
  expect(said.code).toBe(1);
  expect(said.log).toContain('Table 1 says unknown, which `fail-on` names.');
  expect(said.outputs['diff-request-url']).toContain('/pull/');
  expect(diffOf(repository, diffBranches(repository)[0]!)).toMatchObject({ proposition: 'non-reproduced' });
});

test('with nothing to compare with: said, and no failure; a record that is not there is one', async () => {
  await using github = await startGitHub();
  const ada = github.user('ada', 1815);
  const repository = await ada.createRepository('acme/demo', { files });
  const first = await runs(github, ada, repository, asks);
  expect(first.log).toContain('::notice title=Corroborate::There is no other finished record yet');
  await using job = new Job(github, { actor: ada, repository });
  const end = await job.run({ ...asks, toward: '20261122T092530Z-7f3a9c04e1' });
  expect(end.code).toBe(1);
  expect(end.log).toContain('there is no record 20261122T092530Z-7f3a9c04e1 on the branch records of acme/demo');
  expect(onGitHub(repository, `${end.outputs['record-path']}/record.yml`)).toContain('status: finished');
});
