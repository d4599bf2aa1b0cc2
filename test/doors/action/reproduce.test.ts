import { existsSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { RecordAtom } from '../../../src/domain/generated/shapes.ts';
import { startGitHub } from '../../support/github/start-github.ts';
import type { Repository } from '../../support/github/state/repository.ts';
import { Job, type JobSettings, onGitHub, type StepInputs } from '../../support/runner.ts';
import { configured, simulation } from '../../support/simulation.ts';

const command = 'sh simulate.sh default.param';
const files: Readonly<{ [path: string]: string }> = { ...simulation, 'corroborate.yml': configured };

/** Ada's repository with one record of hers, whose source has moved on since. */
async function start() {
  const github = await startGitHub();
  const [ada, grace] = [github.user('ada', 1815), github.user('grace', 1906)];
  const repository = await ada.createRepository('acme/demo', { files, isPrivate: true });
  const runs = async (inputs: StepInputs, settings: Partial<JobSettings> = {}) => {
    await using job = new Job(github, { actor: ada, repository, ...settings });
    const end = await job.run(inputs);
    return { ...end, left: leftIn(job) };
  };
  const first = (await runs({ command })).outputs['record-id']!;
  await ada.commits(repository, 'main', { 'model.sh': files['model.sh']!.replace('16807', '16806') });
  return { github, ada, grace, repository, first, runs, [Symbol.asyncDispose]: () => github[Symbol.asyncDispose]() };
}

const leftIn = (job: Job) =>
  ['work', 'runs'].flatMap(name => {
    const folder = job.at(`.git/corroborate/${name}`);
    return existsSync(folder) ? readdirSync(folder) : [];
  });

const recordOf = (repository: Repository, path: string) =>
  parse(onGitHub(repository, `${path}/record.yml`)) as RecordAtom;

test('a record by its id: its own source is fetched and run, recorded, compared, and claimed', async () => {
  await using place = await start();
  const { github, repository, first, runs } = place;
  const end = await runs({ reproduce: first, request: 'true', reason: 'to see', tags: 'again' });
  expect(end.code, end.log).toBe(0);
  expect(end.outputs).toMatchObject({ status: 'finished', assessment: 'repeatable', proposition: 'repeated' });
  const record = recordOf(repository, end.outputs['record-path']!);
  const original = recordOf(repository, `records/${first.slice(17, 19)}/${first.slice(19, 21)}/${first}`);
  expect(record).toMatchObject({
    id: end.outputs['record-id'],
    reproduces: first,
    owner: { login: 'ada', id: 1815 },
    program: { ...shared(original), reason: 'to see', tags: ['again'] },
    outputs: original.outputs,
  });
  expect(end.summary).toContain('👉 **repeatable**');
  expect(end.summary).toContain('may not be as it was');
  expect(end.outputs['diff-request-url']).toContain('/pull/');
  expect(repository.pulls()).toHaveLength(1);
  expect(end.left).toEqual([]);
  expect(github.crashes).toEqual([]);
});

const shared = ({ program: { command, source, version_control } }: RecordAtom) => ({
  command,
  source,
  version_control: { ...version_control, branch: null },
});

test("in a fork: the parent's record, with another input, recorded in the fork, and claimed across", async () => {
  await using place = await start();
  const { grace, repository, ada, first, runs } = place;
  ada.invites(grace, repository, 'read');
  const fork = await grace.forks(repository, { defaultBranchOnly: true });
  const hers = { actor: grace, repository: fork, token: grace.token() };
  const same = await runs({ reproduce: 'latest', request: 'true' }, hers);
  expect(same.code, same.log).toBe(0);
  expect(same.outputs.assessment).toBe('repeatable');
  expect(recordOf(fork, same.outputs['record-path']!)).toMatchObject({ reproduces: first, owner: { login: 'grace' } });
  expect(repository.pulls()).toHaveLength(1);
  expect(repository.pulls()[0]!.headRepository).toBe(fork);

  await using job = new Job(place.github, { actor: grace, repository: fork, token: hers.token });
  job.write('mine.param', 'seed=1\nn=10\n');
  const other = await job.run({ reproduce: first, inputs: 'default.param=mine.param' });
  expect(other.code, other.log).toBe(0);
  expect(other.outputs).toMatchObject({ assessment: 'unknown', proposition: 'non-reproduced' });
});

test('what cannot be run says why', async () => {
  await using place = await start();
  const { runs } = place;
  const gone = await runs({ reproduce: '20261122T092530Z-7f3a9c04e1' });
  expect(gone.code).toBe(1);
  expect(gone.log).toContain('there is no record 20261122T092530Z-7f3a9c04e1 on the branch records of acme/demo');
  const told = await runs({ reproduce: 'latest', command });
  expect(told.log).toContain('the input `command` has no place beside `reproduce`');
  const asked = await runs({ reproduce: 'latest', inputs: 'default.param' });
  expect(asked.log).toContain('takes PATH=FILE');
  const early = await runs({ reproduce: 'agreed', request: 'true' });
  expect(early.code, early.log).toBe(0);
  expect(early.log).toContain('There is no agreed record yet');
  expect(early.outputs).toMatchObject({ 'record-id': '', 'diff-request-url': '' });
});

test('of many, what cannot be run stops nobody else, counts for nothing, and fails the step', async () => {
  await using place = await start();
  const { ada, repository, first, runs } = place;
  const [gone, damaged] = [(await runs({ command })).outputs, (await runs({ command })).outputs];
  const path = `${gone['record-path']}/record.yml`;
  const nowhere = onGitHub(repository, path).replace(/commit: [0-9a-f]{40}/, `commit: ${'c0'.repeat(20)}`);
  const pairs = [first, gone['record-id']!, damaged['record-id']!].map(toward => ({
    diff: '20261122T092530Z-7f3a9c04e1',
    from: first,
    toward,
    proposition: 'repeated',
    method: 'default',
    independent: true,
    attested: false,
    agreed: '2026-11-22T10:00:00.000Z',
  }));
  const assessment = onGitHub(repository, 'assessment.yml').replace('pairs: []', `pairs: ${JSON.stringify(pairs)}`);
  const broken = { [path]: nowhere, [`${damaged['record-path']}/record.yml`]: 'id: 7\n' };
  await ada.commits(repository, 'records', { ...broken, 'assessment.yml': assessment });
  const end = await runs({ reproduce: 'agreed', limit: '3' });
  expect(end.code, end.log).toBe(1);
  expect(end.log).toContain(`::error title=Corroborate::${gone['record-id']} could not be reproduced: commit c0c0`);
  expect(end.log).toContain(`::error title=Corroborate::${damaged['record-id']} could not be reproduced: records/`);
  expect(end.outputs).toMatchObject({ status: 'finished', assessment: 'repeatable' });
  expect(recordOf(repository, end.outputs['record-path']!).reproduces).toBe(first);
  expect(end.summary).toContain('3 of 3 agreed records tried');
  expect(end.summary).toContain(`| \`${gone['record-id']}\` | not run |`);
  const one = await runs({ reproduce: 'agreed', limit: '1' });
  expect(one.outputs.status).toBe('finished');
});

test('where the token may only read: a file, the comparison all the same, and no request', async () => {
  await using place = await start();
  const { first, runs, repository } = place;
  const end = await runs({ reproduce: first, request: 'true' }, { permissions: { contents: 'read' } });
  expect(end.code, end.log).toBe(0);
  expect(end.outputs).toMatchObject({ assessment: 'repeatable', 'record-url': '', 'diff-request-url': '' });
  expect(end.outputs['record-path']).toMatch(/\.record\.json$/);
  expect(repository.pulls()).toEqual([]);
});
