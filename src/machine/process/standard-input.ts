import { createHash } from 'node:crypto';
import {
  type BigIntStats,
  closeSync,
  constants,
  createReadStream,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
} from 'node:fs';
import { Socket } from 'node:net';
import { resolve } from 'node:path';
import { isatty } from 'node:tty';
import { Problem } from '../../domain/problem.ts';
import { passOnTyped } from './typed-input.ts';

/** What a simulation read from its standard input, when that was data and no person. */
export interface StandardInputContent {
  /** Hexadecimal. */
  readonly sha256: string;
  readonly size: number;
}

export interface StandardInput {
  /** For `spawn`'s stdio. */
  readonly childEnd: number | 'inherit';
  /** The simulation has its end now. */
  begin(): void;
  /** To be called when the simulation has ended. */
  finish(): Promise<StandardInputContent | null>;
}

/** What a pipe may hold unread: Linux's limit for ordinary users (/proc/sys/fs/pipe-max-size). */
const pipeCapacity = 1024 * 1024;
/** PIPE_BUF, in bytes: what is written whole or not at all. */
const piece = process.platform === 'linux' ? 4096 : 512;

/**
 * How the simulation gets its standard input, and how we know what it read:
 *
 * - `--stdin FILE`: the file itself, as with the shell's `<`; all of it counts.
 * - a regular file: inherited, so it can seek, and so that a `while read …; do corroborate run …; done < list` keeps
 *   its place; what counts is the part between where the file stood before and after, nothing if it did not move.
 * - a pipe or a socket: passed through us; what counts is what the simulation took, nothing if it took nothing. (What
 *   we took and it did not is gone for whoever reads the pipe next, as with ssh, mpirun and srun; a note says so.)
 * - a terminal, a device, nothing: inherited; no data, so null.
 *
 * It never waits for input that the simulation does not wait for.
 *
 * The program of a container engine takes all that there is, whatever the simulation reads. It gets a copy of what stands
 * in a regular file of ours from its place on, so that a loop over that file keeps its place all the same; and of a
 * terminal what is typed while we are in the foreground. What counts is what was given, which a note says.
 *
 * @param file the user's `--stdin FILE`, relative to `cwd`; null for our own standard input
 * @param pipe path of a named pipe made for this; null where there is none
 * @param toEngine an engine's program reads it
 * @throws Problem NOT_FOUND or UNREADABLE for the file
 */
export function openStandardInput(
  file: string | null,
  cwd: string,
  pipe: string | null,
  note: (text: string) => void,
  toEngine: boolean,
): StandardInput {
  const descriptor = file === null ? 0 : openInput(file, cwd);
  const stat = statOf(descriptor);
  if (stat?.isFile()) {
    if (file !== null) return givenFile(descriptor, file, note);
    const start = position();
    if (toEngine && pipe !== null && start !== null) return fed(copied(start), pipe, note, toEngine);
    return inheritedFile(note);
  }
  if (toEngine && file === null && pipe !== null && isatty(0)) return typed(pipe);
  if (stat?.isFIFO() || stat?.isSocket()) {
    if (pipe !== null) return fed(drawn(descriptor), pipe, note, toEngine);
    note('what was read from standard input is not known: no named pipe could be made to pass it through');
  } else if (file !== null && resolve(cwd, file) !== '/dev/null') {
    note(`what was read from ${file} is not known: it is a device`);
  }
  return {
    childEnd: file === null ? 'inherit' : descriptor,
    begin: () => {
      if (file !== null) closeSync(descriptor);
    },
    finish: async () => null,
  };
}

/** Whether `openStandardInput` wants a named pipe. */
export function isPassedOn(file: string | null, cwd: string, toEngine: boolean): boolean {
  try {
    const stat = file === null ? fstatSync(0) : statSync(resolve(cwd, file));
    return stat.isFIFO() || stat.isSocket() || (toEngine && file === null && (stat.isFile() || isatty(0)));
  } catch {
    return false;
  }
}

/** Whether there is anything that a command could read: a container is given its standard input only then. */
export function mayHoldInput(file: string | null): boolean {
  if (file !== null) return true;
  try {
    const stat = fstatSync(0);
    // The null device is number 3 of the memory devices (null(4)).
    return !(stat.isCharacterDevice() && stat.rdev === statSync('/dev/null').rdev);
  } catch {
    return false;
  }
}

function statOf(descriptor: number): BigIntStats | null {
  try {
    return fstatSync(descriptor, { bigint: true });
  } catch {
    return null;
  }
}

function openInput(file: string, cwd: string): number {
  try {
    const descriptor = openSync(resolve(cwd, file), constants.O_RDONLY);
    if (!fstatSync(descriptor).isDirectory()) return descriptor;
    closeSync(descriptor);
    throw new Problem('UNREADABLE', `${JSON.stringify(file)} cannot be the standard input: it is a folder.`);
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new Problem(
      missing ? 'NOT_FOUND' : 'UNREADABLE',
      `${JSON.stringify(file)} cannot be the standard input: ${missing ? 'it is not there' : (cause as Error).message}.`,
      { cause },
    );
  }
}

function givenFile(descriptor: number, file: string, note: (text: string) => void): StandardInput {
  const before = fstatSync(descriptor, { bigint: true });
  // Positions of its own, so that the simulation's reading is not disturbed; and at once, while it is in the cache.
  const content = hashRange(descriptor, 0, Number.POSITIVE_INFINITY).catch((error: Error) => error);
  return {
    childEnd: descriptor,
    begin() {},
    async finish() {
      const found = await content;
      const after = fstatSync(descriptor, { bigint: true });
      closeSync(descriptor);
      if (found instanceof Error) {
        note(`the standard input's content is not known: ${file} could not be read (${found.message})`);
        return null;
      }
      if (before.mtimeNs !== after.mtimeNs || before.size !== after.size) {
        note(`${file} changed while it was the standard input: the digest may not be of what the simulation read`);
      }
      return found;
    },
  };
}

function inheritedFile(note: (text: string) => void): StandardInput {
  const start = position();
  return {
    childEnd: 'inherit',
    begin() {},
    async finish() {
      const end = position();
      if (start === null || end === null) {
        note('what was read from standard input is not known: this system does not tell how far a file was read');
        return null;
      }
      if (end === start) return null;
      if (end > start) {
        try {
          return await hashRange(0, start, end);
        } catch (error) {
          note(`what was read from standard input is not known: ${(error as Error).message}`);
          return null;
        }
      }
      note('what was read from standard input is not known: the simulation went back in the file');
      return null;
    },
  };
}

/** Where the file that is our standard input stands; every process that shares it moves it. */
function position(): number | null {
  try {
    return Number(/^pos:\s*(\d+)/m.exec(readFileSync('/proc/self/fdinfo/0', 'utf8'))![1]);
  } catch {
    return null;
  }
}

/** @param end exclusive, or infinity for all there is */
async function hashRange(descriptor: number, start: number, end: number): Promise<StandardInputContent> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of createReadStream('', { fd: descriptor, start, end: end - 1, autoClose: false })) {
    hash.update(chunk as Buffer);
    size += (chunk as Buffer).length;
  }
  return { sha256: hash.digest('hex'), size };
}

function typed(pipe: string): StandardInput {
  const { childEnd, end } = passOnTyped(pipe);
  return {
    childEnd,
    begin: () => closeSync(childEnd),
    finish: async () => {
      end();
      return null;
    },
  };
}

/** Where what is passed on comes from. */
interface InputSource {
  readonly chunks: AsyncIterable<Buffer>;
  /** Bytes that were taken from it and came out of `chunks` never. */
  held(): number;
  close(): void;
}

/** A file of ours from here on, by positions of our own: whoever shares it finds it where it was. */
function copied(start: number): InputSource {
  const source = createReadStream('', { fd: 0, start, autoClose: false });
  return { chunks: source, held: () => 0, close: () => source.destroy() };
}

/** A pipe or a socket: what is taken is gone for everybody else. */
function drawn(descriptor: number): InputSource {
  const own = ownDescriptor(descriptor);
  const source = new Socket({ fd: own, readable: true, writable: false });
  source.on('error', () => {});
  return {
    chunks: source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>,
    held: () => source.readableLength,
    close() {
      // Descriptor 0 stays open: whatever were opened next would become standard input.
      if (own === 0) source.pause().unref();
      else source.destroy();
    },
  };
}

function fed(source: InputSource, pipe: string, note: (text: string) => void, toEngine: boolean): StandardInput {
  // A reading end of ours, held to the last, keeps in the pipe what the simulation does not read, to be counted.
  const held = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  const writing = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
  const childEnd = openSync(pipe, constants.O_RDONLY);
  const writer = new Socket({ fd: writing, readable: false, writable: true });
  const hash = createHash('sha256');
  // What was written last and may still be unread in the pipe; everything older was read and is in the hash.
  const recent: Buffer[] = [];
  let recentSize = 0;
  let readSize = 0;
  let taken = 0;
  let ended = false;

  const settle = (unread: number) => {
    while (recentSize > unread) {
      const first = recent.shift()!;
      const read = first.subarray(0, Math.min(first.length, recentSize - unread));
      hash.update(read);
      readSize += read.length;
      recentSize -= read.length;
      if (read.length < first.length) recent.unshift(first.subarray(read.length));
    }
  };
  const write = (bytes: Buffer) =>
    new Promise<boolean>(written => {
      writer.write(bytes, error => written(!error && !ended));
    });
  const feed = async () => {
    for await (const chunk of source.chunks) {
      taken += chunk.length;
      for (let at = 0; at < chunk.length; at += piece) {
        const bytes = chunk.subarray(at, at + piece);
        if (!(await write(bytes))) return;
        recent.push(bytes);
        recentSize += bytes.length;
        if (recentSize > 2 * pipeCapacity) settle(pipeCapacity);
      }
    }
    writer.end();
  };
  writer.on('error', () => {});

  return {
    childEnd,
    begin() {
      closeSync(childEnd);
      void feed().catch(() => writer.end());
    },
    async finish() {
      ended = true;
      settle(drain(held));
      closeSync(held);
      writer.destroy();
      const lost = taken + source.held() - readSize;
      source.close();
      if (toEngine && readSize > 0) {
        note(
          `its container was given ${readSize} bytes of standard input; whether it read them is not known. In a loop, give \`< /dev/null\``,
        );
      } else if (!toEngine && lost > 0) {
        note(
          `${lost} bytes of standard input were taken from the pipe but not read by the simulation; in a loop over a pipe, give \`< /dev/null\``,
        );
      }
      return readSize === 0 ? null : { sha256: hash.digest('hex'), size: readSize };
    },
  };
}

/**
 * The same pipe opened anew, so that making it non-blocking and closing it is nobody else's concern; a socket cannot be
 * opened so and stays as it is.
 */
function ownDescriptor(descriptor: number): number {
  try {
    const own = openSync(`/dev/fd/${descriptor}`, constants.O_RDONLY | constants.O_NONBLOCK);
    if (descriptor !== 0) closeSync(descriptor);
    return own;
  } catch {
    return descriptor;
  }
}

/** How many bytes nobody read from the pipe, given a non-blocking end of it. */
function drain(descriptor: number): number {
  const bytes = Buffer.alloc(64 * 1024);
  let unread = 0;
  try {
    for (;;) {
      const count = readSync(descriptor, bytes);
      if (count === 0) return unread;
      unread += count;
    }
  } catch {
    // EAGAIN: it is empty, and our own writing end is still open.
    return unread;
  }
}
