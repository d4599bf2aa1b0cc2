import { spawn } from 'node:child_process';
import { PassThrough, type Readable } from 'node:stream';
import { signalGroup } from '../process/process-group.ts';

export interface EngineAnswer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Most of what an engine says that is kept, in characters; the last of it names what went wrong. */
const longest = 1024 * 1024;

/**
 * Calls an engine's program and waits for its end. A session of its own, so that Ctrl-C at the terminal does not reach
 * an engine in the middle of putting something away.
 * @param onOutput sees all that it prints, in the order in which it comes
 * @param stop ends it, and what it started
 * @returns null where the program is not there
 */
export function callEngine(
  program: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  onOutput: (chunk: Buffer) => void = () => {},
  stop: { readonly on: AbortSignal; readonly by: NodeJS.Signals } | null = null,
): Promise<EngineAnswer | null> {
  return new Promise((fulfil, reject) => {
    const child = spawn(program, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    stop?.on.addEventListener('abort', () => child.pid !== undefined && signalGroup(child.pid, stop.by), {
      once: true,
    });
    const kept = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].on('data', (chunk: Buffer) => {
        onOutput(chunk);
        kept[stream] = (kept[stream] + chunk.toString('utf8')).slice(-longest);
      });
    }
    child.once('error', cause => {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') fulfil(null);
      else reject(cause);
    });
    child.once('close', (code, signal) => fulfil({ code: code ?? (signal ? 128 : 1), ...kept }));
  });
}

/** What the shell below says where the engine failed. */
const failed = 'corroborate: the engine failed\n';

/**
 * What an engine prints, as a stream; `done` gives its answer, stdout left out. Through a pipe of a shell's: what Node
 * calls a pipe is a socket, and podman opens /dev/stdout, which on a socket nobody can.
 */
export function streamOfEngine(
  program: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): { readonly stream: Readable; readonly done: Promise<EngineAnswer | null> } {
  const script = `{ "$@" || echo "${failed.trim()}" >&2; } | cat`;
  const words = ['-c', script, 'sh', program, ...args];
  const child = spawn('sh', words, { env: environment, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const stream = new PassThrough();
  child.stdout.pipe(stream);
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(-longest);
  });
  const done = new Promise<EngineAnswer | null>((fulfil, reject) => {
    child.once('error', cause => {
      stream.end();
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') fulfil(null);
      else reject(cause);
    });
    child.once('close', code => {
      const hasFailed = code !== 0 || stderr.endsWith(failed);
      fulfil({ code: hasFailed ? 1 : 0, stdout: '', stderr: stderr.replace(failed, '') });
    });
  });
  return { stream, done };
}
