import { Octokit } from '@octokit/rest';
import nock from 'nock';
import { afterEach, expect, test } from 'vitest';
import { Problem } from '../../src/domain/problem.ts';
import { ask } from '../../src/github/api.ts';
import { problemOfError } from '../../src/github/error-words.ts';
import { problemOf } from './pull-on-github.ts';

afterEach(() => {
  nock.cleanAll();
  nock.enableNetConnect();
});

const log = { debug() {}, info() {}, warn() {}, error() {} };
const refusedWith = (status: number, body: unknown, headers: { [name: string]: string } = {}) => {
  nock.disableNetConnect();
  const type = typeof body === 'string' ? 'text/html; charset=utf-8' : 'application/json';
  nock('https://api.github.com')
    .patch('/repos/acme/demo/git/refs/heads/records')
    .reply(status, typeof body === 'string' ? body : JSON.stringify(body), { 'content-type': type, ...headers });
  const route = 'PATCH /repos/{owner}/{repo}/git/refs/heads/records';
  return problemOf(ask(new Octokit({ log, auth: 'ghs_secret' }), route, { owner: 'acme', repo: 'demo' }));
};

const call = 'PATCH /repos/acme/demo/git/refs/heads/records';
const cases: readonly [string, number, unknown, { [name: string]: string }, string, RegExp][] = [
  [
    'a missing permission',
    403,
    { message: 'Resource not accessible by integration' },
    { 'x-accepted-github-permissions': 'contents=write; contents=write,workflows=write' },
    'FORBIDDEN',
    /needs the permission `contents: write`, or `contents: write` and `workflows: write`\. /,
  ],
  [
    'a missing permission that has no name, in the last call of the hour',
    403,
    { message: 'Resource not accessible by integration' },
    { 'x-accepted-github-permissions': '<script>', 'x-ratelimit-remaining': '0' },
    'FORBIDDEN',
    /a permission that GitHub does not name/,
  ],
  [
    'a ruleset',
    422,
    { message: 'Repository rule violations found\n\nCannot update this protected ref.' },
    {},
    'PROTECTED',
    /Bypass list/,
  ],
  [
    'a protected branch',
    422,
    { message: 'Changes must be made through a pull request.' },
    {},
    'PROTECTED',
    /Settings → Branches/,
  ],
  [
    'a restricted branch',
    403,
    { message: "You're not authorized to push to this branch." },
    {},
    'PROTECTED',
    /Restrict who can push/,
  ],
  ['required checks', 409, { message: '2 of 2 required status checks are expected.' }, {}, 'PROTECTED', /bypass/],
  [
    'the hour',
    403,
    { message: 'API rate limit exceeded for installation ID 3.' },
    { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1795339530' },
    'RATE_LIMITED',
    /again at 2026-11-22T/,
  ],
  [
    'too much at once',
    429,
    { message: 'You have exceeded a secondary rate limit.' },
    { 'retry-after': '60' },
    'RATE_LIMITED',
    /wait for 60 seconds/,
  ],
  [
    'too much, for nobody knows how long',
    403,
    { message: 'You have exceeded a secondary rate limit.' },
    { 'x-ratelimit-remaining': '4999' },
    'RATE_LIMITED',
    /does not say for how long/,
  ],
  ['what is not there', 404, { message: 'Not Found' }, {}, 'NOT_FOUND', /not installed/],
  ['bad credentials', 401, { message: 'Bad credentials' }, {}, 'FORBIDDEN', /PRIVATE_KEY/],
  ['an archive', 403, { message: 'Repository was archived so is read-only.' }, {}, 'READ_ONLY', /unarchive/],
  [
    'a locked conversation',
    403,
    { message: 'Unable to create comment because issue is locked.' },
    {},
    'FORBIDDEN',
    /unlock/,
  ],
  ['a suspension', 403, { message: 'This installation has been suspended' }, {}, 'FORBIDDEN', /resumes it/],
  ['a page of a proxy', 502, '<html>Bad Gateway</html>', {}, 'UNREACHABLE', /error of its own \(502\)/],
  [
    'a refused value',
    422,
    {
      message: 'Validation Failed',
      errors: [{ field: 'body', code: 'custom', message: 'body is too long' }, 'odd', null],
    },
    {},
    'REMOTE_FAILED',
    /422: Validation Failed; body is too long; odd/,
  ],
  ['a refusal without words', 418, '<html>teapot</html>', {}, 'REMOTE_FAILED', /418: status 418/],
  ['a long refusal', 418, { message: `a\n\u0000${'b'.repeat(1000)}` }, {}, 'REMOTE_FAILED', /a b{2,298}…$/],
];

test.each(cases)('%s is said, with what to do', async (_, status, body, headers, code, words) => {
  const problem = await refusedWith(status, body, headers);
  expect(problem.code).toBe(code);
  expect(problem.message).toMatch(words);
  expect(problem.message).toContain(call);
  expect(problem.message).not.toMatch(/<html>|\n/);
  expect(JSON.stringify([problem.message, problem.cause])).not.toContain('ghs_secret');
});

test('a GitHub that is not there is unreachable', async () => {
  nock.disableNetConnect();
  nock('https://api.github.com').patch(/.*/).replyWithError('getaddrinfo ENOTFOUND api.github.com');
  const api = new Octokit({ log });
  expect(
    await problemOf(ask(api, 'PATCH /repos/{owner}/{repo}/git/refs/heads/records', { owner: 'acme', repo: 'demo' })),
  ).toMatchObject({
    code: 'UNREACHABLE',
    message: expect.stringContaining('ENOTFOUND'),
  });
});

test.each([[undefined], [null], ['text'], [new Error('x')], [{ status: '403' }], [{ status: 403 }]])(
  'whatever is thrown (%s) becomes a problem',
  thrown => expect(problemOfError(thrown, call).code).toBe('UNREACHABLE'),
);

test('a problem stays what it is', () => {
  const problem = new Problem('INVALID', 'x');
  expect(problemOfError(problem, call)).toBe(problem);
});
