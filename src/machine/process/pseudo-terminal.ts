import { spawn } from 'node:child_process';
import { constants, openSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';

/**
 * A terminal for a simulation's output, so that it prints colours and progress bars as it does without Corroborate
 * while what it prints is kept. Node cannot make one; util-linux's `script` (essential in Debian) can: it runs a small
 * shell inside a new one, and we open the same terminal by that shell's descriptor. Raw, so that no byte is changed on
 * the way: the real terminal behind us does that. It is for output alone; input comes from the real terminal.
 */
export interface PseudoTerminal {
  /** The simulation's end; to be closed here once it was handed over. */
  readonly descriptor: number;
  readonly output: Readable;
  /** Resolves when the terminal has that size. */
  resize(rows: number, columns: number): Promise<void>;
  /** No more will be written: `output` ends after what is still under way. */
  end(): void;
}

// It ends when Corroborate closes descriptor 3, by intent or by dying. Descriptor 2 is never redirected in it, so that
// is the one to open.
const holder =
  'stty raw -echo || exit 1; echo $$ >&3; while read -r rows columns <&3; do stty rows "$rows" cols "$columns"; echo >&3; done';

/**
 * @param size of the real terminal
 * @throws when there is no `script`, or it is another system's
 */
export async function openPseudoTerminal(
  size: { readonly rows: number; readonly columns: number },
  environment: NodeJS.ProcessEnv,
): Promise<PseudoTerminal> {
  if (process.platform !== 'linux') throw new Error(`only done under Linux, not ${process.platform}`);
  const child = spawn('script', ['-qfc', holder, '/dev/null'], {
    cwd: '/',
    env: { ...environment, SHELL: '/bin/sh' },
    // A session of its own: Ctrl-C is not for it.
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore', 'pipe'],
  });
  const control = child.stdio[3] as Socket;
  const output = child.stdout!;
  for (const stream of [child.stdin!, control]) stream.on('error', () => {});
  const answer = () =>
    new Promise<string>((resolve, reject) => {
      control.once('data', (data: Buffer) => resolve(data.toString()));
      control.once('close', () => reject(new Error('`script` ended at once')));
      child.once('error', reject);
    });
  const resize = async (rows: number, columns: number) => {
    const done = answer();
    control.write(`${rows} ${columns}\n`);
    await done;
  };
  try {
    const pid = Number.parseInt(await answer(), 10);
    await resize(size.rows, size.columns);
    const descriptor = openSync(`/proc/${pid}/fd/2`, constants.O_RDWR | constants.O_NOCTTY);
    return { descriptor, output, resize, end: () => control.end() };
  } catch (error) {
    child.kill('SIGKILL');
    control.destroy();
    throw error;
  }
}
