import { expect, test } from 'vitest';
import type { Api } from '../../src/github/api.ts';
import { openPullRequests, pullRequestsToLookAt, pullRequestsWith } from '../../src/github/sweep.ts';
import { startWithPull } from './pull-on-github.ts';

const day = 24 * 3_600_000;

test('all open ones on the branch, closed ones of the week without the label of an answer, and all of the hour', async () => {
  const { github, ada, grace, demo, fork, pull, api, repository } = await startWithPull();
  await using _ = github;
  const opens = async (head: string, base = 'records') => {
    await grace.commits(fork, head, { [`${head}.txt`]: head });
    return grace.opensPull(demo, { from: fork, head, base });
  };
  const [second, elsewhere, crashed, unseen, old, settled, fresh] = [
    await opens('second'),
    await opens('elsewhere', 'main'),
    await opens('crashed'),
    await opens('unseen'),
    await opens('old'),
    await opens('settled'),
    await opens('fresh'),
  ];
  for (const one of [elsewhere, crashed, unseen, old, settled, fresh]) await ada.closes(one);
  for (const one of [elsewhere, crashed, old]) await ada.labels(one, 'Diff: Proposed');
  for (const one of [settled, fresh]) await ada.labels(one, 'diff: agreed');
  const now = new Date();
  const hour = day / 24;
  settled.updatedAt = new Date(now.getTime() - 1.1 * hour);
  fresh.updatedAt = new Date(now.getTime() - 0.9 * hour);
  for (const one of [elsewhere, crashed]) one.updatedAt = new Date(now.getTime() - 6 * day);
  old.updatedAt = new Date(now.getTime() - 8 * day);
  expect(await pullRequestsToLookAt(api, repository, 'records', now)).toEqual([
    pull.number,
    second.number,
    unseen.number,
    fresh.number,
    crashed.number,
  ]);
});

test('page by page, as far as last week goes', async () => {
  const now = new Date('2026-11-22T09:25:30Z');
  const asked: string[] = [];
  const pullAt = (number: number, ago: number) => ({
    number,
    updated_at: new Date(now.getTime() - ago).toISOString(),
    labels: [{ name: 'diff: proposed' }],
  });
  const pages = {
    open: [Array.from({ length: 100 }, (_, n) => pullAt(n + 1, 0)), [pullAt(101, 0), pullAt(100, 0)]],
    closed: [Array.from({ length: 100 }, (_, n) => pullAt(n + 201, n * 0.1 * day)), []],
  };
  const api: Api = {
    request: async (_, parameters) => {
      const { state, page, base } = parameters as { state: 'open' | 'closed'; page: number; base: string };
      asked.push(`${base} ${state} ${page}`);
      return { status: 200, data: pages[state][page - 1], headers: {} };
    },
  };
  const repository = { owner: 'acme', name: 'demo', url: 'https://github.com/acme/demo', isPrivate: false };
  const numbers = await pullRequestsToLookAt(api, repository, 'records', now);
  expect(numbers).toEqual([
    ...Array.from({ length: 101 }, (_, n) => n + 1),
    ...Array.from({ length: 71 }, (_, n) => n + 201),
  ]);
  expect(asked).toEqual(['records open 1', 'records open 2', 'records closed 1']);
});

test('what waits on the branch, with its heads; and whose head a commit is, also from a fork', async () => {
  const { github, ada, grace, demo, fork, pull, api, repository } = await startWithPull();
  await using _ = github;
  await grace.commits(fork, 'elsewhere', { 'elsewhere.txt': 'for another branch' });
  const elsewhere = await grace.opensPull(demo, { from: fork, head: 'elsewhere', base: 'main' });
  await grace.commits(fork, 'closed', { 'closed.txt': 'withdrawn' });
  await ada.closes(await grace.opensPull(demo, { from: fork, head: 'closed', base: 'records' }));
  expect(await openPullRequests(api, repository, 'records')).toEqual([{ number: pull.number, commit: pull.headSha }]);
  expect(await pullRequestsWith(api, repository, 'records', pull.headSha)).toEqual([pull.number]);
  expect(await pullRequestsWith(api, repository, 'records', elsewhere.headSha)).toEqual([]);
  expect(await pullRequestsWith(api, repository, 'records', 'f'.repeat(40))).toEqual([]);
});
