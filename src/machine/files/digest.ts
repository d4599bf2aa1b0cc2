import { createHash, hash as hashOnce } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, openSync, read, readSync, type Stats, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Problem } from '../../domain/problem.ts';
import { codeOf, whyUnreadable } from './note-list.ts';
import { Pace } from './pace.ts';
import type { Where } from './walk.ts';

export interface Digest {
  /** 64 hex digits. */
  readonly sha256: string;
  /** Bytes that were read and hashed. */
  readonly size: number;
  /** The bytes that were hashed, where they were asked for and within `keep`. */
  readonly content: Buffer | null;
  /** It was being written while it was read, twice: the digest is of the bytes that were read. */
  readonly unsteady: boolean;
  /** As it stood when it was read. */
  readonly stamp: Stamp;
}

/** What tells two states of one file apart without reading it. */
export interface Stamp {
  readonly device: number;
  readonly inode: number;
  readonly size: number;
  readonly modified: number;
}

export interface DigestOptions {
  /** Largest size, in bytes, whose content is handed back too. None unless told. */
  readonly keep?: number;
  /** Read through a link. Without it a link is refused, also one that took the file's place just now. */
  readonly follow?: boolean;
  readonly pace?: Pace;
}

/** Read at once up to here; larger files in pieces of this size, the next one being read while one is hashed. */
const piece = 1024 * 1024;
const readAsync = promisify(read);

/**
 * A file's sha256 and size, read once as a stream in constant memory. A file that is written meanwhile is read once more.
 * @throws Problem NOT_FOUND where it is not there (any more), UNREADABLE where it cannot be read or is no regular file
 */
export async function digestFile(where: Where, options: DigestOptions = {}): Promise<Digest> {
  const pace = options.pace ?? new Pace();
  const first = await digestOnce(where, options, pace);
  const digest = first.unsteady ? await digestOnce(where, options, pace) : first;
  pace.files++;
  return digest;
}

async function digestOnce(where: Where, { keep = -1, follow = false }: DigestOptions, pace: Pace): Promise<Digest> {
  const descriptor = await openFile(where, follow);
  try {
    const before = fstatSync(descriptor);
    // Without O_NONBLOCK the open of a named pipe would have waited for its writer.
    if (!before.isFile()) throw new Problem('UNREADABLE', `${where} is no regular file.`);
    const read = before.size <= piece ? readSmall(descriptor, before.size, keep, pace) : null;
    const { sha256, size, content } = read ?? (await readLarge(descriptor, before.size, keep, pace));
    if (pace.due) await pace.rest();
    const after = fstatSync(descriptor);
    const unsteady = size !== before.size || differ(before, after) || differ(after, statNow(where, follow));
    return { sha256, size, content, unsteady, stamp: stampOf(after) };
  } catch (cause) {
    throw asProblem(where, cause);
  } finally {
    closeSync(descriptor);
  }
}

export function stampOf(stats: Stats): Stamp {
  return { device: stats.dev, inode: stats.ino, size: stats.size, modified: stats.mtimeMs };
}

export function sameStamp(one: Stamp, other: Stamp): boolean {
  return (
    one.device === other.device &&
    one.inode === other.inode &&
    one.size === other.size &&
    one.modified === other.modified
  );
}

interface Bytes {
  readonly sha256: string;
  readonly size: number;
  readonly content: Buffer | null;
}

const small = Buffer.allocUnsafeSlow(piece + 1);

/** Null where the file turns out to be larger than it said. */
function readSmall(descriptor: number, expected: number, keep: number, pace: Pace): Bytes | null {
  let size = 0;
  // One byte more than it should have shows that it has grown.
  while (size <= expected) {
    const got = readSync(descriptor, small, size, expected + 1 - size, size);
    if (got === 0) break;
    size += got;
  }
  if (size > expected) return null;
  pace.bytes += size;
  const bytes = small.subarray(0, size);
  return { sha256: hashOnce('sha256', bytes, 'hex'), size, content: size <= keep ? Buffer.from(bytes) : null };
}

async function readLarge(descriptor: number, expected: number, keep: number, pace: Pace): Promise<Bytes> {
  const digest = createHash('sha256');
  const kept: Buffer[] | null = expected <= keep ? [] : null;
  const pieces = [Buffer.allocUnsafeSlow(piece), Buffer.allocUnsafeSlow(piece)] as const;
  let size = 0;
  let next = readAsync(descriptor, pieces[0], 0, piece, 0);
  for (let turn = 0; ; turn ^= 1) {
    const { bytesRead } = await next;
    if (bytesRead === 0) break;
    const bytes = pieces[turn as 0 | 1].subarray(0, bytesRead);
    size += bytesRead;
    next = readAsync(descriptor, pieces[(turn ^ 1) as 0 | 1], 0, piece, size);
    // It may fail while this one is hashed; the next turn says so.
    next.catch(() => {});
    digest.update(bytes);
    if (size <= keep) kept?.push(Buffer.from(bytes));
    pace.bytes += bytesRead;
    if (pace.due) await pace.rest();
  }
  return { sha256: digest.digest('hex'), size, content: kept !== null && size <= keep ? Buffer.concat(kept) : null };
}

/** Waits a while for other work to close its files where too many are open. */
async function openFile(where: Where, follow: boolean): Promise<number> {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | (follow ? 0 : constants.O_NOFOLLOW);
  for (let tries = 0; ; tries++) {
    try {
      return openSync(where, flags);
    } catch (error) {
      if (!['EMFILE', 'ENFILE'].includes(codeOf(error)) || tries === 40) throw asProblem(where, error);
      await sleep(50);
    }
  }
}

function statNow(where: Where, follow: boolean): Stats {
  return follow ? statSync(where) : lstatSync(where);
}

function differ(one: Stats, other: Stats): boolean {
  return !sameStamp(stampOf(one), stampOf(other)) || one.ctimeMs !== other.ctimeMs;
}

function asProblem(where: Where, cause: unknown): Problem {
  if (cause instanceof Problem) return cause;
  const gone = ['ENOENT', 'ENOTDIR', 'ESTALE'].includes(codeOf(cause));
  return new Problem(gone ? 'NOT_FOUND' : 'UNREADABLE', `${where} could not be read: ${whyUnreadable(cause)}.`, {
    cause,
  });
}
