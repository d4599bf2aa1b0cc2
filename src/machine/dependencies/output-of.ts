import { spawn } from 'node:child_process';

export interface Call {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly signal?: AbortSignal;
  readonly input?: string;
}

/**
 * What a program prints on stdout, or null where it is not installed. Its exit code is not judged: `grep`, `ldd` and
 * `rpm` exit with 1 where only some of what was asked for is known. Rejects when `signal` aborts it.
 */
export function outputOf(program: string, words: readonly string[], call: Call): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, {
      // Ctrl-C and Ctrl-Z are meant for the simulation.
      detached: true,
      env: { ...call.environment, LC_ALL: 'C' },
      stdio: ['pipe', 'pipe', 'ignore'],
      ...(call.cwd !== undefined && { cwd: call.cwd }),
      ...(call.signal && { signal: call.signal, killSignal: 'SIGKILL' as const }),
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', cause => {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') resolve(null);
      else reject(cause);
    });
    child.on('close', () => resolve(Buffer.concat(chunks).toString('utf8')));
    // A program that ends before it has read everything has all that it needs.
    child.stdin.on('error', () => {});
    child.stdin.end(call.input ?? '');
  });
}
