/** One thing to be done; those with the same key become one. */
export interface Order<What> {
  readonly key: string;
  /** Whose work it is, `acme/demo`: nobody has all of the room while others wait. */
  readonly lane: string;
  /** Who is to be left in peace where GitHub asks to wait: an installation. */
  readonly holder: string;
  readonly what: What;
}

/** When to try again what failed; `holds`: all else of that holder waits likewise. */
export interface Patience {
  readonly milliseconds: number;
  readonly holds: boolean;
}

export interface WorkQueueOptions<What> {
  readonly parallel: number;
  work(order: Order<What>): Promise<void>;
  /** What both ask for. */
  merge(earlier: What, later: What): What;
  /** null: trying again is of no use. @param tries made by now */
  patience(error: unknown, tries: number): Patience | null;
  /** Told of each failure, with what becomes of it. */
  failed(order: Order<What>, error: unknown, patience: Patience | null): void;
  /** Calls later, and says how to call that off. */
  later(milliseconds: number, call: () => void): () => void;
}

interface Job<What> {
  order: Order<What>;
  tries: number;
  /** Waits for its time; called off when it is thrown away. */
  callOff: (() => void) | null;
}

/**
 * Does things one at a time for each key and several at once in all. What is asked for again while it is worked on is
 * done once more afterwards, however often it was asked for. What fails for now is tried again.
 */
export class WorkQueue<What> {
  readonly #options: WorkQueueOptions<What>;
  /** In the order in which they came. */
  readonly #waiting = new Map<string, Job<What>>();
  readonly #running = new Map<string, Order<What>>();
  readonly #held = new Set<string>();
  readonly #ends: (() => void)[] = [];
  #idle: (() => void)[] = [];
  #closed = false;

  constructor(options: WorkQueueOptions<What>) {
    this.#options = options;
  }

  /** Waiting for a place, for their turn or for a better time. */
  get waiting(): number {
    return this.#waiting.size;
  }

  get running(): number {
    return this.#running.size;
  }

  add(order: Order<What>): void {
    this.#put(order, null);
    this.#next();
  }

  /** When nothing is running, and nothing that could. */
  async idle(): Promise<void> {
    while (this.#running.size > 0 || [...this.#waiting.values()].some(job => this.#isReady(job))) {
      await new Promise<void>(done => this.#idle.push(done));
    }
  }

  /** What is waiting for a better time is thrown away. @returns when the rest is done and what comes of it, or time is up */
  async close(milliseconds: number): Promise<{ readonly left: number }> {
    this.#closed = true;
    for (const [key, job] of this.#waiting) {
      if (job.callOff === null && !this.#held.has(job.order.holder)) continue;
      job.callOff?.();
      this.#waiting.delete(key);
    }
    for (const end of this.#ends.splice(0)) end();
    let callOff = () => {};
    const timeIsUp = new Promise<void>(done => {
      callOff = this.#options.later(milliseconds, done);
    });
    await Promise.race([this.idle(), timeIsUp]);
    callOff();
    return { left: this.#running.size + this.#waiting.size };
  }

  #put(order: Order<What>, failed: { readonly tries: number; readonly wait: number } | null): void {
    const { key } = order;
    const there = this.#waiting.get(key);
    if (there !== undefined) {
      const [earlier, later] = failed === null ? [there.order, order] : [order, there.order];
      there.order = { ...order, what: this.#options.merge(earlier.what, later.what) };
      if (failed !== null) this.#postpone(there, failed);
      return;
    }
    const job: Job<What> = { order, tries: 0, callOff: null };
    this.#waiting.set(key, job);
    if (failed !== null) this.#postpone(job, failed);
  }

  #postpone(job: Job<What>, { tries, wait }: { readonly tries: number; readonly wait: number }): void {
    job.tries = tries;
    job.callOff?.();
    job.callOff = this.#options.later(wait, () => {
      job.callOff = null;
      this.#next();
    });
  }

  #isReady({ order, callOff }: Job<What>): boolean {
    return callOff === null && !this.#held.has(order.holder) && !this.#running.has(order.key);
  }

  #next(): void {
    while (this.#running.size < this.#options.parallel) {
      const job = this.#fairest();
      if (job === null) break;
      this.#waiting.delete(job.order.key);
      this.#running.set(job.order.key, job.order);
      void this.#do(job);
    }
    const waiters = this.#idle;
    this.#idle = [];
    for (const done of waiters) done();
  }

  /** The oldest that is ready of the lane that has the least running; a lane never takes more than three quarters. */
  #fairest(): Job<What> | null {
    const most = Math.max(1, Math.ceil((this.#options.parallel * 3) / 4));
    const busy = new Map<string, number>();
    for (const { lane } of this.#running.values()) busy.set(lane, (busy.get(lane) ?? 0) + 1);
    let best: Job<What> | null = null;
    let least = most;
    for (const job of this.#waiting.values()) {
      const running = busy.get(job.order.lane) ?? 0;
      if (running < least && this.#isReady(job)) [best, least] = [job, running];
      if (least === 0) break;
    }
    return best;
  }

  async #do({ order, tries }: Job<What>): Promise<void> {
    const { work, patience, failed } = this.#options;
    try {
      await work(order);
    } catch (error) {
      const again = this.#closed ? null : patience(error, tries + 1);
      failed(order, error, again);
      if (again !== null) {
        if (again.holds) this.#hold(order.holder, again.milliseconds);
        this.#put(order, { tries: tries + 1, wait: again.milliseconds });
      }
    } finally {
      this.#running.delete(order.key);
      this.#next();
    }
  }

  #hold(holder: string, milliseconds: number): void {
    if (this.#held.has(holder)) return;
    this.#held.add(holder);
    const end = this.#options.later(milliseconds, () => {
      this.#ends.splice(this.#ends.indexOf(end), 1);
      this.#held.delete(holder);
      this.#next();
    });
    this.#ends.push(end);
  }
}
