import { Problem } from '../../domain/problem.ts';
import type { JudgedRequest } from '../../domain/pull-request/judged-request.ts';
import { unjudgedRequest } from '../../domain/pull-request/unjudged-request.ts';
import { readProject } from '../../flows/branch-documents.ts';
import type { answerPullRequest } from '../../flows/judge-pull-request.ts';
import type { Judging } from '../../flows/reconcile-pull-request.ts';
import { JudgingWorker, type Outside, OverBudget, type ThreadBudget } from './judging-worker.ts';
import type { Task } from './thread-messages.ts';

export interface JudgingPoolOptions extends ThreadBudget {
  readonly threads: number;
  /** The thread's entry, where it is another than the usual one. */
  readonly file?: URL;
  /** Told when a thread has been replaced. */
  onRestart?(why: Error): void;
}

interface Waiting {
  readonly repository: string;
  readonly task: Task;
  readonly outside: Outside;
  fulfil(value: unknown): void;
  reject(error: unknown): void;
}

/**
 * Judges away from the event loop, in a few threads. What takes too much time or memory is ended with its thread, and
 * asked again without computing the results anew; what is too much even so is `unknown`. One repository never has all the
 * threads, so that its hostile files keep no other waiting.
 */
export class JudgingPool {
  readonly #options: JudgingPoolOptions;
  readonly #idle: JudgingWorker[] = [];
  readonly #waiting: Waiting[] = [];
  /** Threads at work, by repository. */
  readonly #working = new Map<string, number>();
  #closed = false;

  constructor(options: JudgingPoolOptions) {
    this.#options = options;
    for (let index = 0; index < options.threads; index++) this.#start();
  }

  /** @param repository whose turn it is: `acme/demo` */
  judging(repository: string, outside: Outside): Judging {
    const run = (task: Task) => this.#run(repository, task, outside);
    return {
      judge: async question => {
        const ask = (computes: boolean) => run({ kind: 'judge', question: { ...question, computes } });
        try {
          return (await this.#twice(ask)) as JudgedRequest;
        } catch (error) {
          if (!(error instanceof OverBudget)) throw error;
          const project = await readProject(await outside.store.snapshot(question.tip));
          return unjudgedRequest(question, project.owner, `it could not be judged: that took ${error.message}`);
        }
      },
      answer: async (question, answer) => {
        const ask = (computes: boolean) => run({ kind: 'answer', question: { ...question, computes }, answer });
        try {
          return (await this.#twice(ask)) as Awaited<ReturnType<typeof answerPullRequest>>;
        } catch (cause) {
          if (!(cause instanceof OverBudget)) throw cause;
          throw new Problem('BUSY', `the answer could not be put together: that took ${cause.message}.`, { cause });
        }
      },
    };
  }

  /** When every thread that has nothing to do has warmed up. */
  async ready(): Promise<void> {
    await Promise.all(this.#idle.map(worker => worker.ready));
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(new Problem('BUSY', 'the App is being stopped.'));
    await Promise.all(this.#idle.splice(0).map(worker => worker.end()));
  }

  async #twice(ask: (computes: boolean) => Promise<unknown>): Promise<unknown> {
    try {
      return await ask(true);
    } catch (error) {
      if (!(error instanceof OverBudget)) throw error;
      return ask(false);
    }
  }

  #run(repository: string, task: Task, outside: Outside): Promise<unknown> {
    return new Promise((fulfil, reject) => {
      this.#waiting.push({ repository, task, outside, fulfil, reject });
      this.#next();
    });
  }

  #start(): void {
    const { milliseconds, megabytes, file } = this.#options;
    this.#idle.push(new JudgingWorker({ milliseconds, megabytes }, file));
  }

  #next(): void {
    const most = Math.max(1, this.#options.threads - 1);
    while (this.#idle.length > 0) {
      const at = this.#waiting.findIndex(({ repository }) => (this.#working.get(repository) ?? 0) < most);
      if (at < 0) return;
      const [waiting] = this.#waiting.splice(at, 1);
      const worker = this.#idle.pop()!;
      if (worker.isDead) {
        // It ended while it had nothing to do.
        this.#replace(new Error('a judging thread ended by itself.'));
        this.#waiting.unshift(waiting!);
        continue;
      }
      void this.#give(worker, waiting!);
    }
  }

  async #give(worker: JudgingWorker, { repository, task, outside, fulfil, reject }: Waiting): Promise<void> {
    this.#working.set(repository, (this.#working.get(repository) ?? 0) + 1);
    try {
      fulfil(await worker.run(repository, task, outside));
    } catch (error) {
      reject(error);
      if (worker.isDead) this.#replace(error as Error);
    } finally {
      const left = this.#working.get(repository)! - 1;
      if (left === 0) this.#working.delete(repository);
      else this.#working.set(repository, left);
      if (this.#closed) await worker.end();
      else if (!worker.isDead) this.#idle.push(worker);
      this.#next();
    }
  }

  #replace(why: Error): void {
    this.#options.onRestart?.(why);
    if (!this.#closed) this.#start();
  }
}
