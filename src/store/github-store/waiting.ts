import { Problem } from '../../domain/problem.ts';
import { asksFor, type Failure } from './failure.ts';

/** Time and chance, handed in. */
export interface Clock {
  now(): Date;
  sleep(milliseconds: number): Promise<void>;
  /** At least 0, below 1. */
  random(): number;
}

export interface Waiting {
  readonly clock: Clock;
  /** How long one call may take with all its waits, in milliseconds. */
  readonly patience: number;
  /** False where whoever makes the calls waits and repeats already, as Probot's Octokit does. */
  readonly repeats: boolean;
}

export type Attempt<T> = { readonly done: T } | { readonly failed: Failure };
/** `unsure`: an earlier try of it failed in a way that leaves open whether it was done. */
export type Outcome<T> = { readonly done: T } | { readonly failed: Failure; readonly unsure: boolean };

/** A minute, which GitHub asks for at the least where it names no time. */
const minute = 60_000;

/**
 * Makes a call, and again as GitHub asks: after a rate limit when its time is over, after a failure of the server with
 * growing, jittered waits if `repeatable` says that doing it twice does no harm.
 * @returns what came of it: an answer, or a failure that waiting does not mend
 * @throws Problem RATE_LIMITED where the wait would be longer than there is patience for
 */
export async function patiently<T>(
  { clock, patience, repeats }: Waiting,
  { doing, repeatable }: { readonly doing: string; readonly repeatable: boolean },
  attempt: () => Promise<Attempt<T>>,
): Promise<Outcome<T>> {
  // One that repeats by itself does not tell of it.
  let unsure = !repeats;
  const until = clock.now().getTime() + patience;
  for (let tries = 0; ; tries++) {
    const outcome = await attempt();
    if ('done' in outcome) return outcome;
    const now = clock.now();
    const asks = asksFor(outcome.failed, now);
    const jitter = 1 + clock.random();
    if (asks.what === 'patience') {
      const wait = (asks.milliseconds ?? minute * 2 ** tries) + 500 * jitter;
      if (!repeats || now.getTime() + wait > until) throw limited(outcome.failed, doing, now, wait);
      await clock.sleep(wait);
    } else {
      const wait = Math.min(500 * 2 ** tries, 30_000) * jitter;
      const again = asks.what === 'another try' && repeats && repeatable;
      if (!again || now.getTime() + wait > until) return { ...outcome, unsure };
      unsure = true;
      await clock.sleep(wait);
    }
  }
}

function limited({ message, cause }: Failure, doing: string, now: Date, wait: number): Problem {
  const at = new Date(now.getTime() + wait).toISOString().slice(0, 19);
  return new Problem(
    'RATE_LIMITED',
    `GitHub takes no more calls for now, so Corroborate could not ${doing} (GitHub: ${JSON.stringify(message.slice(0, 300))}). Try again after ${at}Z.`,
    { cause },
  );
}
