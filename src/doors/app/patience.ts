import { Problem } from '../../domain/problem.ts';
import type { Patience } from './work-queue.ts';

/** What passes by itself; all else stays as it is until somebody does something, which sends a delivery. */
const passing: ReadonlySet<Problem['code']> = new Set(['RATE_LIMITED', 'UNREACHABLE', 'BUSY', 'BRANCH_MOVED']);
/** 1, 2, 4, … seconds, at most five minutes: the last of ten tries comes some ten minutes after the first. */
const longest = 300_000;
const mostTries = 10;
/** GitHub's primary limits end within the hour. */
const longestHold = 3_900_000;
/** Where GitHub names no time: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api */
const usualHold = 60_000;

/** When to try again what failed, as GitHub asks where it does; null where trying again is of no use. */
export function patienceWith(error: unknown, tries: number, now: Date, random: () => number): Patience | null {
  if (tries >= mostTries) return null;
  const limit = limitOf(error);
  if (limit !== null) {
    const asked = waitAsked(limit, now) ?? usualHold * 2 ** Math.min(tries - 1, 5);
    return { milliseconds: Math.min(asked, longestHold) + 1000 * random(), holds: true };
  }
  if (!isPassing(error)) return null;
  return { milliseconds: Math.min(1000 * 2 ** (tries - 1), longest) * (1 + random() / 2), holds: false };
}

interface HttpError {
  readonly status?: unknown;
  readonly message?: unknown;
  readonly response?: { readonly headers?: { readonly [name: string]: unknown } };
}

/** The error itself, then what it came from. */
function* chain(error: unknown): Generator<unknown> {
  for (let one = error, depth = 0; one !== undefined && one !== null && depth < 5; depth++) {
    yield one;
    one = (one as { readonly cause?: unknown }).cause;
  }
}

function isPassing(error: unknown): boolean {
  if (error instanceof Problem) return passing.has(error.code);
  const { status } = (error ?? {}) as HttpError;
  // Octokit gives 500 to what never reached GitHub.
  return typeof status === 'number' && (status >= 500 || status === 408);
}

/** What GitHub said with its refusal for the number of calls; null where it was no such refusal. */
function limitOf(error: unknown): HttpError | null {
  let limited = error instanceof Problem && error.code === 'RATE_LIMITED';
  for (const one of chain(error)) {
    const http = one as HttpError;
    if (typeof http.status !== 'number') continue;
    const headers = http.response?.headers ?? {};
    const isRefusal = http.status === 403 || http.status === 429;
    limited ||=
      isRefusal &&
      (http.status === 429 ||
        headers['retry-after'] !== undefined ||
        headers['x-ratelimit-remaining'] === '0' ||
        /rate limit/i.test(String(http.message)));
    if (limited) return http;
  }
  return limited ? {} : null;
}

/** Milliseconds; null where GitHub names no time. */
function waitAsked({ response }: HttpError, now: Date): number | null {
  const headers = response?.headers ?? {};
  const after = Number(headers['retry-after'] ?? Number.NaN);
  if (after >= 0) return after * 1000;
  const reset = Number(headers['x-ratelimit-reset'] ?? Number.NaN);
  if (headers['x-ratelimit-remaining'] === '0' && reset >= 0) return Math.max(0, reset * 1000 - now.getTime()) + 1000;
  return null;
}
