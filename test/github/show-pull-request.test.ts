import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Problem } from '../../src/domain/problem.ts';
import { commentMark, replyMark } from '../../src/domain/pull-request/pull-request-view.ts';
import type { Api } from '../../src/github/api.ts';
import { readPullRequest } from '../../src/github/read-pull-request.ts';
import { showPullRequest } from '../../src/github/show-pull-request.ts';
import { addComment } from '../support/github/deeds/change-issue.ts';
import { annotation, check, problemOf, startWithPull, view, viewOf } from './pull-on-github.ts';

describe('a pull request is brought to its view', () => {
  test('in five writes the first time, in none when all is so, in three after a push', async () => {
    const { github, ada, grace, alan, demo, fork, pull, show, counted, comments, checks } = await startWithPull();
    await using _ = github;
    ada.labels(pull, 'from ada');
    expect(await counted(() => show())).toEqual({ calls: 9, reads: 4, writes: 5 });
    expect(comments()).toHaveLength(1);
    expect(comments()[0]!.body).toBe(`${commentMark}\nGrace repeated it.\n\n<!-- corroborate:reviewer asked 1815 -->`);
    expect([...pull.reviewers].map(({ login }) => login)).toEqual(['ada']);
    expect([...pull.labels]).toEqual(['from ada', 'diff: proposed', 'diff: repeated']);
    expect([...checks().values()]).toMatchObject([
      { name: 'Table 1', status: 'completed', conclusion: 'success', output: { summary: 'all rules hold' } },
      { name: 'Owner agreement', conclusion: 'action_required', actions: [{ identifier: 'agree' }] },
    ]);

    grace.comments(pull, 'so?');
    alan.comments(pull, commentMark);
    expect(await counted(() => show())).toEqual({ calls: 4, reads: 4, writes: 0 });

    const before = checks();
    await grace.commits(fork, 'claim', { 'diffs/7f/3a/x.yml': 'x: 2\n' });
    const again = { comment: `${commentMark}\nGrace repeated it again.` };
    expect(await counted(() => show(again))).toEqual({ calls: 7, reads: 4, writes: 3 });
    expect([...checks().values()].map(({ name }) => name)).toEqual(['Table 1', 'Owner agreement']);
    expect(checks().get('Table 1')).not.toBe(before.get('Table 1'));
    expect(comments().map(({ body }) => body)).toEqual([
      `${again.comment}\n\n<!-- corroborate:reviewer asked 1815 -->`,
    ]);
    expect(demo.comments.size).toBe(3);
  });

  test('in three writes at its end: the check, the comment, and the labels with the closing', async () => {
    const { github, ada, pull, show, counted, checks } = await startWithPull();
    await using _ = github;
    await show();
    ada.labels(pull, 'Good First Issue');
    const denied = view({
      checks: [check('Table 1'), check('Owner agreement', { conclusion: 'failure', digest: 'denied' })],
      comment: `${commentMark}\nDenied.`,
      labels: ['diff: denied', 'Diff: Repeated'],
      reviewer: null,
      closes: true,
    });
    expect(await counted(() => show(denied))).toEqual({ calls: 7, reads: 4, writes: 3 });
    expect([...pull.labels].sort()).toEqual(['diff: denied', 'diff: repeated', 'good first issue']);
    expect(pull.state).toBe('closed');
    expect(checks().get('Owner agreement')).toMatchObject({ conclusion: 'failure', actions: [] });
    expect(checks().get('Owner agreement')!.suite.repository.checkRuns.size).toBe(2);
    expect(await counted(() => show(denied))).toEqual({ calls: 4, reads: 4, writes: 0 });
  });

  test('is closed where its labels are right already', async () => {
    const { github, pull, show, counted } = await startWithPull();
    await using _ = github;
    await show();
    expect(await counted(() => show({ closes: true }))).toMatchObject({ writes: 1 });
    expect(pull.state).toBe('closed');
    expect([...pull.labels]).toEqual(['diff: proposed', 'diff: repeated']);
  });

  test('a check is written again when it was asked for, though it shows the same', async () => {
    const { github, demo, show, counted } = await startWithPull();
    await using _ = github;
    await show();
    expect(await counted(() => show({}, { afresh: true }))).toMatchObject({ writes: 2 });
    expect(demo.checkRuns.size).toBe(2);
  });

  test('annotations are never doubled: others need another run of the name', async () => {
    const { github, demo, show, checks } = await startWithPull();
    await using _ = github;
    const faulty = (digest: string, annotations = [annotation]) => ({
      checks: [check('Table 1', { conclusion: 'failure', digest, annotations }), check('Owner agreement')],
    });
    await show(faulty('one'));
    await show(faulty('two'));
    expect(demo.checkRuns.size).toBe(2);
    expect(checks().get('Table 1')!.annotations).toHaveLength(1);
    await show(faulty('three', []));
    expect(demo.checkRuns.size).toBe(3);
    expect(checks().get('Table 1')!.annotations).toHaveLength(0);
  });

  test("what is too long for GitHub's limits is cut, and shown", async () => {
    const { github, show, checks } = await startWithPull();
    await using _ = github;
    const long = { ...annotation, title: 'é'.repeat(300), message: '🦊'.repeat(40_000) };
    const annotations = Array.from({ length: 60 }, () => annotation).with(0, long);
    await show({ checks: [check('Table 1', { summary: `x${'🦊'.repeat(40_000)}`, annotations })] });
    const run = checks().get('Table 1')!;
    expect(run.annotations).toHaveLength(50);
    expect(run.output.summary!.length).toBeLessThanOrEqual(65_535);
    expect(Buffer.byteLength(run.annotations[0]!.message)).toBeLessThanOrEqual(65_536);
    expect(run.annotations[0]!.title!.length).toBe(255);
    for (const text of [run.output.summary!, run.annotations[0]!.message]) {
      expect(Buffer.from(text).toString('utf8')).toBe(text);
      expect(text).not.toContain('\ufffd');
    }
  });
});

test('an annotation that GitHub refuses does not hide the verdict', async () => {
  const { github, api, read, repository, counted, checks } = await startWithPull();
  await using _ = github;
  const odd = { ...annotation, start_line: 1.5 };
  const shown = viewOf({ checks: [check('Table 1', { conclusion: 'failure', annotations: [annotation, odd] })] });
  await showPullRequest(api, repository, await read(), shown);
  expect(checks().get('Table 1')).toMatchObject({ conclusion: 'failure', annotations: [] });
  expect(await counted(async () => showPullRequest(api, repository, await read(), shown))).toMatchObject({ writes: 0 });
});

describe('the comment', () => {
  test('is put right where somebody changed it, and written again where somebody deleted it', async () => {
    const { github, ada, show, counted, comments } = await startWithPull();
    await using _ = github;
    await show();
    ada.edits(comments()[0]!, `${commentMark}\nall nonsense`);
    expect(await counted(() => show({ reviewer: null }))).toMatchObject({ writes: 1 });
    expect(comments()[0]!.body).toContain('Grace repeated it.');
    ada.deletes(comments()[0]!);
    expect(await counted(() => show({ reviewer: null }))).toMatchObject({ writes: 1 });
    expect(comments()).toHaveLength(1);
  });

  test('is written anew where it goes away before it can be changed', async () => {
    const { github, ada, read, repository, api, show, comments } = await startWithPull();
    await using _ = github;
    await show();
    const pull = await read();
    ada.deletes(comments()[0]!);
    await showPullRequest(api, repository, pull, viewOf({ comment: `${commentMark}\nnew` }));
    expect(comments()).toHaveLength(1);
  });

  test('is one, the oldest, where two stand there', async () => {
    const { github, pull, app, show, comments } = await startWithPull();
    await using _ = github;
    await show();
    const [first] = comments();
    const by = { account: app.bot, app };
    addComment(github, pull, `${commentMark}\nanother replica's`, by);
    addComment(github, pull, `${commentMark}\na third one's`, by);
    await show();
    expect(comments()).toEqual([first]);
  });

  test('is one where its answer was lost on the way', async () => {
    const { github, show, comments } = await startWithPull();
    await using _ = github;
    const route = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments';
    github.trouble.fails(route, { status: 502, applied: true });
    expect((await problemOf(show())).code).toBe('UNREACHABLE');
    await show();
    expect(comments()).toHaveLength(1);
  });

  test('is one, with the last words, where another replica was quicker, below however many', async () => {
    const { github, alan, pull, app, show, counted, comments } = await startWithPull();
    await using _ = github;
    for (let n = 0; n < 150; n++) {
      const earlier = new Date(Date.now() - (150 - n) * 1000);
      Object.assign(alan.comments(pull, `${n}`), { createdAt: earlier, updatedAt: earlier });
    }
    const by = { account: app.bot, app };
    const route = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments';
    github.trouble.before(route, () => void addComment(github, pull, `${commentMark}\nquicker`, by));
    expect(await counted(() => show())).toMatchObject({ writes: 7 });
    expect(comments().map(({ body }) => body)).toEqual([
      `${commentMark}\nGrace repeated it.\n\n<!-- corroborate:reviewer asked 1815 -->`,
    ]);
  });

  test('is one where the client wrote it again, since no answer had come', async () => {
    const { github, api, repository, read, comments } = await startWithPull();
    await using _ = github;
    const persistent: Api = {
      request: (route, parameters) => api.request(route, parameters).catch(() => api.request(route, parameters)),
    };
    for (const route of ['check-runs', 'issues/{issue_number}/comments', 'issues/{issue_number}/labels']) {
      github.trouble.fails(`POST /repos/{owner}/{repo}/${route}`, { status: 502, applied: true });
    }
    await showPullRequest(persistent, repository, await read(), viewOf());
    expect(comments()).toHaveLength(1);
  });

  test('is not mistaken for what somebody else wrote, by way of another App or with its mark', async () => {
    const { github, alan, pull, demo, show, comments } = await startWithPull();
    await using _ = github;
    const other = github.app('corroborate-2', { permissions: { pull_requests: 'write' } });
    github.installs(other, demo);
    const forged = `${commentMark}\nforged\n\n<!-- corroborate:reviewer asked 1815 -->`;
    addComment(github, pull, forged, { account: other.bot, app: other });
    addComment(github, pull, forged, { account: alan.account, app: null });
    await show();
    expect(comments()).toHaveLength(1);
    expect([...demo.comments.values()].filter(({ body }) => body === forged)).toHaveLength(2);
    expect([...pull.reviewers].map(({ login }) => login)).toEqual(['ada']);
  });
});

describe('replies', () => {
  test('are given once each, beside the comment', async () => {
    const { github, alan, pull, show, counted, comments } = await startWithPull();
    await using _ = github;
    await show();
    const said = alan.comments(pull, '/agree');
    const mark = replyMark(`comment-${said.id}`);
    const replies = [{ mark, body: `${mark}\nThank you for looking!` }];
    expect(await counted(() => show({ replies }))).toEqual({ calls: 6, reads: 5, writes: 1 });
    const otherWords = [{ mark, body: `${mark}\nThanks!` }];
    expect(await counted(() => show({ replies: otherWords }))).toMatchObject({ writes: 0 });
    expect(comments().map(({ body }) => body.includes('Thank you'))).toEqual([false, true]);
  });

  test('whoever quotes the mark of a reply is answered all the same', async () => {
    const { github, alan, pull, show, comments } = await startWithPull();
    await using _ = github;
    const mark = replyMark('comment-7');
    alan.comments(pull, mark);
    await show({ replies: [{ mark, body: `${mark}\nhello` }] });
    expect(comments()).toHaveLength(2);
  });
});

describe('the owner of the targeted record', () => {
  const alan = { login: 'alan', id: 1912 };

  test('is mentioned, once, where he is no collaborator', async () => {
    const { github, grace, fork, show, counted, comments } = await startWithPull();
    await using _ = github;
    expect(await counted(() => show({ reviewer: alan }))).toEqual({ calls: 9, reads: 4, writes: 5 });
    expect(comments()[0]!.body).toBe(
      `${commentMark}\nGrace repeated it. @alan\n\n<!-- corroborate:reviewer mentioned 1912 -->`,
    );
    expect(await counted(() => show({ reviewer: alan }))).toMatchObject({ writes: 0 });
    await grace.commits(fork, 'claim', { 'diffs/7f/3a/x.yml': 'x: 2\n' });
    const comment = `${commentMark}\nanother commit`;
    expect(await counted(() => show({ reviewer: null, comment }))).toMatchObject({ writes: 3 });
    expect(comments()[0]!.body).toBe(`${comment}\n\n<!-- corroborate:reviewer mentioned 1912 -->`);
    expect(await counted(() => show({ reviewer: alan, comment }))).toMatchObject({ writes: 1 });
    expect(comments()[0]!.body.match(/@alan/g)).toHaveLength(1);
  });

  test('is asked for once, also where somebody took the request back', async () => {
    const { github, pull, show, counted } = await startWithPull();
    await using _ = github;
    await show();
    pull.reviewers.clear();
    expect(await counted(() => show())).toMatchObject({ writes: 0 });
  });

  test('is mentioned where he opened the pull request: GitHub asks nobody for a review of his own', async () => {
    const { github, show, counted, comments } = await startWithPull();
    await using _ = github;
    expect(await counted(() => show({ reviewer: { login: 'grace', id: 1906 } }))).toMatchObject({ writes: 5 });
    expect(comments()[0]!.body).toContain('@grace');
  });

  test('is not taken for whoever has his login now', async () => {
    const { github, ada, pull, show, counted, comments } = await startWithPull();
    await using _ = github;
    const reviewer = { login: ada.login, id: 4711 };
    await show({ reviewer });
    expect(pull.reviewers.size).toBe(0);
    expect(comments()[0]!.body).toContain('the account number 4711, which is no longer called `ada`');
    expect(comments()[0]!.body).not.toContain('@ada');
    expect(await counted(() => show({ reviewer }))).toMatchObject({ writes: 0 });
  });
});

describe('replicas at once', () => {
  /** An API whose calls go when the schedule lets them. */
  const scheduled = (api: Api, scheduler: fc.Scheduler): Api => ({
    request: async (route, parameters) => {
      await scheduler.schedule(Promise.resolve(), route);
      return api.request(route, parameters);
    },
  });

  test('leave one comment, one reply, the newest check of each name, in any order of their calls', async () => {
    const { github, demo, pull, api, own, repository, show, comments, checks } = await startWithPull();
    await using _ = github;
    const mark = replyMark('comment-1');
    github.limits.hourly.installation = Number.MAX_SAFE_INTEGER;
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.integer({ min: 2, max: 3 }),
        fc.boolean(),
        async (scheduler, replicas, late) => {
          demo.comments.clear();
          demo.checkRuns.clear();
          pull.labels.clear();
          pull.reviewers.clear();
          if (late) await show();
          const replica = async (words: string) => {
            const by = scheduled(api, scheduler);
            const shown = viewOf({
              comment: `${commentMark}\n${words}`,
              replies: [{ mark, body: `${mark}\n${words}` }],
            });
            await showPullRequest(by, repository, await readPullRequest(by, repository, pull.number, own), shown);
          };
          const done = Promise.all(['one', 'two', 'one'].slice(0, replicas).map(replica));
          await scheduler.waitFor(done);
          expect(comments().filter(({ body }) => body.includes(commentMark))).toHaveLength(1);
          expect(comments().filter(({ body }) => body.includes(mark))).toHaveLength(1);
          expect(comments()).toHaveLength(2);
          expect([...checks().keys()].sort()).toEqual(['Owner agreement', 'Table 1']);
          expect([...pull.labels].sort()).toEqual(['diff: proposed', 'diff: repeated']);
          expect(pull.reviewers.size).toBe(1);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('what is refused', () => {
  test.each([
    { lacks: 'checks', has: { issues: 'write', pull_requests: 'write', checks: 'read' }, says: '`checks: write`' },
    {
      lacks: 'pull_requests',
      has: { issues: 'write', checks: 'write', pull_requests: 'read' },
      says: '`pull_requests: write`',
    },
    {
      lacks: 'comments',
      has: { checks: 'write', pull_requests: 'read' },
      says: '`issues: write`, or `pull_requests: write`',
    },
  ] as const)('for want of $lacks is named, and the rest is written', async ({ lacks, has, says }) => {
    const { github, pull, show, comments, checks } = await startWithPull(has);
    await using _ = github;
    const problem = await problemOf(show());
    expect(problem.code).toBe('FORBIDDEN');
    expect(problem.message).toContain(says);
    expect(problem.message).toContain('Permissions & events');
    expect(checks().size).toBe(lacks === 'checks' ? 0 : 2);
    expect(comments()).toHaveLength(lacks === 'comments' ? 0 : 1);
    expect(pull.labels.size).toBe(lacks === 'comments' ? 0 : 2);
    if (lacks === 'pull_requests') expect(comments()[0]!.body).toContain('@ada');
  });

  test('by a limit ends it at once: nothing more is tried', async () => {
    const { github, show, counted } = await startWithPull();
    await using _ = github;
    github.trouble.limits('POST', 'secondary', { retryAfter: 60 });
    let problem: Problem | undefined;
    const count = await counted(async () => {
      problem = await problemOf(show());
    });
    expect(problem).toMatchObject({ code: 'RATE_LIMITED' });
    expect(problem!.message).toContain('60 seconds');
    expect(count.writes).toBe(1);
  });

  test('one call after the other may fail: the end is the same', async () => {
    const { github, show, comments, demo, pull } = await startWithPull();
    await using _ = github;
    for (let failing = 0; failing < 14; failing++) {
      demo.comments.clear();
      demo.checkRuns.clear();
      pull.labels.clear();
      pull.reviewers.clear();
      for (const applied of [false, true]) {
        let call = 0;
        github.trouble.fails(() => call++ === failing, { status: 500, applied });
        await show().catch((error: unknown) => expect(error).toMatchObject({ code: 'UNREACHABLE' }));
        github.trouble.ends();
        await show();
        expect(comments()).toHaveLength(1);
        expect(new Set([...demo.checkRuns.values()].map(({ name }) => name)).size).toBe(2);
        expect(pull.labels.size).toBe(2);
        expect(pull.reviewers.size).toBe(1);
      }
    }
  });
});
