import { randomUUID } from 'node:crypto';
import type { Answer } from './http/answer.ts';
import { type RateLimits, secondaryLimit } from './http/rate-limits.ts';
import { Refusal } from './http/refusal.ts';
import type { Actor } from './state/actor.ts';
import type { Repository } from './state/repository.ts';

/** Which calls: the name of a route, a method alone, `*`, or a test. */
export type Which = string | ((route: string, path: string) => boolean);

interface Planned {
  readonly which: Which;
  times: number;
  readonly work: (actor: Actor) => Promise<void> | void;
  /** Whether it comes after the call did what it does. */
  readonly after: boolean;
}

const sentences: Readonly<{ [status: number]: string }> = {
  500: 'Server Error',
  502: 'Server Error',
  503: 'Service unavailable',
  504: "We couldn't respond to your request in time.",
};

/** What goes wrong, and when: told by a test beforehand. */
export class Trouble {
  readonly #limits: RateLimits;
  readonly #planned: Planned[] = [];
  readonly #moves: {
    readonly repository: Repository;
    readonly branch: string;
    times: number;
    work(): Promise<void>;
  }[] = [];

  constructor(limits: RateLimits) {
    this.#limits = limits;
  }

  /** @param applied true: the call does its work, and only its answer is lost */
  fails(which: Which, { status = 502, times = 1, applied = false } = {}): void {
    const work = () => {
      throw new Refusal(status, sentences[status] ?? 'Server Error');
    };
    this.#planned.push({ which, times, work, after: applied });
  }

  /** @param retryAfter seconds: until the hour is over, or until a secondary limit may be tried again; null names none */
  limits(
    which: Which,
    kind: 'primary' | 'secondary',
    { times = 1, retryAfter = 60 }: { readonly times?: number; readonly retryAfter?: number | null } = {},
  ): void {
    const work = (actor: Actor) => {
      throw kind === 'secondary'
        ? secondaryLimit(retryAfter)
        : this.#limits.primary(actor, Date.now() + (retryAfter ?? 0) * 1000);
    };
    this.#planned.push({ which, times, work, after: false });
  }

  /** Something that happens just before a call, e.g. what another replica does. */
  before(which: Which, work: () => Promise<void> | void, { times = 1 } = {}): void {
    this.#planned.push({ which, times, work, after: false });
  }

  /** Somebody moves the branch just before it would be moved: by the refs, merges, contents or GraphQL API, or a push. */
  movesBranch(repository: Repository, branch: string, work: () => Promise<void>, { times = 1 } = {}): void {
    this.#moves.push({ repository, branch, times, work });
  }

  /** All that was planned and did not come to pass is forgotten. */
  ends(): void {
    this.#planned.length = 0;
    this.#moves.length = 0;
  }

  async beforeCall(route: string, path: string, actor: Actor): Promise<void> {
    await this.#next(route, path, false)?.work(actor);
  }

  async afterCall(route: string, path: string, actor: Actor, answer: Answer): Promise<Answer> {
    await this.#next(route, path, true)?.work(actor);
    return answer;
  }

  /** @param branch null: whichever (a push does not say beforehand) */
  async beforeMove(repository: Repository, branch: string | null): Promise<void> {
    const move = this.#moves.find(
      one => one.times > 0 && one.repository === repository && (branch === null || one.branch === branch),
    );
    if (move === undefined) return;
    move.times--;
    await move.work();
  }

  #next(route: string, path: string, after: boolean): Planned | undefined {
    const method = route.split(' ')[0]!;
    const planned = this.#planned.find(({ which, times, after: late }) => {
      if (times === 0 || late !== after) return false;
      return typeof which === 'function' ? which(route, path) : which === '*' || which === route || which === method;
    });
    if (planned !== undefined) planned.times--;
    return planned;
  }
}

export const requestId = () => randomUUID().toUpperCase();
