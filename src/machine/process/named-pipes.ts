import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { isatty } from 'node:tty';
import { isPassedOn } from './standard-input.ts';

/**
 * Makes named pipes in one call. A simulation gets these and not Node's own pipes, which are sockets: nothing that
 * opens /dev/stdout or /dev/stderr works on a socket.
 * @throws when `mkfifo` is not there or the folder does not take pipes
 */
async function makeNamedPipes(paths: readonly string[], environment: NodeJS.ProcessEnv): Promise<void> {
  if (paths.length === 0) return;
  // Nothing that it says is read: pipes to it would cost more than it does.
  const child = spawn('mkfifo', ['-m', '600', ...paths], { env: environment, stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`mkfifo ended with ${code}`);
}

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

/**
 * The pipes that a simulation's streams need, in a folder that the caller made and removes. May be made ahead, while
 * other things are got ready: it costs a process.
 */
export async function makeStreamPipes(folder: string, wanted: StreamsWanted): Promise<StreamPipes> {
  const path = (name: string, needed: boolean) => (needed ? join(folder, name) : null);
  const pipes = {
    stdin: path('stdin', isPassedOn(wanted.stdin, wanted.cwd, wanted.toEngine)),
    stdout: path('stdout', wanted.stdout === null && !isatty(wanted.json ? 2 : 1)),
    stderr: path('stderr', !isatty(2)),
  };
  try {
    await makeNamedPipes(
      Object.values(pipes).filter(pipe => pipe !== null),
      wanted.environment,
    );
    return { ...pipes, note: null };
  } catch {
    const note =
      'the simulation printed to sockets and not to pipes, so /dev/stdout and /dev/stderr do not open: mkfifo failed';
    return { stdin: null, stdout: null, stderr: null, note };
  }
}
