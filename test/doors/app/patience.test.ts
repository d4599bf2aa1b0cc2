import { describe, expect, test } from 'vitest';
import { Problem } from '../../../src/domain/problem.ts';
import { patienceWith } from '../../../src/doors/app/patience.ts';

const now = new Date('2026-11-23T04:00:00.000Z');
const patience = (error: unknown, tries = 1) => patienceWith(error, tries, now, () => 0);
const http = (status: number, headers: Record<string, string> = {}, message = 'refused') =>
  Object.assign(new Error(message), { status, response: { headers } });

describe('what passes', () => {
  test.each(['UNREACHABLE', 'BUSY', 'BRANCH_MOVED'] as const)('%s is tried again, each time later', code => {
    const error = new Problem(code, 'for now');
    const waits = [1, 2, 3, 8, 9].map(tries => patience(error, tries)?.milliseconds);
    expect(waits).toEqual([1000, 2000, 4000, 128_000, 256_000]);
    expect(patience(error)?.holds).toBe(false);
    expect(patience(error, 10)).toBeNull();
  });

  test('is an error of GitHub itself', () => {
    expect(patience(http(502))).toEqual({ milliseconds: 1000, holds: false });
  });
});

describe('a limit', () => {
  test('is waited for as long as GitHub asks, whoever noticed it', () => {
    const error = http(403, { 'retry-after': '90' }, 'You have exceeded a secondary rate limit');
    expect(patience(error)).toEqual({ milliseconds: 90_000, holds: true });
    const problem = new Problem('RATE_LIMITED', 'no more calls', { cause: error });
    expect(patience(problem)).toEqual({ milliseconds: 90_000, holds: true });
  });

  test('of the hour is over when the hour is', () => {
    const reset = String(now.getTime() / 1000 + 600);
    const error = http(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset });
    expect(patience(error)).toEqual({ milliseconds: 601_000, holds: true });
  });

  test('that names no time is waited for a minute, then longer', () => {
    const error = new Problem('RATE_LIMITED', 'no more calls');
    expect([1, 2, 3].map(tries => patience(error, tries)?.milliseconds)).toEqual([60_000, 120_000, 240_000]);
  });

  test("is never waited for longer than GitHub's longest", () => {
    expect(patience(http(429, { 'retry-after': '999999' }))?.milliseconds).toBe(3_900_000);
  });
});

test.each([new Problem('FORBIDDEN', 'not allowed', { cause: http(403) }), new Problem('DAMAGED', 'broken'), http(404)])(
  'what stays as it is, is not tried again: %s',
  error => {
    expect(patience(error)).toBeNull();
  },
);
