import { describe, expect, test } from 'vitest';
import { failureOf, isLimit, isProtection, limitWait, wantedPermission } from '../../src/domain/github-failure.ts';
import { problemOfError } from '../../src/github/error-words.ts';
import { problemOf } from '../../src/store/github-store/failure.ts';

const now = new Date('2026-11-23T04:00:00.000Z');
const rest = (status: number, message: string, headers: Record<string, string | number> = {}) =>
  Object.assign(new Error(`${message} - https://docs.github.com`), {
    status,
    response: { headers, data: { message } },
  });
const graphql = (type: string, message: string) =>
  Object.assign(new Error('Request failed'), { errors: [{ type, message }], headers: {}, response: { data: null } });

const sentences = [
  'Changes must be made through a pull request.',
  'At least 1 approving review is required by reviewers with write access.',
  '2 of 2 required status checks are expected.',
  "You're not authorized to push to this branch. Visit https://docs.github.com",
  'Repository rule violations found\n\nCannot update this protected ref.',
  'Cannot delete this protected branch',
  'Protected branch update failed for refs/heads/records.',
  'Commits must have verified signatures.',
  'Commits must have signed commits.',
];

test.each(sentences)('a protection is one for the App and for the Action: %s', sentence => {
  for (const error of [rest(422, sentence), rest(409, sentence), rest(403, sentence)]) {
    expect(problemOfError(error, 'PATCH /x').code).toBe('PROTECTED');
    expect(problemOf(failureOf(error), 'acme/demo', 'move it').code).toBe('PROTECTED');
  }
  expect(isProtection(failureOf(graphql('UNPROCESSABLE', sentence)))).toBe(true);
  expect(isProtection(failureOf(rest(404, sentence)))).toBe(false);
});

describe('a limit', () => {
  test.each([
    ['429, whatever it says', rest(429, 'Slow down'), true],
    ['a time to wait', rest(403, 'Slow down', { 'retry-after': 90 }), true],
    ['no calls left', rest(403, 'No', { 'X-RateLimit-Remaining': '0' }), true],
    ['by its words', rest(403, 'You have exceeded a secondary rate limit.'), true],
    ['by its older words', rest(403, 'You have triggered an abuse detection mechanism.'), true],
    ["GraphQL's", graphql('RATE_LIMITED', 'API rate limit exceeded'), true],
    [
      'no permission, in the last call of the hour',
      rest(403, 'Resource not accessible by integration', { 'x-ratelimit-remaining': '0' }),
      false,
    ],
    ['no permission', rest(403, 'Must have admin rights to Repository.'), false],
    ['what is not there', rest(404, 'Not Found', { 'x-ratelimit-remaining': '0' }), false],
  ])('%s', (_, error, is) => expect(isLimit(failureOf(error))).toBe(is));

  test('is waited for as long as GitHub says', () => {
    const reset = now.getTime() / 1000 + 600;
    const wait = (headers: Record<string, string | number>) => limitWait(failureOf(rest(403, 'No', headers)), now);
    expect(wait({ 'retry-after': 90, 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset })).toBe(90_000);
    expect(wait({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset })).toBe(601_000);
    expect(wait({ 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': reset })).toBeNull();
  });
});

test.each([
  ['contents=write', '`contents: write`'],
  ['issues=write; pull_requests=write', '`issues: write`, or `pull_requests: write`'],
  ['contents=write; contents=write,workflows=write', '`contents: write`, or `contents: write` and `workflows: write`'],
  ['', null],
  ['<script>', null],
])('the permission that %s asks for is named alike', (accepted, words) => {
  const error = rest(403, 'Resource not accessible by integration', { 'x-accepted-github-permissions': accepted });
  expect(wantedPermission(failureOf(error))).toBe(words);
  for (const { code, message } of [problemOfError(error, 'x'), problemOf(failureOf(error), 'acme/demo', 'x')]) {
    expect(code).toBe('FORBIDDEN');
    if (words !== null) expect(message).toContain(words);
    expect(message).not.toContain('<script>');
  }
});

test('a failed validation is told with its reasons, and whatever else is thrown has no status', () => {
  const error = Object.assign(new Error('x'), {
    status: 422,
    response: { data: { message: 'Validation Failed', errors: [{ field: 'head', code: 'invalid' }, 'odd', null, 7] } },
  });
  expect(failureOf(error)).toMatchObject({ status: 422, message: 'Validation Failed; head invalid; odd', headers: {} });
  for (const thrown of [undefined, null, 'text', new Error('x'), { status: 403 }]) {
    expect(failureOf(thrown).status).toBeNull();
  }
});
