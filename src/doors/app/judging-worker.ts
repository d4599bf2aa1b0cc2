import { Worker } from 'node:worker_threads';
import type { ActorOfRun } from '../../flows/judge-pull-request.ts';
import type { CommitReader, Snapshot } from '../../store/record-store.ts';
import {
  type FromThread,
  hearFailure,
  type OutsideCalls,
  type Task,
  type ToldFailure,
  type ToThread,
  tellFailure,
} from './thread-messages.ts';

/** What a task is worked on with: one repository, as one installation may see it. */
export interface Outside {
  readonly store: CommitReader;
  readonly actorOfRun: ActorOfRun;
}

export interface ThreadBudget {
  /** Milliseconds of computing for one task; waiting for what it reads is not counted. */
  readonly milliseconds: number;
  /** Megabytes of heap. */
  readonly megabytes: number;
}

/** A task took more time or memory than it may have; its thread is ended. */
export class OverBudget extends Error {}

interface Current {
  readonly number: number;
  readonly outside: Outside;
  readonly snapshots: Map<string, Promise<Snapshot>>;
  /** Errors of the outside by call, kept whole: only their words go through the port. */
  readonly errors: Map<number, unknown>;
  calls: number;
  left: number;
  since: number;
  timer: NodeJS.Timeout | null;
  fulfil(value: unknown): void;
  reject(error: unknown): void;
}

const ownFile = import.meta.url;
/** Beside this file, as source or in the bundle. */
const threadFile = new URL(ownFile.endsWith('.ts') ? './judging-thread.ts' : './judging-thread.mjs', ownFile);

/** One thread that is kept warm, works on one task at a time, and is dead once it went over its budget. */
export class JudgingWorker {
  readonly #worker: Worker;
  readonly #budget: ThreadBudget;
  readonly #file: URL;
  #current: Current | null = null;
  #tasks = 0;
  #dead = false;
  /** When it has warmed up, or is dead. */
  readonly ready: Promise<void>;
  #isReady = false;
  #becomesReady = () => {};

  constructor(budget: ThreadBudget, file: URL = threadFile) {
    this.#budget = budget;
    this.#file = file;
    this.#worker = new Worker(this.#file, {
      // Neither secrets nor switches of the App's own reach it.
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: budget.megabytes },
    });
    this.ready = new Promise(done => {
      this.#becomesReady = done;
    });
    this.#worker.on('message', (message: FromThread) => this.#hear(message));
    this.#worker.on('error', error => this.#die(whyEnded(error, budget)));
    this.#worker.on('exit', () => this.#die(new Error('a judging thread ended by itself.')));
  }

  get isDead(): boolean {
    return this.#dead;
  }

  /**
   * @param repository whose it is: `acme/demo`
   * @throws OverBudget; what the flow throws in the thread; what the outside threw, where that was why
   */
  run(repository: string, task: Task, outside: Outside): Promise<unknown> {
    if (this.#dead || this.#current !== null) throw new Error('a judging thread was given a task that it cannot take.');
    return new Promise((fulfil, reject) => {
      const number = ++this.#tasks;
      const left = this.#budget.milliseconds;
      const [snapshots, errors] = [new Map(), new Map()];
      this.#current = { number, outside, snapshots, errors, calls: 0, left, since: 0, timer: null, fulfil, reject };
      const begin = () => {
        if (this.#current?.number !== number) return;
        this.#say({ is: 'task', number, repository, branch: outside.store.branch, task });
        this.#computes(this.#current);
      };
      // Getting ready is no part of what a task may take.
      if (this.#isReady) begin();
      else void this.ready.then(begin);
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #say(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  #hear(message: FromThread): void {
    if (message.is === 'ready') {
      this.#isReady = true;
      this.#becomesReady();
      return;
    }
    const current = this.#current;
    if (current === null || message.task !== current.number) return;
    if (message.is === 'call') {
      void this.#answer(current, message);
      return;
    }
    this.#leave(current);
    if (message.is === 'done') current.fulfil(message.value);
    else current.reject(originOf(message.failure, current));
  }

  async #answer(current: Current, { call, name, words }: Extract<FromThread, { is: 'call' }>): Promise<void> {
    this.#waits(current);
    let answer: ToThread;
    try {
      answer = { is: 'returned', call, value: await callOutside(current, name, words) };
    } catch (error) {
      current.errors.set(call, error);
      answer = { is: 'refused', call, failure: tellFailure(error) };
    }
    if (this.#current !== current) return;
    this.#say(answer);
    if (--current.calls === 0) this.#computes(current);
  }

  #waits(current: Current): void {
    if (current.calls++ > 0) return;
    if (current.timer !== null) clearTimeout(current.timer);
    current.left -= performance.now() - current.since;
  }

  #computes(current: Current): void {
    current.since = performance.now();
    const { milliseconds } = this.#budget;
    current.timer = setTimeout(
      () => this.#die(new OverBudget(`more than ${milliseconds / 1000} s of computing`)),
      Math.max(0, current.left),
    );
  }

  #leave(current: Current): void {
    if (current.timer !== null) clearTimeout(current.timer);
    this.#current = null;
  }

  #die(why: Error): void {
    const current = this.#current;
    this.#dead = true;
    this.#becomesReady();
    if (current !== null) {
      this.#leave(current);
      current.reject(why);
    }
    void this.#worker.terminate();
  }
}

function whyEnded(error: Error, { megabytes }: ThreadBudget): Error {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ERR_WORKER_OUT_OF_MEMORY' ? new OverBudget(`more than ${megabytes} MB of memory`) : error;
}

/** The error itself, where it came from the outside: it knows more than its words. */
function originOf(failure: ToldFailure, { errors }: Current): unknown {
  return failure.call !== null && errors.has(failure.call) ? errors.get(failure.call) : hearFailure(failure);
}

/** The closed list of what a thread may ask for. */
function callOutside({ outside, snapshots }: Current, name: keyof OutsideCalls, words: readonly unknown[]) {
  const { store, actorOfRun } = outside;
  const at = (commit: string) => {
    const known = snapshots.get(commit) ?? store.snapshot(commit);
    snapshots.set(commit, known);
    return known;
  };
  const calls: { readonly [Name in keyof OutsideCalls]: (...words: Parameters<OutsideCalls[Name]>) => unknown } = {
    snapshot: async commit => void (await at(commit)),
    read: async (commit, path) => ownBytes(await (await at(commit)).read(path)),
    readAll: async (commit, paths) => (await (await at(commit)).readAll(paths)).map(ownBytes),
    folder: async (commit, path) => (await at(commit)).folder(path),
    files: async (commit, under) => (await at(commit)).files(under),
    isAncestor: (ancestor, of) => store.isAncestor(ancestor, of),
    commitInfo: commit => store.commitInfo(commit),
    differences: (before, after) => store.differences(before, after),
    actorOfRun,
  };
  if (!Object.hasOwn(calls, name)) throw new Error(`a judging thread asked for ${JSON.stringify(name)}.`);
  return (calls[name] as (...words: readonly unknown[]) => unknown)(...words);
}

/** A view of a large buffer would be cloned with all of that buffer. */
function ownBytes(bytes: Uint8Array | null): Uint8Array | null {
  return bytes === null || bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
}
