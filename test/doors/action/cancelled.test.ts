import { execFileSync } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { startGitHub } from '../../support/github/start-github.ts';
import type { Repository } from '../../support/github/state/repository.ts';
import { begun, Job, onGitHub } from '../../support/runner.ts';
import { until } from '../../support/until.ts';

const files = {
  'wait.sh': 'mkdir -p out; echo half > out/half.txt; echo begun; exec sleep 600\n',
  'stubborn.sh': "trap '' INT TERM; mkdir -p out; echo half > out/half.txt; echo begun; while :; do sleep 1; done\n",
};

async function start() {
  const github = await startGitHub();
  const ada = github.user('ada', 1815);
  const repository = await ada.createRepository('acme/demo', { files });
  const job = new Job(github, { actor: ada, repository });
  return {
    github,
    repository,
    job,
    async [Symbol.asyncDispose]() {
      await job[Symbol.asyncDispose]();
      await github[Symbol.asyncDispose]();
    },
  };
}

const onlyRecord = (repository: Repository) => {
  const [path] = listing(repository).filter(name => name.endsWith('/record.yml'));
  return { path: path!.slice(0, -'/record.yml'.length), record: parse(onGitHub(repository, path!)) };
};
const listing = (repository: Repository) =>
  execFileSync('git', ['--git-dir', repository.git.folder, 'ls-tree', '-r', '--name-only', 'records'], {
    encoding: 'utf8',
  }).split('\n');

test.each(['SIGINT', 'SIGTERM'] as const)(
  'cancelled by %s: the record says so, and post has nothing to do',
  async signal => {
    await using place = await start();
    const { job, repository } = place;
    const step = job.start({ command: 'sh wait.sh' });
    await begun(job, step);
    step.child.kill(signal);
    const end = await step.done;
    expect(end.code, end.log).toBe(signal === 'SIGINT' ? 130 : 143);
    expect(end.outputs.status).toBe('cancelled');
    expect(onlyRecord(repository).record).toMatchObject({ status: 'cancelled', program: { signal } });
    const tip = repository.branch('records');
    const post = await job.post(end);
    expect(post).toMatchObject({ code: 0, log: '', summary: '' });
    expect(repository.branch('records')).toBe(tip);
  },
);

test('killed in the end, as the runner does: post stops the simulation and settles the record with what there is', async () => {
  await using place = await start();
  const { job, repository } = place;
  const step = job.start({ command: 'sh stubborn.sh' });
  await begun(job, step);
  step.child.kill('SIGINT');
  step.child.kill('SIGTERM');
  step.child.kill('SIGKILL');
  const end = await step.done;
  expect(end.signal).toBe('SIGKILL');
  expect(repository.branch('records')).toBeUndefined();
  const post = await job.post(end, { command: 'sh stubborn.sh' });
  expect(post.code, post.log).toBe(0);
  const { path, record } = onlyRecord(repository);
  expect(record).toMatchObject({ status: 'unknown', owner: { login: 'ada' }, outputs: [{ path: 'out/half.txt' }] });
  expect(onGitHub(repository, `${path}/outputs/out/half.txt`)).toBe('half\n');
  expect(post.summary).toContain('unknown');
  expect(readdirSync(job.at('.git/corroborate/runs'))).toEqual([]);
  // Nobody is left who waits.
  expect(processesIn(job.workspace)).toEqual([]);
});

const processesIn = (folder: string) =>
  readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(pid => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`) === folder;
      } catch {
        return false;
      }
    });

test('killed, and the token may not write: post leaves the file', async () => {
  await using github = await startGitHub();
  const ada = github.user('ada', 1815);
  const repository = await ada.createRepository('acme/demo', { files });
  await using job = new Job(github, { actor: ada, repository, permissions: { contents: 'read' } });
  const step = job.start({ command: 'sh wait.sh' });
  await begun(job, step);
  step.child.kill('SIGKILL');
  const post = await job.post(await step.done, { command: 'sh wait.sh' });
  expect(post.code, post.log).toBe(0);
  expect(post.log).toContain('::notice');
  expect(readdirSync(job.temporary).filter(name => name.endsWith('.record.json'))).toHaveLength(1);
  expect(post.summary).toContain('corroborate recover');
});

test('every checkpoint: it stands on the branch while it goes on', async () => {
  await using place = await start();
  const { job, repository } = place;
  const step = job.start({ command: 'sh wait.sh', checkpoints: 'every' });
  await begun(job, step);
  await until(
    () => repository.branch('records') !== undefined && listing(repository).some(name => name.endsWith('record.yml')),
  );
  expect(onlyRecord(repository).record.status).toBe('started');
  step.child.kill('SIGKILL');
  const post = await job.post(await step.done, { command: 'sh wait.sh', checkpoints: 'every' });
  expect(post.code, post.log).toBe(0);
  expect(onlyRecord(repository).record.status).toBe('unknown');
});

test('killed while it waits to store a run that had ended: post stores it as it was', async () => {
  await using place = await start();
  const { github, job, repository } = place;
  const command = "sh -c 'mkdir -p out; echo whole > out/whole.txt; exit 3'";
  github.trouble.fails('POST /graphql', { times: 1000 });
  const step = job.start({ command });
  await until(() => github.calls.all.some(({ route }) => route === 'POST /graphql'));
  step.child.kill('SIGKILL');
  const end = await step.done;
  expect(listing(repository).filter(name => name.endsWith('/record.yml'))).toEqual([]);
  github.trouble.ends();
  const post = await job.post(end, { command });
  expect(post.code, post.log).toBe(0);
  const { path, record } = onlyRecord(repository);
  expect(record).toMatchObject({
    status: 'failed',
    program: { exit_code: 3 },
    outputs: [{ path: 'out/whole.txt' }],
  });
  expect(onGitHub(repository, `${path}/outputs/out/whole.txt`)).toBe('whole\n');
  expect(onGitHub(repository, 'history.yml')).toContain('origin: acme/demo\n');
  expect(post.summary).toContain('failed with exit code 3');
  expect(readdirSync(job.temporary).filter(name => name.endsWith('.record.json'))).toEqual([]);
  expect(readdirSync(job.at('.git/corroborate/runs'))).toEqual([]);
});

test('killed in a reproduction: post settles that as well', async () => {
  await using place = await start();
  const { github, job, repository } = place;
  const ada = github.user('ada');
  await ada.commits(repository, 'main', {
    'either.sh': 'if test -e "$WAIT"; then echo begun; exec sleep 600; fi\necho 1 > out.txt\n',
  });
  await using first = new Job(github, { actor: ada, repository });
  const inputs = { command: 'sh either.sh' };
  const original = (await first.run(inputs)).outputs['record-id']!;
  const step = job.start({ reproduce: original }, { WAIT: '/bin/sh' });
  await begun(job, step);
  step.child.kill('SIGKILL');
  const post = await job.post(await step.done, { reproduce: original });
  expect(post.code, post.log).toBe(0);
  const records = listing(repository)
    .filter(name => name.endsWith('/record.yml'))
    .map(name => parse(onGitHub(repository, name)));
  expect(records.find(({ reproduces }) => reproduces === original)).toMatchObject({
    status: 'unknown',
    owner: { login: 'ada' },
  });
  expect(readdirSync(job.at('.git/corroborate/runs'))).toEqual([]);
});
