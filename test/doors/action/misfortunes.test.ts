import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startGitHub } from '../../support/github/start-github.ts';
import { Job, type JobSettings, onGitHub } from '../../support/runner.ts';
import { simulation } from '../../support/simulation.ts';

const command = 'sh simulate.sh default.param';

/** A repository that has one record already, unless told otherwise. */
async function start({ recorded = true }: { readonly recorded?: boolean } = {}) {
  const github = await startGitHub();
  const [ada, grace] = [github.user('ada', 1815), github.user('grace', 1906)];
  const repository = await ada.createRepository('acme/demo', { files: simulation });
  const job = (settings: Partial<JobSettings> = {}) => new Job(github, { actor: ada, repository, ...settings });
  if (recorded) {
    await using first = job();
    expect((await first.run({ command })).code).toBe(0);
  }
  github.calls.clear();
  return { github, ada, grace, repository, job, [Symbol.asyncDispose]: () => github[Symbol.asyncDispose]() };
}

test("a fork's pull request may not write: a summary, a file, a notice, and no failure", async () => {
  await using place = await start();
  const { github, ada, grace, repository } = place;
  const fork = await grace.forks(repository);
  await grace.commits(fork, 'idea', { 'default.param': 'seed=1\nn=10\n' });
  await using job = place.job({
    actor: grace,
    event: 'pull_request',
    permissions: { contents: 'read' },
    checkout: fork,
    branch: 'idea',
  });
  const before = repository.branch('records');
  const end = await job.run({ command, toward: 'latest', request: 'true' });
  expect(end.code, end.log).toBe(0);
  expect(github.calls.all.filter(({ writes }) => writes)).toHaveLength(1);
  expect(repository.branch('records')).toBe(before);
  const path = end.outputs['record-path']!;
  expect(path.startsWith(job.temporary)).toBe(true);
  expect(end.outputs).toMatchObject({ 'record-url': '', status: 'finished', assessment: 'unknown' });
  expect(end.log).toContain('::notice title=Corroborate::the token may not write');
  expect(end.log).not.toContain('::error');
  expect(end.summary).toContain(`corroborate recover ${path.split('/').at(-1)}`);

  // The file is a whole record, which the owner's job stores.
  await using later = place.job({ actor: ada });
  const file = path.split('/').at(-1)!;
  later.write(file, readFileSync(path));
  const collected = await later.run({ collect: '.' });
  expect(collected.code, collected.log).toBe(0);
  expect(collected.outputs['record-id']).toBe(end.outputs['record-id']);
  const record = onGitHub(repository, `${recordFolderOf(end.outputs['record-id']!)}/record.yml`);
  expect(record).toContain('login: grace');
});

const recordFolderOf = (id: string) => `records/${id.slice(17, 19)}/${id.slice(19, 21)}/${id}`;

test('a branch of another name', async () => {
  await using place = await start({ recorded: false });
  await using job = place.job();
  const end = await job.run({ command, branch: 'science/runs' });
  expect(end.code, end.log).toBe(0);
  const { repository, github } = place;
  expect(end.outputs['record-url']).toBe(`${github.origin}/acme/demo/tree/science/runs/${end.outputs['record-path']}`);
  expect(onGitHub(repository, `${end.outputs['record-path']}/record.yml`, 'science/runs')).toContain('finished');
  expect(repository.branch('records')).toBeUndefined();
});

test('a branch that is something else is not touched, and nothing runs', async () => {
  await using place = await start({ recorded: false });
  const { repository } = place;
  await using job = place.job();
  const end = await job.run({ command: 'sh -c "touch ran"', branch: 'main' });
  expect(end.code).toBe(1);
  expect(end.log).toMatch(/::error title=Corroborate::.*main.* is something else/);
  expect(end.summary).toContain('is something else');
  expect(repository.branch('main')).toBe(job.git(job.workspace, 'rev-parse', 'HEAD'));
  expect(() => readFileSync(job.at('ran'))).toThrow();
});

test('somebody else is quicker: tried again, and both are there', async () => {
  await using place = await start();
  const { ada, github, repository } = place;
  await using other = place.job({ actor: ada });
  let quicker = '';
  github.trouble.movesBranch(repository, 'records', async () => {
    const end = await other.run({ command });
    quicker = end.outputs['record-path']!;
  });
  await using job = place.job();
  const end = await job.run({ command });
  expect(end.code, end.log).toBe(0);
  for (const path of [quicker, end.outputs['record-path']]) {
    expect(onGitHub(repository, `${path}/record.yml`)).toContain('status: finished');
  }
});

test.each([
  [
    'a server that fails twice',
    (github: Awaited<ReturnType<typeof start>>['github']) => github.trouble.fails('POST /graphql', { times: 2 }),
  ],
  ['an answer that is lost', github => github.trouble.fails('POST /graphql', { applied: true })],
  ['the hourly limit', github => github.trouble.limits('POST /graphql', 'primary', { retryAfter: 1 })],
  ['the secondary limit', github => github.trouble.limits('POST /graphql', 'secondary', { retryAfter: 1 })],
] as [string, (github: Awaited<ReturnType<typeof start>>['github']) => void][])(
  '%s is waited out, and the record is there once',
  async (_, goesWrong) => {
    await using place = await start();
    const { github, repository } = place;
    const before = commits(place.repository);
    goesWrong(github);
    await using job = place.job();
    const end = await job.run({ command });
    expect(end.code, end.log).toBe(0);
    expect(onGitHub(repository, `${end.outputs['record-path']}/record.yml`)).toContain('status: finished');
    expect(commits(repository)).toBe(before + 1);
  },
);

const commits = ({ git }: { readonly git: { readonly folder: string } }) =>
  Number(execFileSync('git', ['--git-dir', git.folder, 'rev-list', '--count', 'records'], { encoding: 'utf8' }).trim());

test.each([
  [
    'a server that is down',
    'UNREACHABLE',
    async ({ github }: Awaited<ReturnType<typeof start>>) => github.trouble.fails('POST /graphql', { times: 1000 }),
  ],
  [
    'a protected branch',
    'PROTECTED',
    async ({ ada, repository }) => ada.protects(repository, 'records', { requiresPull: true }),
  ],
] as [string, string, (place: Awaited<ReturnType<typeof start>>) => Promise<void>][])(
  '%s, though the token may write: a file, the command in the summary, and the step fails with the reason',
  async (_, __, goesWrong) => {
    await using place = await start();
    await goesWrong(place);
    await using job = place.job({ environment: { CORROBORATE_PATIENCE: '2' } });
    const end = await job.run({ command });
    expect(end.code, end.log).toBe(1);
    expect(end.outputs.status).toBe('finished');
    const file = end.outputs['record-path']!;
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ format: 'corroborate-record-1' });
    expect(end.log).toMatch(/::error title=Corroborate::the run \S+ ended \(finished\), but could not be stored/);
    expect(end.summary).toContain(`corroborate recover ${file.split('/').at(-1)} && corroborate push`);
    expect(end.summary).toContain('could not be stored');
  },
);

test('a token that GitHub does not take fails the step', async () => {
  await using place = await start();
  await using job = place.job({ token: 'ghs_0000000000000000000000000000000000000000' });
  const end = await job.run({ command });
  expect(end.code, end.log).toBe(1);
  expect(end.log).toMatch(/::error title=Corroborate::.*does not take the token/);
});

test('a run that removes its own checkout, and so its outputs, fails the step with the reason', async () => {
  await using place = await start();
  const before = place.repository.branch('records');
  await using job = place.job();
  const end = await job.run({ command: `sh -c 'echo done; rm -rf "$GITHUB_WORKSPACE"'` });
  expect(end.code, end.log).toBe(1);
  expect(end.log).toContain('demo/demo is gone: it was moved or removed while the run went on.');
  expect(place.repository.branch('records')).toBe(before);
});
