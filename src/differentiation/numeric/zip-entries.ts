import { Inflate } from 'fflate';
import { beyondBudget, unreadable } from './unreadable.ts';

/** One file of a zip archive, as its directory describes it. */
export interface ZipEntry {
  readonly name: string;
  readonly compressed: boolean;
  /** Where its bytes stand in the archive. */
  readonly start: number;
  readonly end: number;
  /** Bytes once inflated, and their CRC-32. */
  readonly size: number;
  readonly crc: number;
}

const localHeader = 0x04034b50;
const directoryHeader = 0x02014b50;
const endOfDirectory = 0x06054b50;
const zip64Locator = 0x07064b50;
const zip64End = 0x06064b50;
const mostEntries = 65_536;

/**
 * The entries of an archive: each name once, no two sharing bytes, together at most `limit` bytes once inflated. Throws
 * UNREADABLE for archives that are damaged, encrypted, or otherwise not what numpy.savez and zip programs write.
 */
export function zipEntries(bytes: Uint8Array, limit: number): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { count, offset } = directoryOf(view);
  if (count > mostEntries) throw unreadable(`is a zip archive of ${count} files; at most ${mostEntries} are read`);
  const entries: ZipEntry[] = [];
  let next = offset;
  for (let index = 0; index < count; index++) {
    if (next + 46 > bytes.length || view.getUint32(next, true) !== directoryHeader) throw damaged();
    const nameLength = view.getUint16(next + 28, true);
    const extraLength = view.getUint16(next + 30, true);
    const end = next + 46 + nameLength + extraLength + view.getUint16(next + 32, true);
    if (end > bytes.length) throw damaged();
    entries.push(entryAt(bytes, view, next, nameLength, extraLength));
    next = end;
  }
  check(entries, limit);
  return entries;
}

/** The inflated bytes, checked against their CRC. Never holds more than the entry's size and one step beyond it. */
export function inflateEntry(bytes: Uint8Array, entry: ZipEntry): Uint8Array {
  const stored = bytes.subarray(entry.start, entry.end);
  const content = entry.compressed ? inflate(stored, entry) : stored;
  if (content.length !== entry.size || crc32(content) !== entry.crc) {
    throw unreadable(`is a damaged zip archive: ${entry.name} is not what its directory says`);
  }
  return content;
}

function damaged(): Error {
  return unreadable('is a damaged zip archive');
}

function directoryOf(view: DataView): { count: number; offset: number } {
  // The end record is the last thing but for a comment of at most 65,535 bytes.
  const last = view.byteLength - 22;
  for (let at = last; at >= 0 && at >= last - 0xffff; at--) {
    if (view.getUint32(at, true) !== endOfDirectory || view.getUint16(at + 20, true) !== last - at) continue;
    const count = view.getUint16(at + 10, true);
    const offset = view.getUint32(at + 16, true);
    if (count !== 0xffff && offset !== 0xffffffff) return { count, offset };
    if (at < 20 || view.getUint32(at - 20, true) !== zip64Locator) return { count, offset };
    const end = large(view, at - 12);
    if (end + 56 > view.byteLength || view.getUint32(end, true) !== zip64End) throw damaged();
    return { count: large(view, end + 32), offset: large(view, end + 48) };
  }
  throw damaged();
}

/** A 64-bit field; beyond 2^53 nothing is in any file. */
function large(view: DataView, at: number): number {
  if (at + 8 > view.byteLength) throw damaged();
  return Number(view.getBigUint64(at, true));
}

function entryAt(bytes: Uint8Array, view: DataView, at: number, nameLength: number, extraLength: number): ZipEntry {
  const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
  if ((view.getUint16(at + 8, true) & 1) !== 0) throw unreadable(`is a zip archive whose ${name} is encrypted`);
  const method = view.getUint16(at + 10, true);
  if (method !== 0 && method !== 8)
    throw unreadable(`is a zip archive whose ${name} is compressed by method ${method}`);
  const extra = at + 46 + nameLength;
  const wide = wideFields(view, extra, extra + extraLength);
  const wideOr = (field: number) => (field === 0xffffffff ? (wide.shift() ?? field) : field);
  const size = wideOr(view.getUint32(at + 24, true));
  const compressedSize = wideOr(view.getUint32(at + 20, true));
  const local = wideOr(view.getUint32(at + 42, true));
  if (local + 30 > bytes.length || view.getUint32(local, true) !== localHeader) throw damaged();
  const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  const end = start + compressedSize;
  if (end > bytes.length || (method === 0 && compressedSize !== size)) throw damaged();
  return { name, compressed: method === 8, start, end, size, crc: view.getUint32(at + 16, true) };
}

/** The 64-bit fields that replace those of a header that are full, in their order. */
function wideFields(view: DataView, start: number, end: number): number[] {
  for (let at = start; at + 4 <= end; ) {
    const length = view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1) {
      const fields: number[] = [];
      for (let field = at + 4; field + 8 <= Math.min(end, at + 4 + length); field += 8) fields.push(large(view, field));
      return fields;
    }
    at += 4 + length;
  }
  return [];
}

function check(entries: readonly ZipEntry[], limit: number): void {
  const total = entries.reduce((sum, entry) => sum + entry.size, 0);
  if (total > limit)
    throw beyondBudget(`is a zip archive of ${total} bytes once inflated; at most ${limit} are compared`);
  if (new Set(entries.map(entry => entry.name)).size < entries.length) {
    throw unreadable('is a zip archive with a name twice');
  }
  const inOrder = entries.toSorted((a, b) => a.start - b.start || a.end - b.end);
  for (let at = 1; at < inOrder.length; at++) {
    if (inOrder[at]!.start < inOrder[at - 1]!.end) throw unreadable('is a zip archive whose files overlap');
  }
}

/** Compressed bytes are fed in small steps, each of which can grow a thousandfold at most. */
const step = 16_384;

function inflate(stored: Uint8Array, entry: ZipEntry): Uint8Array {
  const content = new Uint8Array(entry.size);
  let length = 0;
  const inflater = new Inflate(chunk => {
    if (length + chunk.length > entry.size)
      throw unreadable(`is a zip archive whose ${entry.name} inflates beyond its size`);
    content.set(chunk, length);
    length += chunk.length;
  });
  try {
    for (let at = 0; at < stored.length; at += step)
      inflater.push(stored.subarray(at, at + step), at + step >= stored.length);
  } catch (cause) {
    throw unreadable(`is a zip archive whose ${entry.name} cannot be inflated`, cause);
  }
  return content.subarray(0, length);
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest >>> 0;
});

function crc32(bytes: Uint8Array): number {
  let rest = 0xffffffff;
  for (let at = 0; at < bytes.length; at++) rest = (rest >>> 8) ^ crcTable[(rest ^ bytes[at]!) & 0xff]!;
  return (rest ^ 0xffffffff) >>> 0;
}
