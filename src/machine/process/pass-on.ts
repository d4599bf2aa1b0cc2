import { write } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Writes all of `chunk` to a descriptor of ours, in a thread: a reader that does not read (`| less`, Ctrl-S) then holds
 * up the simulation, as it does without Corroborate, but not our signals and time limits.
 * @throws the system's error (EPIPE when the reader has gone)
 */
export async function writeAll(descriptor: number, chunk: Uint8Array): Promise<void> {
  let rest = chunk;
  while (rest.length > 0) {
    const written = await writeSome(descriptor, rest);
    if (written === 0) await pause(5);
    rest = rest.subarray(written);
  }
}

/** How many bytes were taken; 0 where somebody made the descriptor non-blocking and it is full. */
function writeSome(descriptor: number, chunk: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    write(descriptor, chunk, (error, written) => {
      if (error === null) resolve(written);
      else if (error.code === 'EAGAIN') resolve(0);
      else reject(error);
    });
  });
}
