import { failureOf, type GitHubFailure, isLimit, leavesOpen, limitWait } from '../../domain/github-failure.ts';
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
    const named = limit === 'untold' ? null : limitWait(limit, now);
    const asked = named ?? usualHold * 2 ** Math.min(tries - 1, 5);
    return { milliseconds: Math.min(asked, longestHold) + 1000 * random(), holds: true };
  }
  if (!isPassing(error)) return null;
  return { milliseconds: Math.min(1000 * 2 ** (tries - 1), longest) * (1 + random() / 2), holds: false };
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
  return isOctokits(error) && leavesOpen(failureOf(error));
}

/** Octokit's errors have a status, also those of what never reached GitHub. */
const isOctokits = (error: unknown) => typeof (error as { readonly status?: unknown } | null)?.status === 'number';

/** What GitHub said with its refusal for the number of calls, 'untold' where only our own words are left of it; null where it was no such refusal. */
function limitOf(error: unknown): GitHubFailure | 'untold' | null {
  const limited = error instanceof Problem && error.code === 'RATE_LIMITED';
  for (const one of chain(error)) {
    if (!isOctokits(one)) continue;
    const failure = failureOf(one);
    if (limited || isLimit(failure)) return failure;
  }
  return limited ? 'untold' : null;
}
