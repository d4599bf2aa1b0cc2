import type { Actor } from '../state/actor.ts';
import { Refusal } from './refusal.ts';

/** Calls an hour, as GitHub publishes them. */
const hourly = { anonymous: 60, personal: 5000, installation: 5000, workflow: 1000, app: 5000 } as const;

interface Window {
  used: number;
  readonly resets: number;
}

/** GitHub's primary limits, always on, and its secondary ones, where a test turns them on. */
export class RateLimits {
  readonly #now: () => Date;
  readonly #windows = new Map<string, Window>();
  readonly #recent = new Map<string, { readonly at: number; readonly points: number; readonly creates: boolean }[]>();
  readonly #going = new Map<string, number>();
  /** Overrides the published figure of a kind of token. */
  readonly hourly: { [kind in Actor['kind']]: number } = { ...hourly };
  /** 900 points a minute (5 a write), 80 content-creating requests a minute, 100 requests at once. */
  secondary = false;

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** Counts a call. Throws GitHub's refusal where it is one too many. @returns what to call when it is answered */
  enter(actor: Actor, writes: boolean): () => void {
    const window = this.#window(actor);
    if (window.used >= this.hourly[actor.kind]) throw this.primary(actor);
    window.used++;
    if (!this.secondary) return () => {};
    const now = this.#now().getTime();
    const recent = (this.#recent.get(actor.quota) ?? []).filter(({ at }) => now - at < 60_000);
    this.#recent.set(actor.quota, recent);
    const going = this.#going.get(actor.quota) ?? 0;
    const points = recent.reduce((sum, one) => sum + one.points, 0);
    const creations = recent.filter(({ creates }) => creates).length;
    if (going >= 100 || points + (writes ? 5 : 1) > 900 || (writes && creations >= 80)) throw secondaryLimit(60);
    recent.push({ at: now, points: writes ? 5 : 1, creates: writes });
    this.#going.set(actor.quota, going + 1);
    return () => this.#going.set(actor.quota, this.#going.get(actor.quota)! - 1);
  }

  headers(actor: Actor, resource = 'core'): { readonly [name: string]: string } {
    const { used, resets } = this.#window(actor);
    const limit = this.hourly[actor.kind];
    return {
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(Math.max(0, limit - used)),
      'x-ratelimit-used': String(used),
      'x-ratelimit-reset': String(Math.ceil(resets / 1000)),
      'x-ratelimit-resource': resource,
    };
  }

  /** `rate-limit` */
  view(actor: Actor) {
    const { used, resets } = this.#window(actor);
    const limit = this.hourly[actor.kind];
    return { limit, used, remaining: Math.max(0, limit - used), reset: Math.ceil(resets / 1000) };
  }

  /** The refusal of an actor that has used up its hour. */
  primary(actor: Actor, resets = this.#window(actor).resets): Refusal {
    const whom =
      actor.kind === 'installation' ? `installation ID ${actor.installation!.id}` : `user ID ${actor.account?.id ?? 0}`;
    return new Refusal(403, `API rate limit exceeded for ${whom}.`, {
      headers: {
        ...this.headers(actor),
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': String(Math.ceil(resets / 1000)),
      },
    });
  }

  #window(actor: Actor): Window {
    const now = this.#now().getTime();
    const known = this.#windows.get(actor.quota);
    if (known !== undefined && known.resets > now) return known;
    const window = { used: 0, resets: now + 3_600_000 };
    this.#windows.set(actor.quota, window);
    return window;
  }
}

/** @param retryAfter seconds; null for the answers that name no time */
export function secondaryLimit(retryAfter: number | null): Refusal {
  return new Refusal(
    403,
    'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
    retryAfter === null ? {} : { headers: { 'retry-after': String(retryAfter) } },
  );
}
