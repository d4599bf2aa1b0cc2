import { Unzlib } from 'fflate';
import { beyondBudget, unreadable } from './unreadable.ts';

/** How a VTK file writes its binary arrays. */
export interface VtkEncoding {
  readonly littleEndian: boolean;
  /** Bytes of each number in the header of an array. */
  readonly headerSize: 4 | 8;
  readonly compressed: boolean;
}

/**
 * The bytes of an array that starts at `at`, from base64 or raw: a header of sizes, then the values, in compressed
 * blocks or as they are. At most `limit` bytes. Throws UNREADABLE.
 */
export function vtkArrayBytes(
  file: Uint8Array,
  at: number,
  isBase64: boolean,
  encoding: VtkEncoding,
  limit: number,
): Uint8Array {
  const source = isBase64 ? new Base64Source(file, at) : new RawSource(file, at);
  const number = (bytes: Uint8Array, index: number): number => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return encoding.headerSize === 4
      ? view.getUint32(index * 4, encoding.littleEndian)
      : Number(view.getBigUint64(index * 8, encoding.littleEndian));
  };
  if (!encoding.compressed) {
    const size = number(source.peek(encoding.headerSize), 0);
    if (!(size <= limit)) throw tooLarge(limit);
    return source.take(encoding.headerSize + size).subarray(encoding.headerSize);
  }
  const blocks = number(source.peek(encoding.headerSize), 0);
  if (blocks === 0) return new Uint8Array(0);
  if (!(blocks <= file.length)) throw unreadable('has an array whose header is damaged');
  const header = source.take((3 + blocks) * encoding.headerSize);
  source.endOfPart();
  const blockSize = number(header, 1);
  const lastSize = number(header, 2);
  const size = (lastSize === 0 ? blocks : blocks - 1) * blockSize + lastSize;
  if (!(size <= limit)) throw tooLarge(limit);
  const sizes = Array.from({ length: blocks }, (_, block) => number(header, 3 + block));
  const stored = source.take(sizes.reduce((sum, length) => sum + length, 0));
  const content = new Uint8Array(size);
  let written = 0;
  let read = 0;
  for (const length of sizes) {
    written += unzlib(stored.subarray(read, read + length), content.subarray(written));
    read += length;
  }
  if (written !== size) throw unreadable('has an array that is not as long as its header says');
  return content;
}

function tooLarge(limit: number): Error {
  return beyondBudget(`holds more than the ${limit} bytes of values that are compared`);
}

const step = 16_384;

/** Inflates into `target`, never beyond it; how many bytes. */
function unzlib(stored: Uint8Array, target: Uint8Array): number {
  let length = 0;
  const inflater = new Unzlib(chunk => {
    if (length + chunk.length > target.length) throw unreadable('has an array that inflates beyond its size');
    target.set(chunk, length);
    length += chunk.length;
  });
  try {
    for (let at = 0; at < stored.length; at += step)
      inflater.push(stored.subarray(at, at + step), at + step >= stored.length);
  } catch (cause) {
    throw unreadable('has an array that cannot be inflated', cause);
  }
  return length;
}

class RawSource {
  readonly #file: Uint8Array;
  #next: number;

  constructor(file: Uint8Array, at: number) {
    this.#file = file;
    this.#next = at;
  }

  peek(length: number): Uint8Array {
    if (!(this.#next + length <= this.#file.length)) throw unreadable('ends inside an array');
    return this.#file.subarray(this.#next, this.#next + length);
  }

  take(length: number): Uint8Array {
    const bytes = this.peek(length);
    this.#next += length;
    return bytes;
  }

  /** Raw parts follow each other directly. */
  endOfPart(): void {}
}

const digits = new Int8Array(256).fill(-1);
for (const [value, digit] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries()) {
  digits[digit.charCodeAt(0)] = value;
}

class Base64Source {
  readonly #file: Uint8Array;
  #next: number;

  constructor(file: Uint8Array, at: number) {
    this.#file = file;
    this.#next = at;
    while (this.#file[this.#next]! <= 32) this.#next++;
  }

  peek(length: number): Uint8Array {
    return this.#decode(length).bytes;
  }

  take(length: number): Uint8Array {
    const { bytes, next } = this.#decode(length);
    this.#next = next;
    return bytes;
  }

  /** Past the padding: the next part is encoded on its own. */
  endOfPart(): void {
    while (this.#file[this.#next] === 61) this.#next++;
  }

  #decode(length: number): { bytes: Uint8Array; next: number } {
    if (!(this.#next + (length * 4) / 3 <= this.#file.length)) throw unreadable('ends inside an array');
    const bytes = new Uint8Array(length);
    let next = this.#next;
    let written = 0;
    let bits = 0;
    let held = 0;
    while (written < length) {
      const byte = this.#file[next++];
      if (byte !== undefined && byte <= 32) continue;
      const value = byte === undefined ? -1 : digits[byte]!;
      if (value < 0) throw unreadable('has an array that is not base64');
      held = ((held << 6) | value) & 0xffffff;
      bits += 6;
      if (bits < 8) continue;
      bits -= 8;
      bytes[written++] = (held >> bits) & 0xff;
    }
    return { bytes, next };
  }
}
