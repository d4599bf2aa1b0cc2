import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyDelta } from '../../../src/store/github-store/smart-http/apply-delta.ts';
import { objectId } from '../../../src/store/github-store/smart-http/object-id.ts';
import { readPack, TooLarge } from '../../../src/store/github-store/smart-http/read-pack.ts';
import { BareRepository } from '../../support/github/git/bare-repository.ts';
import { git } from '../../support/github/git/git.ts';
import { problem } from '../record-store.contract.ts';

const limits = { objects: 10_000, object: 1_000_000, unpacked: 10_000_000 };
const damaged = (because: string) =>
  expect.objectContaining({ code: 'DAMAGED', message: expect.stringContaining(because) });

/** An entry's head: type and size, seven bits a byte after the first four. */
function head(type: number, size: number): Buffer {
  const bytes: number[] = [];
  let first = (type << 4) | (size & 15);
  let rest = Math.floor(size / 16);
  while (rest > 0) {
    bytes.push(first | 0x80);
    first = rest & 0x7f;
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, first]);
}

const entry = (type: number, content: Buffer, { size = content.length, base = Buffer.alloc(0) } = {}) =>
  Buffer.concat([head(type, size), base, deflateSync(content)]);
const blob = (text: string) => entry(3, Buffer.from(text));

function packOf(entries: readonly Buffer[], { count = entries.length, version = 2 } = {}): Buffer {
  const start = Buffer.alloc(12);
  start.write('PACK');
  start.writeUInt32BE(version, 4);
  start.writeUInt32BE(count, 8);
  const body = Buffer.concat([start, ...entries]);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}

const idOf = (text: string) => Buffer.from(objectId('blob', Buffer.from(text)), 'hex');
/** `x` repeated makes the base; the delta copies it so often. */
const copies = (base: number, times: number) =>
  Buffer.concat([varint(base), varint(base * times), ...Array(times).fill(Buffer.from([0x90, base]))]);
function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 0x7f) | 0x80);
  }
}

describe('packs that git makes', () => {
  let folder: string;
  let repository: BareRepository;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'corroborate-packs-'));
    repository = await BareRepository.create(join(folder, 'r.git'), 'main');
  });
  afterAll(() => {
    repository.objects.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('are read to the last byte, whatever is in them and however it is packed', async () => {
    const line = fc.string({ unit: 'binary', maxLength: 20 });
    // Contents that share most of their lines, so that git makes chains of deltas of them.
    const family = fc
      .tuple(fc.array(line, { minLength: 20, maxLength: 60 }), fc.array(fc.tuple(fc.nat(59), line), { maxLength: 12 }))
      .map(([lines, edits]) =>
        [
          lines,
          ...edits.map((_, n) =>
            edits.slice(0, n + 1).reduce((all, [at, text]) => all.with(at % all.length, text), lines),
          ),
        ].map(all => Buffer.from(all.join('\n'))),
      );
    const way = fc.constantFrom([], ['--delta-base-offset'], ['--window=0'], ['--depth=3', '--delta-base-offset']);
    await fc.assert(
      fc.asyncProperty(
        fc.array(family, { maxLength: 3 }),
        fc.uint8Array({ maxLength: 3000 }),
        way,
        async (families, bytes, args) => {
          const contents = [...families.flat(), Buffer.from(bytes)];
          const ids = await Promise.all(contents.map(content => repository.objects.write('blob', content)));
          const input = `${[...new Set(ids)].join('\n')}\n`;
          const { stdout } = await git(repository.folder, ['pack-objects', '--stdout', '-q', ...args], { input });
          const found = await readPack(stdout, limits);
          expect(new Set(found.keys())).toEqual(new Set(ids));
          for (const [n, id] of ids.entries()) expect(found.get(id)!.bytes.equals(contents[n]!)).toBe(true);
        },
      ),
      { numRuns: 20 },
    );
  });

  test('no prefix of one, and no other byte in one, is taken for a pack', async () => {
    const ids = await Promise.all(['one', 'two'].map(text => repository.objects.write('blob', Buffer.from(text))));
    const { stdout } = await git(repository.folder, ['pack-objects', '--stdout', '-q'], {
      input: `${ids.join('\n')}\n`,
    });
    for (let length = 0; length < stdout.length; length++) {
      await expect(readPack(stdout.subarray(0, length), limits)).rejects.toEqual(problem('DAMAGED'));
    }
    for (let at = 0; at < stdout.length; at++) {
      const changed = Buffer.from(stdout);
      changed[at]! ^= 0x41;
      await expect(readPack(changed, limits)).rejects.toThrow(/unsound|objects$/);
    }
  });
});

describe('packs that nobody should send', () => {
  test.each([
    ['more objects are announced than there are', packOf([blob('a')], { count: 2 }), 'does not end'],
    ['fewer objects are announced than there are', packOf([blob('a'), blob('b')], { count: 1 }), 'bytes follow'],
    ['a version from the future', packOf([], { version: 9 }), 'version is 9'],
    ['an unknown type', packOf([entry(5, Buffer.from('x'))]), 'type 5'],
    ['an object longer than it says', packOf([entry(3, Buffer.from('abc'), { size: 2 })]), 'cannot be unpacked'],
    ['an object shorter than it says', packOf([entry(3, Buffer.from('abc'), { size: 4 })]), 'shorter'],
    ['what is no zlib data', packOf([Buffer.concat([head(3, 3), Buffer.from('abc')])]), 'cannot be unpacked'],
    ['a size without end', packOf([Buffer.alloc(40, 0xff)]), 'does not end'],
    ['a delta whose base is not there', packOf([entry(7, copies(1, 2), { base: idOf('absent') })]), 'not in it'],
    ['a delta before the pack', packOf([entry(6, copies(1, 2), { base: Buffer.from([0x7f]) })]), 'before the pack'],
    ['a delta that is its own base', packOf([entry(6, copies(1, 2), { base: Buffer.from([0]) })]), 'on each other'],
    ['a delta for another base', packOf([blob('abc'), entry(7, copies(2, 2), { base: idOf('abc') })]), 'does not fit'],
  ])('%s', async (_, pack, because) => {
    await expect(readPack(pack, limits)).rejects.toEqual(damaged(because));
  });

  test('two deltas that build on each other: their ids cannot be known, so they wait without end', async () => {
    const made = [Buffer.from('aa'), Buffer.from('aaaa')].map(text => idOf(text.toString()));
    const pack = packOf([entry(7, copies(4, 1), { base: made[1]! }), entry(7, copies(2, 2), { base: made[0]! })]);
    await expect(readPack(pack, limits)).rejects.toEqual(damaged('on each other'));
  });

  test('bombs: one object, many objects, and deltas that grow', async () => {
    const zeros = deflateSync(Buffer.alloc(5_000_000));
    const bomb = packOf([Buffer.concat([head(3, 5_000_000), zeros])]);
    await expect(readPack(bomb, limits)).rejects.toBeInstanceOf(TooLarge);
    const liar = packOf([Buffer.concat([head(3, 10), zeros])]);
    await expect(readPack(liar, limits)).rejects.toEqual(damaged('cannot be unpacked'));
    const some = Array(11).fill(entry(3, Buffer.alloc(1_000_000)));
    await expect(readPack(packOf(some), limits)).rejects.toBeInstanceOf(TooLarge);
    // Each copies the one before it a hundred times.
    let text = 'x'.repeat(100);
    const chain = [blob(text)];
    for (let size = 100; size <= 1e6; size *= 100) {
      chain.push(
        entry(7, Buffer.concat([varint(size), varint(size * 100), ...Array(100).fill(copyAll(size))]), {
          base: idOf(text),
        }),
      );
      if (size < 1e6) text = text.repeat(100);
    }
    await expect(readPack(packOf(chain), limits)).rejects.toBeInstanceOf(TooLarge);
    await expect(readPack(packOf([], { count: 4_000_000_000 }), limits)).rejects.toBeInstanceOf(TooLarge);
  });

  test('a chain of thousands of deltas is read, the last one first', async () => {
    const texts = Array.from({ length: 3000 }, (_, n) => `${n}`.padStart(5, '0'));
    const deltas = texts
      .slice(1)
      .map((text, n) =>
        entry(7, Buffer.concat([varint(5), varint(5), Buffer.from([5]), Buffer.from(text)]), { base: idOf(texts[n]!) }),
      );
    const found = await readPack(packOf([...deltas.reverse(), blob(texts[0]!)]), limits);
    expect(found.get(idOf('02999').toString('hex'))!.bytes.toString()).toBe('02999');
  });
});

/** A copy of the first `size` bytes. */
function copyAll(size: number): Buffer {
  return Buffer.from([0xf0, size & 0xff, (size >> 8) & 0xff, (size >> 16) & 0xff]);
}

test('no delta reads or writes outside of its buffers', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ maxLength: 30 }), fc.nat(60), (base, code, size) => {
      const delta = Buffer.concat([varint(base.length), varint(size), Buffer.from(code)]);
      const made = applyDelta(Buffer.from(base), delta);
      expect(made === null || made.length === size).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
