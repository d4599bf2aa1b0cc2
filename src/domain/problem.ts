/**
 * The one error type. Its codes are closed: whoever catches one can switch over them, and a new kind of failure is
 * a change to this list. The message says what happened, to what, and what to do; `places` names every fault in data
 * that came from outside, each with where it stands.
 */
export type ProblemCode =
  /** The words of the call are off (exit 2). */
  | 'USAGE'
  | 'NOT_A_REPOSITORY'
  | 'NO_COMMIT'
  /** The records branch is not there. */
  | 'NO_BRANCH'
  /** A branch of that name is there, but it is no records branch. */
  | 'FOREIGN_BRANCH'
  /** The records branch, or git's own storage under it, is damaged. */
  | 'DAMAGED'
  /** The branch moved while it was being written; whoever sees this may try again. */
  | 'BRANCH_MOVED'
  | 'NOT_FOUND'
  | 'AMBIGUOUS'
  /** Data from outside does not hold what its schema or rule says; see `places`. */
  | 'INVALID'
  /** A rule of the design forbids it. */
  | 'REFUSED'
  /** The command to run is not there (exit 127 of `run`). */
  | 'COMMAND_NOT_FOUND'
  /** The command to run is there but cannot be executed (exit 126 of `run`). */
  | 'COMMAND_NOT_EXECUTABLE'
  /** Another process holds what is needed. */
  | 'BUSY'
  | 'NO_SPACE'
  | 'READ_ONLY'
  | 'UNREADABLE'
  /** The user's git answered with an error. */
  | 'GIT_FAILED'
  /** A container engine (docker, podman, apptainer) answered with an error. */
  | 'ENGINE_FAILED'
  /** The other side of a push or pull refused or could not be reached. */
  | 'REMOTE_FAILED'
  /** GitHub refuses for want of a permission; the message names it. */
  | 'FORBIDDEN'
  /** A branch is protected against whoever writes; the message names the setting. */
  | 'PROTECTED'
  /** GitHub asks to wait for longer than there is time. */
  | 'RATE_LIMITED'
  /** GitHub could not be reached, or answers nothing but errors of its own. */
  | 'UNREACHABLE'
  /** Asked for something that this machine or this version cannot do. */
  | 'UNSUPPORTED'
  /** A defect of Corroborate's own. */
  | 'DEFECT';

/** Where a fault stands. `line` and `column` count from 1; null where the fault has no such place. */
export interface Place {
  readonly path: string;
  readonly line: number | null;
  readonly column: number | null;
  /** Dotted path of the field, e.g. `program.exit_code` or `inputs[2].sha256`; null for the whole file. */
  readonly field: string | null;
}

/** One fault at one place, with the reason in words. */
export interface Fault extends Place {
  readonly because: string;
}

export interface ProblemDetails {
  readonly cause?: unknown;
  readonly faults?: readonly Fault[];
}

export class Problem extends Error {
  readonly code: ProblemCode;
  readonly faults: readonly Fault[];

  constructor(code: ProblemCode, message: string, details: ProblemDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'Problem';
    this.code = code;
    this.faults = details.faults ?? [];
  }
}
