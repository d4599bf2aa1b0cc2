import { spawn } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';

/** What is typed, on its way to somebody else's standard input. */
export interface TypedInput {
  /** Where it is read. */
  readonly childEnd: number;
  end(): void;
}

/**
 * `cat` ends with 1 where it may not read the terminal, since we are in the background: then it is tried again. It is a
 * child in the background of a shell, so Ctrl-C does not end it.
 */
const script = `trap '' INT QUIT TTIN
trap 'kill "$child"; exit' TERM HUP
exec 3<&0
while :; do
  cat <&3 & child=$!
  wait "$child"
  [ $? -eq 1 ] || exit
  sleep 1 & child=$!
  wait "$child"
done`;

/**
 * Passes on what is typed at our terminal to a program that reads whatever it can get, as the one of a container engine
 * does: with the terminal itself, and in a session of its own, that would take the lines that are meant for the shell
 * while we are paused or in the background. A member of our own process group reads instead, by the rules of the terminal:
 * it stops and goes on with us, and gets nothing in the background.
 * @param pipe path of a named pipe made for this
 */
export function passOnTyped(pipe: string): TypedInput {
  // An end that reads, or nobody could open the one that writes.
  const held = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  const writing = openSync(pipe, constants.O_WRONLY);
  const childEnd = openSync(pipe, constants.O_RDONLY);
  closeSync(held);
  const reader = spawn('sh', ['-c', script], { stdio: [0, writing, 'ignore'] });
  reader.once('error', () => {});
  reader.unref();
  closeSync(writing);
  return { childEnd, end: () => void reader.kill('SIGTERM') };
}
