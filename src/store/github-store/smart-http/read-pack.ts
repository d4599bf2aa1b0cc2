import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { Problem } from '../../../domain/problem.ts';
import { applyDelta, deltaSizes } from './apply-delta.ts';
import { type GitObject, type ObjectType, objectId } from './object-id.ts';

export interface PackLimits {
  /** How many objects a pack may hold. */
  readonly objects: number;
  /** Bytes of one object. */
  readonly object: number;
  /** Bytes of all objects of a pack, and of the deltas between them. */
  readonly unpacked: number;
}

const types: Readonly<{ [code: number]: ObjectType }> = { 1: 'commit', 2: 'tree', 3: 'blob', 4: 'tag' };
const offsetDelta = 6;
const idDelta = 7;
/** Other work gets its turn after so many bytes. */
const turn = 1024 * 1024;

/** More than the limits allow: said apart, since whoever asked for many objects may ask for fewer. */
export class TooLarge extends Error {}

/**
 * Reads a whole pack (gitformat-pack, version 2 or 3) into its objects by id. The id is computed from the bytes, never
 * taken from elsewhere, so an object that is found under its id is that object. Deltas build on objects of the same pack.
 * @throws Problem DAMAGED where it is no whole, sound pack; TooLarge beyond the limits
 */
export async function readPack(pack: Buffer, limits: PackLimits): Promise<Map<string, GitObject>> {
  const end = pack.length - 20;
  if (end < 12 || pack.toString('latin1', 0, 4) !== 'PACK') throw unsound('it is too short, or does not begin as one');
  const version = pack.readUInt32BE(4);
  if (version !== 2 && version !== 3) throw unsound(`its version is ${version}`);
  const count = pack.readUInt32BE(8);
  if (count > limits.objects) throw new TooLarge(`${count} objects`);
  if (!createHash('sha1').update(pack.subarray(0, end)).digest().equals(pack.subarray(end))) {
    throw unsound('its checksum does not match');
  }

  const found = new Map<string, GitObject>();
  /** By offset, for the deltas that name their base so. */
  const byOffset = new Map<number, GitObject>();
  const waiting = new Map<number | string, { readonly at: number; readonly delta: Buffer }[]>();
  const spend = budget(limits);
  let left = count;
  let sinceTurn = 0;

  /** Takes an object in, and all that waited for it. A list and no recursion: a chain may be long. */
  function take(first: { at: number; object: GitObject }): void {
    const ready = [first];
    for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
      const { at, object } = next;
      const id = objectId(object.type, object.bytes);
      found.set(id, object);
      byOffset.set(at, object);
      left--;
      for (const base of [at, id]) {
        for (const child of waiting.get(base) ?? []) ready.push({ at: child.at, object: grown(object, child.delta) });
        waiting.delete(base);
      }
    }
  }

  function grown(base: GitObject, delta: Buffer): GitObject {
    const sizes = deltaSizes(delta);
    if (sizes === null) throw unsound('a delta has no sizes');
    spend(sizes.result);
    const bytes = applyDelta(base.bytes, delta);
    if (bytes === null) throw unsound('a delta does not fit what it builds on');
    return { type: base.type, bytes };
  }

  let at = 12;
  for (let n = 0; n < count; n++) {
    const begin = at;
    const header = readHeader(pack, at, end);
    at = header.at;
    let base: number | string | null = null;
    if (header.code === offsetDelta) {
      const distance = readDistance(pack, at, end);
      at = distance.at;
      base = begin - distance.value;
      if (base < 12) throw unsound('a delta builds on what is before the pack');
    } else if (header.code === idDelta) {
      if (at + 20 > end) throw unsound('it is cut off');
      base = pack.toString('hex', at, at + 20);
      at += 20;
    } else if (types[header.code] === undefined) throw unsound(`an object has the type ${header.code}`);
    spend(header.size);
    const { bytes, used } = inflated(pack.subarray(at, end), header.size);
    at += used;
    if (base === null) take({ at: begin, object: { type: types[header.code]!, bytes } });
    else {
      const known = typeof base === 'number' ? byOffset.get(base) : found.get(base);
      if (known !== undefined) take({ at: begin, object: grown(known, bytes) });
      else {
        const others = waiting.get(base) ?? [];
        others.push({ at: begin, delta: bytes });
        waiting.set(base, others);
      }
    }
    sinceTurn += header.size + 64;
    if (sinceTurn > turn) {
      sinceTurn = 0;
      await new Promise(setImmediate);
    }
  }
  if (at !== end) throw unsound(`${end - at} bytes follow its last object`);
  if (left !== 0) throw unsound(`${left} of its deltas build on what is not in it, or on each other`);
  return found;
}

/** Counts what is unpacked before it is. */
function budget({ object, unpacked }: PackLimits): (bytes: number) => void {
  let spent = 0;
  return bytes => {
    if (bytes > object) throw new TooLarge(`an object of ${bytes} bytes`);
    spent += bytes;
    if (spent > unpacked) throw new TooLarge(`more than ${unpacked} bytes unpacked`);
  };
}

function readHeader(pack: Buffer, from: number, end: number): { code: number; size: number; at: number } {
  let size = 0;
  let code = 0;
  for (let at = from, factor = 1; at < end && at - from < 7; at++) {
    const byte = pack[at]!;
    if (at === from) {
      code = (byte >> 4) & 7;
      size = byte & 15;
      factor = 16;
    } else {
      size += (byte & 0x7f) * factor;
      factor *= 128;
    }
    if ((byte & 0x80) === 0) return { code, size, at: at + 1 };
  }
  throw unsound('the size of an object does not end');
}

function readDistance(pack: Buffer, from: number, end: number): { value: number; at: number } {
  let value = 0;
  for (let at = from; at < end && at - from < 6; at++) {
    value = value * 128 + (pack[at]! & 0x7f);
    if ((pack[at]! & 0x80) === 0) return { value, at: at + 1 };
    value++;
  }
  throw unsound('the place of a base does not end');
}

/** @returns the bytes, exactly so many, and how many of the input they took */
function inflated(input: Buffer, size: number): { bytes: Buffer; used: number } {
  let answer: { buffer: Buffer; engine: { bytesWritten: number } };
  try {
    // One chunk of the right size: with zlib's own 16 kB, each small object would hold as much.
    const options = { maxOutputLength: Math.max(1, size), chunkSize: Math.max(64, size + 1), info: true };
    answer = inflateSync(input, options) as unknown as typeof answer;
  } catch (cause) {
    throw unsound(`an object cannot be unpacked (${(cause as Error).message})`, cause);
  }
  if (answer.buffer.length !== size) throw unsound('an object is shorter than it says');
  return { bytes: answer.buffer, used: answer.engine.bytesWritten };
}

function unsound(because: string, cause?: unknown): Problem {
  return new Problem('DAMAGED', `the server sent objects that cannot be read: the pack is unsound, ${because}.`, {
    cause,
  });
}
