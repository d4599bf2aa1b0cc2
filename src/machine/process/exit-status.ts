import { constants } from 'node:os';

/** What told a simulation to stop before its end. */
export type Cancelled =
  | { readonly by: 'signal'; readonly signal: NodeJS.Signals }
  | { readonly by: 'timeout'; readonly milliseconds: number };

export interface Ending {
  readonly exitCode: number | null;
  /** The signal that it died of. */
  readonly signal: NodeJS.Signals | null;
  readonly cancelled: Cancelled | null;
}

/** `SIGSEGV` to 11, as this system counts. */
export function signalNumber(signal: NodeJS.Signals): number {
  return constants.signals[signal];
}

/** 11 to `SIGSEGV`; null for a number that this system gives no name. */
export function signalName(number: number): NodeJS.Signals | null {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return found === undefined ? null : (found[0] as NodeJS.Signals);
}

/**
 * What `run` exits with (design, section 8): 124 when time ran out, 128+n for a signal, else the simulation's own code.
 */
export function exitStatus(ending: Ending): number {
  if (ending.cancelled?.by === 'timeout') return 124;
  if (ending.signal !== null) return 128 + signalNumber(ending.signal);
  return ending.exitCode ?? 1;
}

/**
 * The status of Table 4. Whoever was told to stop is `cancelled`, whatever it made of that: a simulation that catches
 * Ctrl-C, saves what it has and exits 0 did not do all it would have done.
 */
export function statusOf(ending: Ending): 'finished' | 'failed' | 'cancelled' {
  if (ending.cancelled !== null) return 'cancelled';
  return ending.exitCode === 0 ? 'finished' : 'failed';
}

/**
 * Whether Corroborate should end by SIGINT itself and not by exit 130. At a terminal a shell's loop over runs goes on
 * after Ctrl-C unless the command in it is seen to die of SIGINT; elsewhere the plain number is what a caller reads.
 */
export function diesOfInterrupt(ending: Ending, atTerminal: boolean): boolean {
  return atTerminal && ending.signal === 'SIGINT' && ending.cancelled?.by === 'signal';
}
