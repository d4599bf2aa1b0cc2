import fc from 'fast-check';
import nock from 'nock';
import { afterEach, describe, expect, test } from 'vitest';
import { Problem } from '../../src/domain/problem.ts';
import { commentMark } from '../../src/domain/pull-request/pull-request-view.ts';
import type { Api } from '../../src/github/api.ts';
import { readPullRequest } from '../../src/github/read-pull-request.ts';
import { addComment } from '../support/github/deeds/change-issue.ts';
import { client, problemOf, startWithPull } from './pull-on-github.ts';

const repository = { owner: 'acme', name: 'demo', url: 'https://github.com/acme/demo', isPrivate: false };
const own = { id: 7, slug: 'corroborate' };
const commit = '7f'.repeat(20);

afterEach(() => {
  nock.cleanAll();
  nock.enableNetConnect();
});

describe('a pull request', () => {
  test('is read in three calls, four where somebody wrote', async () => {
    const { github, ada, pull, head, read, counted, show } = await startWithPull();
    await using _ = github;
    expect(await counted(read)).toEqual({ calls: 3, reads: 3, writes: 0 });
    expect(await read()).toEqual({
      number: pull.number,
      url: `${github.origin}/acme/demo/pull/${pull.number}`,
      author: { login: 'grace', id: 1906, isBot: false },
      isOpen: true,
      isMerged: false,
      base: { branch: 'records', defaultBranch: 'main' },
      head: { commit: head, branch: 'claim', repository: 'grace/demo' },
      labels: [],
      reviewers: [],
      comments: [],
      reviews: [],
      unread: 0,
      checks: [],
    });
    const said = ada.comments(pull, '/agree');
    ada.edits(said, `/agree ${head}`);
    ada.reviews(pull, 'comment', { body: 'hm' });
    ada.reviews(pull, 'request changes', { body: 'no' });
    const dismissed = ada.reviews(pull, 'approve');
    dismissed.state = 'DISMISSED';
    await show({ reviewer: null });
    await ada.asksForReview(pull, ada);
    await ada.merges(pull);
    const now = await read();
    expect(await counted(read)).toEqual({ calls: 4, reads: 4, writes: 0 });
    expect(now).toMatchObject({
      isOpen: false,
      isMerged: true,
      labels: ['diff: proposed', 'diff: repeated'],
      reviewers: [1815],
      comments: [
        { id: said.id, author: { login: 'ada', id: 1815, isBot: false }, isEdited: true, isOwn: false },
        { author: { login: 'corroborate[bot]', isBot: true }, isEdited: false, isOwn: true },
      ],
      reviews: [
        { author: { id: 1815 }, state: 'commented', body: 'hm', commit: head },
        { state: 'changes-requested', body: 'no' },
        { state: 'dismissed' },
      ],
      checks: [
        { name: 'Table 1', digest: 'digest-of-Table-1' },
        { name: 'Owner agreement', digest: 'digest-of-Owner-agreement' },
      ],
    });
    expect(now.comments[0]!.created).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
  });

  test("another App's checks and comments, and people who act by way of the App, are not its own", async () => {
    const { github, alan, demo, pull, head, app, read } = await startWithPull();
    await using _ = github;
    const other = github.app('other', { permissions: { checks: 'write' } });
    const theirs = client(github.api, github.installationToken(github.installs(other, demo)));
    const fields = { owner: 'acme', repo: 'demo', name: 'Table 1', head_sha: head, external_id: 'forged x' };
    await theirs.request('POST /repos/{owner}/{repo}/check-runs', fields);
    addComment(github, pull, commentMark, { account: other.bot, app: other });
    addComment(github, pull, commentMark, { account: alan.account, app });
    const { checks, comments } = await read();
    expect(checks).toEqual([]);
    expect(comments.map(({ isOwn }) => isOwn)).toEqual([false, false]);
  });

  test('of a check that was written twice shows the newest', async () => {
    const { github, api, head, read } = await startWithPull();
    await using _ = github;
    const write = async (external_id: string) => {
      const fields = { owner: 'acme', repo: 'demo', name: 'Table 1', head_sha: head, external_id };
      await api.request('POST /repos/{owner}/{repo}/check-runs', fields);
    };
    for (const digest of ['one a', 'two b']) await write(digest);
    expect((await read()).checks).toMatchObject([{ name: 'Table 1', digest: 'two', annotations: 'b' }]);
    await write('no stamp of ours');
    expect((await read()).checks).toMatchObject([{ digest: 'no' }]);
  });

  test('with more comments than anybody reads: the first, and the newest; the rest is counted', async () => {
    const { github, alan, pull, read, counted } = await startWithPull();
    await using _ = github;
    for (let n = 0; n < 250; n++) alan.comments(pull, `${n}`);
    expect(await counted(read)).toMatchObject({ calls: 6 });
    const { comments, unread } = await read();
    expect(comments.map(({ body }) => Number(body))).toEqual(Array.from({ length: 250 }, (_, n) => n));
    expect(unread).toBe(0);
    for (let n = 250; n < 1234; n++) alan.comments(pull, `${n}`);
    expect(await counted(read)).toMatchObject({ calls: 13 });
    const flooded = await read();
    const bodies = flooded.comments.map(({ body }) => Number(body));
    expect(bodies.slice(0, 100)).toEqual(Array.from({ length: 100 }, (_, n) => n));
    expect(bodies.slice(100)).toEqual(Array.from({ length: 834 }, (_, n) => 400 + n));
    expect(flooded.unread).toBe(300);
  });

  test('that is not there is NOT_FOUND', async () => {
    const { github, api, own } = await startWithPull();
    await using _ = github;
    expect(await problemOf(readPullRequest(api, repository, 99, own))).toMatchObject({ code: 'NOT_FOUND' });
  });
});

/* Answers as GitHub gives them, as far as they are looked at. */
const person = (login: string, id: number, type = 'User') => ({ login, id, type });
const pullAnswer = () => ({
  number: 3,
  html_url: 'https://github.com/acme/demo/pull/3',
  state: 'open',
  merged: false,
  comments: 2,
  user: person('grace', 1906) as unknown,
  head: { sha: commit, ref: 'claim', repo: { full_name: 'grace/demo' } as unknown },
  base: { ref: 'records', repo: { default_branch: 'main' } },
  labels: [{ name: 'diff: proposed' }],
  requested_reviewers: [person('ada', 1815)],
});
const commentAnswer = (changed: object = {}) => ({
  id: 12,
  user: person('ada', 1815),
  body: '/agree',
  created_at: '2026-11-22T09:25:30Z',
  updated_at: '2026-11-22T09:25:30Z',
  performed_via_github_app: null,
  ...changed,
});
const reviewAnswer = (changed: object = {}) => ({
  id: 13,
  user: person('ada', 1815),
  body: '',
  state: 'APPROVED',
  commit_id: commit,
  submitted_at: '2026-11-22T09:25:30Z',
  ...changed,
});
const runAnswer = (changed: object = {}) => ({
  id: 14,
  name: 'Table 1',
  external_id: 'abc def',
  conclusion: 'success',
  app: { id: 7 },
  ...changed,
});

interface Answers {
  readonly pull: unknown;
  readonly comments: unknown;
  readonly reviews: unknown;
  readonly runs: unknown;
}
const answers = (): Answers => ({
  pull: pullAnswer(),
  comments: [
    commentAnswer(),
    commentAnswer({ id: 15, user: person('corroborate[bot]', 70, 'Bot'), body: commentMark }),
  ],
  reviews: [reviewAnswer()],
  runs: { total_count: 1, check_runs: [runAnswer()] },
});

function overNock({ pull, comments, reviews, runs }: Answers): Api {
  nock.disableNetConnect();
  const json = (body: unknown) => JSON.stringify(body);
  const headers = { 'content-type': 'application/json' };
  nock('https://api.github.com')
    .get('/repos/acme/demo/pulls/3')
    .reply(200, json(pull), headers)
    .get('/repos/acme/demo/pulls/3/reviews')
    .query({ per_page: 100, page: 1 })
    .reply(200, json(reviews), headers)
    .get('/repos/acme/demo/issues/3/comments')
    .query({ per_page: 100, page: 1 })
    .reply(200, json(comments), headers)
    .get(`/repos/acme/demo/commits/${commit}/check-runs`)
    .query({ app_id: 7, filter: 'latest', per_page: 100 })
    .reply(200, json(runs), headers);
  return client('https://api.github.com');
}
const readOver = (changed: Partial<Answers>) =>
  readPullRequest(overNock({ ...answers(), ...changed }), repository, 3, own);

describe('answers', () => {
  test("of deleted accounts are nobody's, whichever way GitHub shows them", async () => {
    const pull = await readOver({
      pull: { ...pullAnswer(), user: null, head: { sha: commit, ref: 'claim', repo: null } },
      comments: [commentAnswer({ user: person('ghost', 10137) }), commentAnswer({ id: 16, user: null })],
      reviews: [reviewAnswer({ user: null, commit_id: null })],
    });
    const nobody = { login: 'ghost', id: 0, isBot: false };
    expect(pull.author).toEqual(nobody);
    expect(pull.head.repository).toBeNull();
    expect(pull.comments.map(({ author }) => author)).toEqual([nobody, nobody]);
    expect(pull.reviews).toMatchObject([{ author: nobody, commit: null }]);
  });

  test.each(['User', 'Mannequin', 'Organization'])(
    "of a %s that bears a bot's login are nobody's: a workflow's own is trusted with more",
    async type => {
      const { author } = await readOver({ pull: { ...pullAnswer(), user: person('github-actions[bot]', 9, type) } });
      expect(author).toEqual({ login: 'ghost', id: 0, isBot: false });
    },
  );

  test('of bots are theirs, and an unknown kind of account or of review counts for nothing', async () => {
    const pull = await readOver({
      comments: [
        commentAnswer({ user: person('acme', 5, 'Organization') }),
        commentAnswer({ id: 15, user: person('corroborate[bot]', 70, 'Bot') }),
        commentAnswer({ id: 16, user: person('corroborate[bot]', 70, 'Bot'), performed_via_github_app: { id: 8 } }),
        commentAnswer({ id: 17, user: person('else[bot]', 71, 'Bot'), performed_via_github_app: { id: 7 } }),
        commentAnswer({ id: 18, user: person('corroborate[bot]', 70, 'User') }),
      ],
      reviews: [
        reviewAnswer({ state: 'ENDORSED' }),
        reviewAnswer({ id: 20, state: 'PENDING', submitted_at: undefined }),
        reviewAnswer({ id: 21, state: '__proto__' }),
      ],
    });
    expect(pull.comments.map(({ author, isOwn }) => [author.isBot, isOwn])).toEqual([
      [true, false],
      [true, true],
      [true, false],
      [true, true],
      [false, false],
    ]);
    expect(pull.reviews.map(({ state }) => state)).toEqual(['commented', 'commented']);
  });

  test('times become comparable, and a later update is an edit', async () => {
    const pull = await readOver({
      comments: [
        commentAnswer({ created_at: '2026-11-22T09:25:30Z', updated_at: '2026-11-22T09:25:31Z' }),
        commentAnswer({ id: 15, created_at: '2026-11-22T10:25:30+01:00' }),
      ],
    });
    expect(pull.comments.map(({ created, isEdited }) => [created, isEdited])).toEqual([
      ['2026-11-22T09:25:30.000Z', true],
      ['2026-11-22T09:25:30.000Z', false],
    ]);
  });

  test('a stale check is to be written again', async () => {
    const pull = await readOver({ runs: { check_runs: [runAnswer({ conclusion: 'stale' })] } });
    expect(pull.checks).toEqual([{ id: 14, name: 'Table 1', digest: '', annotations: 'def' }]);
  });

  const wrong: readonly [string, Partial<Answers>][] = [
    ['head.sha', { pull: { ...pullAnswer(), head: { sha: '--upload-pack=x', ref: 'claim', repo: null } } }],
    ['html_url', { pull: { ...pullAnswer(), html_url: 'javascript:alert(1)' } }],
    ['number', { pull: { ...pullAnswer(), number: 4 } }],
    ['state', { pull: { ...pullAnswer(), state: 'ajar' } }],
    ['merged', { pull: { ...pullAnswer(), merged: 'no' } }],
    ['user.id', { pull: { ...pullAnswer(), user: person('grace', 0) } }],
    ['user.id', { pull: { ...pullAnswer(), user: { login: 'grace', id: '1906', type: 'User' } } }],
    ['[0].created_at', { comments: [commentAnswer({ created_at: 'yesterday' })] }],
    ['[0].created_at', { comments: [commentAnswer({ created_at: '2026-99-99T09:25:30Z' })] }],
    ['[0].body', { comments: [commentAnswer({ body: {} })] }],
    ['[0].commit_id', { reviews: [reviewAnswer({ commit_id: 'main' })] }],
    ['it is no list', { reviews: { message: 'moved' } }],
    ['it is no object', { runs: [] }],
    ['check_runs[0].app.id', { runs: { check_runs: [runAnswer({ app: {} })] } }],
  ];
  test.each(wrong)('of another shape are refused at %s', async (place, changed) => {
    const problem = await problemOf(readOver(changed));
    expect(problem.code).toBe('INVALID');
    expect(problem.message).toContain(place);
  });

  test('an id that JavaScript cannot hold is refused', async () => {
    const text = JSON.stringify({ ...pullAnswer(), user: person('grace', 42) }).replace(
      '"id":42',
      '"id":9007199254740993',
    );
    nock.disableNetConnect();
    nock('https://api.github.com').get(/.*/).times(4).reply(200, text, { 'content-type': 'application/json' });
    expect(await problemOf(readPullRequest(client('https://api.github.com'), repository, 3, own))).toMatchObject({
      code: 'INVALID',
    });
  });

  test('mutated anywhere: still of the promised shape, or refused as such', async () => {
    const anything = fc.oneof(
      fc.constantFrom(null, undefined, '', 0, -1, 1.5, true, [], {}, '__proto__', 10n),
      fc.jsonValue(),
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(), anything, async (which, value) => {
        const mutated = mutate(answers(), which, value) as Answers;
        const of = (route: string) =>
          route.endsWith('/comments')
            ? mutated.comments
            : route.endsWith('/reviews')
              ? mutated.reviews
              : route.endsWith('/check-runs')
                ? mutated.runs
                : mutated.pull;
        const api: Api = { request: async route => ({ status: 200, data: of(route), headers: {} }) };
        try {
          const pull = await readPullRequest(api, repository, 3, own);
          expect(pull.head.commit).toMatch(/^[0-9a-f]{40}/);
          for (const { id, login, isBot } of [pull, ...pull.comments, ...pull.reviews].map(({ author }) => author)) {
            expect(Number.isSafeInteger(id)).toBe(true);
            expect(typeof isBot).toBe('boolean');
            expect(login).toMatch(/^[\w-]+(\[bot\])?$/);
          }
          for (const { body, created } of pull.comments) {
            expect(typeof body).toBe('string');
            expect(new Date(created).toISOString()).toBe(created);
          }
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
          expect(error.code).toBe('INVALID');
        }
      }),
      { numRuns: 1500 },
    );
  });
});

/** A copy in which the value of one field, counted through, is another. */
function mutate(value: unknown, which: number, by: unknown): unknown {
  const places: [object, string][] = [];
  const visit = (inner: unknown): void => {
    if (typeof inner !== 'object' || inner === null) return;
    for (const key of Object.keys(inner)) {
      places.push([inner, key]);
      visit(inner[key as keyof typeof inner]);
    }
  };
  const copy = structuredClone(value);
  visit(copy);
  const [object, key] = places[which % places.length]!;
  Object.defineProperty(object, key, { value: by, enumerable: true });
  return copy;
}
