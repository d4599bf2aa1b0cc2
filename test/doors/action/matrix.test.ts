import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { startGitHub } from '../../support/github/start-github.ts';
import type { Repository } from '../../support/github/state/repository.ts';
import { Job } from '../../support/runner.ts';

/** So many jobs at once; each a process of its own; 64 on request (docs/contributing.md). */
const jobs = Number(process.env.CORROBORATE_JOBS ?? 6);
const files = { 'run.sh': 'echo "$1" > out.txt\n' };

const recordsOn = (repository: Repository) =>
  git(repository, 'ls-tree', '-r', '--name-only', 'records').filter(path => path.endsWith('/record.yml'));
const git = ({ git: { folder } }: Repository, ...args: string[]) =>
  execFileSync('git', ['--git-dir', folder, ...args], { encoding: 'utf8' })
    .trim()
    .split('\n');

test(`a matrix of ${jobs}: every job gets its record in, with few calls`, { timeout: 600_000 }, async () => {
  await using github = await startGitHub();
  const ada = github.user('ada', 1815);
  const repository = await ada.createRepository('acme/demo', { files });
  const token = github.workflowToken(repository);
  await using stack = new AsyncDisposableStack();
  const all = Array.from({ length: jobs }, () => stack.use(new Job(github, { actor: ada, repository, token })));
  github.calls.clear();
  const ends = await Promise.all(all.map((job, n) => job.run({ command: `sh run.sh ${n}`, outputs: 'out.txt' })));
  for (const end of ends) expect(end.code, end.log).toBe(0);
  const { calls } = github.calls.count();
  const routes = new Map<string, number>();
  for (const { route, status } of github.calls.all) {
    routes.set(`${route} ${status}`, (routes.get(`${route} ${status}`) ?? 0) + 1);
  }
  process.stderr.write(`${jobs} jobs: ${calls} calls: ${JSON.stringify(Object.fromEntries(routes))}\n`);
  expect(
    recordsOn(repository)
      .map(path => basename(join(path, '..')))
      .sort(),
  ).toEqual(ends.map(end => end.outputs['record-id']).sort());
  expect(calls).toBeLessThanOrEqual(Math.max(400, jobs * 6));
  expect(git(repository, 'rev-list', '--max-parents=0', 'records')).toHaveLength(1);
  expect(github.crashes).toEqual([]);
});

test('a sweep that is collected: jobs that may not write leave files, which one job stores in one commit', async () => {
  await using github = await startGitHub();
  const ada = github.user('ada', 1815);
  const repository = await ada.createRepository('acme/demo', { files });
  await using collector = new Job(github, { actor: ada, repository });
  const ids: string[] = [];
  for (const n of [1, 2, 3]) {
    await using job = new Job(github, { actor: ada, repository, permissions: { contents: 'read' } });
    const end = await job.run({ command: `sh run.sh ${n}`, outputs: 'out.txt' });
    expect(end.code, end.log).toBe(0);
    ids.push(end.outputs['record-id']!);
    // As actions/upload-artifact and download-artifact bring them: a folder an artifact.
    const path = end.outputs['record-path']!;
    cpSync(path, collector.at(join('records', `sweep-${n}`, basename(path))));
  }
  github.calls.clear();
  const end = await collector.run({ collect: 'records' });
  expect(end.code, end.log).toBe(0);
  expect(github.calls.count().calls).toBeLessThanOrEqual(5);
  expect(end.outputs['record-id']!.split('\n')).toEqual(ids);
  expect(recordsOn(repository)).toHaveLength(3);
  // The root, and one more.
  expect(git(repository, 'rev-list', 'records')).toHaveLength(2);
  expect(end.summary).toContain('3 records stored');
  const again = await collector.run({ collect: 'records' });
  expect(again.code, again.log).toBe(0);
  expect(again.summary).toContain('3 records were there already');
  expect(git(repository, 'rev-list', 'records')).toHaveLength(2);
  const nothing = await collector.run({ collect: 'elsewhere' });
  expect(nothing).toMatchObject({ code: 1, log: expect.stringContaining('elsewhere') });
});
