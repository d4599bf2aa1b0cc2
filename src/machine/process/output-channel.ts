import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { finished, PassThrough, type Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { writeAll } from './pass-on.ts';
import { openPseudoTerminal, type PseudoTerminal } from './pseudo-terminal.ts';

/** The way of one output stream from the simulation through us to where it would have gone without us. */
export interface OutputChannel {
  /** For `spawn`'s stdio. */
  readonly childEnd: number | 'pipe';
  /** The simulation has its end now: give up ours and start to pass on. */
  begin(spawned: Readable | null): void;
  /** Whether everything that was printed has been read and passed on. */
  isDone(): boolean;
  readonly done: Promise<void>;
  /**
   * To be called when the simulation has ended: waits for what is under way.
   * @returns false when somebody who left the simulation's group still holds the stream open; it is closed then
   */
  finish(stillHeld: () => Promise<void>): Promise<boolean>;
  resize(rows: number, columns: number): Promise<void>;
}

/** How long nothing may come, once the simulation's group has gone, until the stream counts as held by a stranger. */
const silence = 250;

/** Bytes that may wait to be passed on, beside one chunk, before the simulation is held up: what a pipe holds. */
const room = 65_536;

/**
 * @param target our descriptor that it is passed on to
 * @param pipe a named pipe; null where there is none, then the simulation gets a socket
 * @param keep is shown every chunk, before it is passed on
 * @param note is told what differs from a run without Corroborate
 * @param print takes every chunk instead of `target`; null: `target` does
 */
export async function openOutputChannel(
  name: 'stdout' | 'stderr',
  target: number,
  pipe: string | null,
  environment: NodeJS.ProcessEnv,
  keep: (chunk: Buffer) => void,
  note: (text: string) => void,
  print: ((chunk: Buffer) => Promise<void>) | null = null,
): Promise<OutputChannel> {
  const terminal = print === null && isatty(target) ? await openTerminal(name, environment, note) : null;
  let source: Readable | null = terminal?.output ?? null;
  let childEnd: number | 'pipe' = terminal?.descriptor ?? 'pipe';
  if (terminal === null && pipe !== null) {
    const reading = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    childEnd = openSync(pipe, constants.O_WRONLY);
    source = new Socket({ fd: reading, readable: true, writable: false });
  }
  let chunks = 0;
  let isPassingOn = false;
  let isDone = false;
  let resolve: () => void;
  const done = new Promise<void>(fulfil => {
    resolve = fulfil;
  });

  // What comes while something is being passed on is read, and kept, at once: the log has stdout and stderr in the order
  // in which they came, however slow the readers of either are.
  let waiting: Buffer[] = [];
  let waitingSize = 0;

  const passOn = async (from: Readable) => {
    isPassingOn = true;
    try {
      for (let chunk = waiting.shift(); chunk !== undefined; chunk = waiting.shift()) {
        waitingSize -= chunk.length;
        await (print === null ? writeAll(target, chunk) : print(chunk));
        if (waitingSize < room) from.resume();
      }
    } catch (error) {
      // Whoever read it has gone. Closing our end tells the simulation as it would be told without us: by SIGPIPE, or an
      // error, at its next write.
      const code = (error as NodeJS.ErrnoException).code;
      note(`${name} could no longer be written (${code === 'EPIPE' ? 'its reader has gone' : code})`);
      waiting = [];
      from.destroy();
    }
    isPassingOn = false;
    if (from.destroyed || from.readableEnded) end();
  };
  const end = () => {
    if (isPassingOn) return;
    isDone = true;
    resolve();
  };
  const read = (from: Readable) => {
    from.on('data', (chunk: Buffer) => {
      chunks += 1;
      keep(chunk);
      waiting.push(chunk);
      waitingSize += chunk.length;
      if (!isPassingOn) void passOn(from);
      if (waitingSize >= room) from.pause();
    });
    // With an error where it was closed by `finish`, which says so.
    finished(from, { writable: false }, end);
  };

  return {
    childEnd,
    begin(spawned) {
      if (typeof childEnd === 'number') closeSync(childEnd);
      source ??= spawned ?? new PassThrough().end();
      read(source);
    },
    isDone: () => isDone,
    done,
    async finish(stillHeld) {
      terminal?.end();
      let told = false;
      while (!isDone) {
        const before = chunks;
        const watch = new AbortController();
        await Promise.race([done, pause(silence, undefined, { signal: watch.signal }).catch(() => {})]);
        watch.abort();
        if (isDone || isPassingOn || chunks !== before) continue;
        if (told) {
          source?.destroy();
          await done;
          return false;
        }
        told = true;
        await stillHeld();
      }
      return true;
    },
    resize: async (rows, columns) => terminal?.resize(rows, columns),
  };
}

async function openTerminal(
  name: string,
  environment: NodeJS.ProcessEnv,
  note: (text: string) => void,
): Promise<PseudoTerminal | null> {
  try {
    return await openPseudoTerminal(terminalSize(), environment);
  } catch (error) {
    note(
      `${name} was a pipe and no terminal for the simulation, so colours and progress bars may be missing: no pseudo-terminal could be had (${(error as Error).message})`,
    );
    return null;
  }
}

/** Rows and columns of the terminal that we print to. */
export function terminalSize(): { rows: number; columns: number } {
  const stream = [process.stdout, process.stderr].find(candidate => candidate.isTTY);
  return { rows: stream?.rows || 24, columns: stream?.columns || 80 };
}
