import { type Fault, Problem, type ProblemCode } from '../../domain/problem.ts';
import type { ActorOfRun, PullRequestAnswer, Question } from '../../flows/judge-pull-request.ts';
import type { CommitReader, Snapshot } from '../../store/record-store.ts';

/* What goes between the App and its judging threads: plain data, as the structured clone algorithm takes it. */

/** What a thread is to find out. */
export type Task =
  | { readonly kind: 'judge'; readonly question: Question }
  | { readonly kind: 'answer'; readonly question: Question; readonly answer: PullRequestAnswer };

/** All that a thread may ask of the outside while it is at work: reading, by commit. */
export interface OutsideCalls {
  snapshot(commit: string): Promise<void>;
  read(commit: string, path: string): ReturnType<Snapshot['read']>;
  readAll(commit: string, paths: readonly string[]): ReturnType<Snapshot['readAll']>;
  folder(commit: string, path: string): ReturnType<Snapshot['folder']>;
  files(commit: string, under: string): ReturnType<Snapshot['files']>;
  isAncestor: CommitReader['isAncestor'];
  commitInfo: CommitReader['commitInfo'];
  differences: CommitReader['differences'];
  actorOfRun: ActorOfRun;
}

export type OutsideCall = keyof OutsideCalls;

export type ToThread =
  | {
      readonly is: 'task';
      readonly number: number;
      /** `acme/demo`: what was read of one is never shown to another. */
      readonly repository: string;
      readonly branch: string;
      readonly task: Task;
    }
  | { readonly is: 'returned'; readonly call: number; readonly value: unknown }
  | { readonly is: 'refused'; readonly call: number; readonly failure: ToldFailure };

export type FromThread =
  /** It has loaded everything and practised: tasks can come. */
  | { readonly is: 'ready' }
  | {
      readonly is: 'call';
      /** Whose call it is: what an ended task still asks for is not answered. */
      readonly task: number;
      readonly call: number;
      readonly name: OutsideCall;
      readonly words: readonly unknown[];
    }
  | { readonly is: 'done'; readonly task: number; readonly value: unknown }
  | { readonly is: 'failed'; readonly task: number; readonly failure: ToldFailure };

/** An error as plain data; `code` null for what is no Problem. */
export interface ToldFailure {
  readonly code: ProblemCode | null;
  readonly message: string;
  readonly stack: string | null;
  readonly faults: readonly Fault[];
  /** The call to the outside that failed so, where it was one: there the error itself is kept. */
  readonly call: number | null;
}

/** Stands as the cause of an error that is one of the outside's. */
class OutsideFailure {
  readonly call: number;
  constructor(call: number) {
    this.call = call;
  }
}

export function tellFailure(error: unknown): ToldFailure {
  const { message, stack = null, cause } = error instanceof Error ? error : new Error(String(error));
  const isProblem = error instanceof Problem;
  return {
    code: isProblem ? error.code : null,
    message,
    stack,
    faults: isProblem ? error.faults : [],
    call: cause instanceof OutsideFailure ? cause.call : null,
  };
}

export function hearFailure({ code, message, stack, faults, call }: ToldFailure): Error {
  const cause = call === null ? undefined : new OutsideFailure(call);
  if (code !== null) return new Problem(code, message, { faults, ...(cause === undefined ? {} : { cause }) });
  const error = new Error(message, cause === undefined ? {} : { cause });
  if (stack !== null) error.stack = stack;
  return error;
}
