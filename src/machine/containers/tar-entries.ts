import { Problem } from '../../domain/problem.ts';

/** One entry of a tar stream. Its content must be read, or is passed over, before the next one comes. */
export interface TarEntry {
  /** As written, without `./` in front. */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'symlink' | 'link' | 'other';
  /** Of a link. */
  readonly target: string;
  readonly mode: number;
  readonly size: number;
  /** The content in pieces, once. */
  content(): AsyncIterable<Buffer>;
}

const block = 512;
/** Most bytes of a header's own text (names, PAX records): nothing of them is let grow with the archive. */
const longestText = 1024 * 1024;
const kinds: Readonly<Record<string, TarEntry['kind']>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '1': 'link',
  '2': 'symlink',
  '5': 'folder',
};

/**
 * Reads a tar (ustar, with PAX and GNU names) as it comes, in one pass and without keeping any of it.
 * @throws Problem DAMAGED where it ends in the middle of an entry, or holds what is no header
 */
export async function* tarEntries(stream: AsyncIterable<Buffer>): AsyncGenerator<TarEntry> {
  const reader = pieces(stream);
  let pax: Record<string, string> = {};
  for (;;) {
    const header = await reader.exactly(block);
    if (header === null || header.every(byte => byte === 0)) return;
    if (checksumOf(header) !== octal(header, 148, 8)) throw damaged('what should be a header has another checksum');
    const size = pax.size === undefined ? octal(header, 124, 12) : decimal(pax.size);
    if (!Number.isSafeInteger(size)) throw damaged('a file has no size');
    const type = String.fromCharCode(header[156]!);
    const padding = (block - (size % block)) % block;
    if ('xgLK'.includes(type)) {
      if (size > longestText) throw damaged('a name is longer than any');
      const bytes = await wholly(reader, size);
      await wholly(reader, padding);
      if (type === 'x') pax = { ...pax, ...paxRecords(bytes) };
      if (type === 'L') pax = { ...pax, path: text(bytes, 0, bytes.length) };
      if (type === 'K') pax = { ...pax, linkpath: text(bytes, 0, bytes.length) };
      continue;
    }
    const prefix = text(header, 257, 5) === 'ustar' ? text(header, 345, 155) : '';
    const path = pax.path ?? (prefix ? `${prefix}/${text(header, 0, 100)}` : text(header, 0, 100));
    let left = size;
    yield {
      path: path.replace(/^(?:\.?\/)+/, ''),
      kind: kinds[type] ?? 'other',
      target: pax.linkpath ?? text(header, 157, 100),
      mode: octal(header, 100, 8),
      size,
      async *content() {
        while (left > 0) {
          const piece = await reader.some(left);
          if (piece === null) throw cut();
          left -= piece.length;
          yield piece;
        }
      },
    };
    while (left > 0) {
      const piece = await reader.some(left);
      if (piece === null) throw cut();
      left -= piece.length;
    }
    await wholly(reader, padding);
    pax = {};
  }
}

function cut(): Problem {
  return damaged('it ends in the middle of a file, so it was cut off');
}

function damaged(because: string): Problem {
  return new Problem('DAMAGED', `a tar cannot be read: ${because}.`);
}

/** The sum of the header's bytes, its own field counted as spaces. */
function checksumOf(header: Buffer): number {
  let sum = 8 * 32;
  for (const [at, byte] of header.entries()) if (at < 148 || at >= 156) sum += byte;
  return sum;
}

function decimal(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

function pieces(stream: AsyncIterable<Buffer>) {
  const source = stream[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  /** At most `most` bytes; null at the end. */
  async function some(most: number): Promise<Buffer | null> {
    while (held.length === 0) {
      const next = await source.next();
      if (next.done) return null;
      held = next.value;
    }
    const piece = held.subarray(0, most);
    held = held.subarray(piece.length);
    return piece;
  }
  return {
    some,
    /** Null at the end. @throws Problem DAMAGED where less than that is left */
    async exactly(count: number): Promise<Buffer | null> {
      const first = await some(count);
      if (first === null || first.length === count) return first;
      const found = [first];
      for (let left = count - first.length; left > 0; ) {
        const piece = await some(left);
        if (piece === null) throw cut();
        found.push(piece);
        left -= piece.length;
      }
      return Buffer.concat(found);
    },
  };
}

async function wholly(reader: ReturnType<typeof pieces>, count: number): Promise<Buffer> {
  if (count === 0) return Buffer.alloc(0);
  const bytes = await reader.exactly(count);
  if (bytes === null) throw cut();
  return bytes;
}

function text(bytes: Buffer, from: number, length: number): string {
  const part = bytes.subarray(from, from + length);
  const end = part.indexOf(0);
  return part.toString('utf8', 0, end < 0 ? part.length : end);
}

/** GNU writes what no octal number of that length holds in base 256. */
function octal(bytes: Buffer, from: number, length: number): number {
  if (bytes[from]! & 0x80) return Number(bytes.readBigUInt64BE(from + length - 8));
  const digits = text(bytes, from, length).trim();
  return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || '0', 8) : Number.NaN;
}

/** `27 path=some/long/name\n`, its own length first. */
function paxRecords(bytes: Buffer): Record<string, string> {
  const found: Record<string, string> = {};
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(32, at);
    const length = Number.parseInt(bytes.toString('latin1', at, space), 10);
    if (space < 0 || !(length > 0)) break;
    const record = bytes.toString('utf8', space + 1, at + length - 1);
    const equals = record.indexOf('=');
    found[record.slice(0, equals)] = record.slice(equals + 1);
    at += length;
  }
  return found;
}
