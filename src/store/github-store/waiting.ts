import type { GitHubFailure } from '../../domain/github-failure.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../git-store/writer-lock.ts';
import { asksFor } from './failure.ts';

export interface Waiting {
  readonly clock: Clock;
  /** How long one call may take with all its waits, in milliseconds. */
  readonly patience: number;
  /** False where whoever makes the calls waits and repeats already, as Probot's Octokit does. */
  readonly repeats: boolean;
}

export type Attempt<T> = { readonly done: T } | { readonly failed: GitHubFailure };
export type Outcome<T> =
  | { readonly done: T }
  | {
      readonly failed: GitHubFailure;
      /** An earlier try of it failed in a way that leaves open whether it was done. */
      readonly unsure: boolean;
      /** Milliseconds that GitHub asks for before another try; null where trying again is of no use. */
      readonly wait: number | null;
    };

export interface How {
  /** For messages, as in "GitHub did not let Corroborate <doing>". */
  readonly doing: string;
  /** Whether the call can be made again where it is not known if it was done. */
  readonly repeatable: boolean;
  /** False where the call would be out of date once a rate limit is over: then the caller is told to wait. */
  readonly waits?: boolean;
}

/** A minute, which GitHub asks for at the least where it names no time. */
const minute = 60_000;

/** A limit is often over for many writers at the same moment: they come back one by one. */
const spread = 0.3;

/**
 * Makes a call, and again as GitHub asks: after a rate limit when its time is over, after a failure of the server with
 * growing, jittered waits if `repeatable` says that doing it twice does no harm.
 * @returns what came of it: an answer, or a failure that waiting does not mend
 * @throws Problem RATE_LIMITED where the wait would be longer than there is patience for
 */
export async function patiently<T>(
  { clock, patience, repeats }: Waiting,
  { doing, repeatable, waits = true }: How,
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
    if (asks.what === 'patience') {
      const asked = asks.milliseconds ?? minute * 2 ** tries;
      if (!waits) return { ...outcome, unsure, wait: asked };
      const wait = asked * (1 + spread * clock.random()) + 500;
      if (!repeats || now.getTime() + wait > until) throw limited(outcome.failed, doing, now, asked);
      await clock.sleep(wait);
    } else {
      const wait = Math.min(500 * 2 ** tries, 30_000) * (1 + clock.random());
      const again = asks.what === 'another try' && repeats && repeatable;
      if (!again || now.getTime() + wait > until) return { ...outcome, unsure, wait: null };
      unsure = true;
      await clock.sleep(wait);
    }
  }
}

export function limited({ message, cause }: GitHubFailure, doing: string, now: Date, wait: number): Problem {
  const at = new Date(now.getTime() + wait).toISOString().slice(0, 19);
  return new Problem(
    'RATE_LIMITED',
    `GitHub takes no more calls for now, so Corroborate could not ${doing} (GitHub: ${JSON.stringify(message.slice(0, 300))}). Try again after ${at}Z.`,
    { cause },
  );
}
