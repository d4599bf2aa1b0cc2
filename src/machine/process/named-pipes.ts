import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { isatty } from 'node:tty';
import { isPassedOn } from './standard-input.ts';

/** What a simulation's standard streams are to be; see `SimulationOptions`. */
export interface StreamsWanted {
  readonly stdin: string | null;
  readonly stdout: string | null;
  readonly json: boolean;
  readonly cwd: string;
  readonly environment: NodeJS.ProcessEnv;
  /** A container engine's program reads and prints in the simulation's place. */
  readonly toEngine: boolean;
}

/** The paths of the pipes; null for a stream that is a terminal or a file, and for all where there can be none. */
export interface StreamPipes {
  readonly stdin: string | null;
  readonly stdout: string | null;
  readonly stderr: string | null;
  /** What differs without them, for the record. */
  readonly note: string | null;
}

/** Pipes that are still to be made. */
export interface PlannedPipes {
  /** What makes them all, in one call; null where none is needed. */
  readonly words: readonly string[] | null;
  /** To be asked once that has run, however it ended. */
  made(): StreamPipes;
}

/**
 * The pipes that a simulation's streams need, in a folder that the caller made and removes. A simulation gets named pipes and
 * not Node's own, which are sockets: nothing that opens /dev/stdout or /dev/stderr works on a socket.
 */
export function planStreamPipes(folder: string, wanted: StreamsWanted): PlannedPipes {
  const path = (name: string, needed: boolean) => (needed ? join(folder, name) : null);
  const pipes = {
    stdin: path('stdin', isPassedOn(wanted.stdin, wanted.cwd, wanted.toEngine)),
    stdout: path('stdout', wanted.stdout === null && !isatty(wanted.json ? 2 : 1)),
    stderr: path('stderr', !isatty(2)),
  };
  const paths = Object.values(pipes).filter(pipe => pipe !== null);
  return {
    words: paths.length === 0 ? null : ['mkfifo', '-m', '600', ...paths],
    made: () => (paths.every(isPipe) ? { ...pipes, note: null } : noPipes),
  };
}

const noPipes: StreamPipes = {
  stdin: null,
  stdout: null,
  stderr: null,
  note: 'the simulation printed to sockets and not to pipes, so /dev/stdout and /dev/stderr do not open: mkfifo failed',
};

/** Plans them and makes them. */
export async function makeStreamPipes(folder: string, wanted: StreamsWanted): Promise<StreamPipes> {
  const { words, made } = planStreamPipes(folder, wanted);
  if (words !== null) {
    const [program, ...rest] = words as [string, ...string[]];
    // Nothing that it says is read: pipes to it would cost more than it does.
    const child = spawn(program, rest, { env: wanted.environment, stdio: 'ignore' });
    await once(child, 'exit').catch(() => {});
  }
  return made();
}

function isPipe(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFIFO() ?? false;
}
