import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { PassThrough, type Readable } from 'node:stream';
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

  const passOn = async (from: Readable) => {
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        chunks += 1;
        keep(chunk);
        isPassingOn = true;
        try {
          await (print === null ? writeAll(target, chunk) : print(chunk));
        } catch (error) {
          // Whoever read it has gone. Leaving the loop closes our end, so the simulation is told as it would be without
          // us: by SIGPIPE, or an error, at its next write.
          const code = (error as NodeJS.ErrnoException).code;
          note(`${name} could no longer be written (${code === 'EPIPE' ? 'its reader has gone' : code})`);
          break;
        }
        isPassingOn = false;
      }
    } catch {
      // The stream was closed by `finish`, which says so.
    }
    isPassingOn = false;
    isDone = true;
    resolve();
  };

  return {
    childEnd,
    begin(spawned) {
      if (typeof childEnd === 'number') closeSync(childEnd);
      source ??= spawned ?? new PassThrough().end();
      void passOn(source);
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
