import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { decode, encode } from 'jpeg-js';
import { describe, expect, test } from 'vitest';
import { readJpeg } from '../../../src/differentiation/image/jpeg/read-jpeg.ts';

const folder = join(import.meta.dirname, 'fixtures/jpeg');
const read = (name: string) => readFileSync(join(folder, `${name}.jpg`));
/** The digests of the pixels that libjpeg-turbo decodes (`fixtures/jpeg/make.py`). */
const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as { [name: string]: string };
const names = Object.keys(expected);

test.each(names)('%s: the pixels of the Independent JPEG Group, to the bit', name => {
  const { rgba } = readJpeg(read(name));
  expect(createHash('sha256').update(rgba).digest('hex')).toBe(expected[name]);
});

test('any picture is decoded as jpeg-js does, less its rounding', () => {
  const picture = fc.record({
    width: fc.integer({ min: 1, max: 40 }),
    height: fc.integer({ min: 1, max: 40 }),
    quality: fc.integer({ min: 1, max: 100 }),
    seed: fc.integer(),
  });
  fc.assert(
    fc.property(picture, ({ width, height, quality, seed }) => {
      const data = Buffer.alloc(width * height * 4);
      for (let at = 0; at < data.length; at++) data[at] = Math.imul(seed + (at >> 4), 2654435761) >>> 24;
      const file = encode({ width, height, data }, quality).data;
      const own = readJpeg(file).rgba;
      const theirs = decode(file, { useTArray: true }).data;
      expect(own.length).toBe(theirs.length);
      expect(own.reduce((most, value, at) => Math.max(most, Math.abs(value - theirs[at]!)), 0)).toBeLessThan(7);
    }),
    { numRuns: 100 },
  );
});

test('bytes behind the end marker are no part of it', () => {
  const file = read('baseline');
  expect(readJpeg(Buffer.concat([file, Buffer.from('anything\xff\xc0', 'latin1')])).rgba).toEqual(readJpeg(file).rgba);
});

describe('a hostile file is a clear finding', () => {
  /** The first segment with this marker: where its data begin. */
  const segment = (file: Buffer, marker: number) => file.indexOf(Buffer.from([0xff, marker])) + 4;
  const changed = (name: string, marker: number, offset: number, value: number) => {
    const file = Buffer.from(read(name));
    file[segment(file, marker) + offset] = value;
    return file;
  };
  const scan = (file: Buffer) => file.subarray(segment(file, 0xda) - 4, file.length - 2);

  test.each<[string, Buffer, RegExp]>([
    ['arithmetic coding', read('arithmetic'), /of a kind that is not decoded/],
    ['12 bits', changed('baseline', 0xc0, 0, 12), /of 12 bits a colour/],
    ['two colours', changed('baseline', 0xc0, 5, 2), /of 2 colours/],
    ['more colours than it lists', changed('baseline', 0xc0, 5, 4), /too short/],
    ['no sampling', changed('baseline', 0xc0, 7, 0x01), /frame header/],
    ['a quantization table that there is not', changed('baseline', 0xc0, 8, 3), /quantization table is missing/],
    ['a scan of a colour that there is not', changed('baseline', 0xda, 1, 77), /colour that there is not/],
    ['a scan of one colour twice', changed('baseline', 0xda, 3, 1), /colour that there is not/],
    ['a Huffman table that there is not', changed('baseline', 0xda, 2, 0x33), /Huffman table is missing/],
    ['more codes than there can be', changed('baseline', 0xc4, 1, 3), /more codes than there can be|is none/],
    [
      'no height',
      Buffer.from(read('baseline')).fill(0, segment(read('baseline'), 0xc0) + 1, segment(read('baseline'), 0xc0) + 3),
      /without pixels/,
    ],
    [
      'a second frame',
      Buffer.concat([read('baseline').subarray(0, -2), read('baseline').subarray(2)]),
      /more than one frame/,
    ],
    ['no picture', Buffer.from([0xff, 0xd8, 0xff, 0xd9]), /holds no picture/],
    [
      'parts that are missing',
      Buffer.from(
        read('restarts')
          .toString('latin1')
          .replace(/\xff\xd3/, 'ab'),
        'latin1',
      ),
      /damaged/,
    ],
    [
      '70 scans',
      Buffer.concat([
        read('baseline').subarray(0, -2),
        ...new Array<Buffer>(70).fill(scan(read('baseline'))),
        Buffer.from([0xff, 0xd9]),
      ]),
      /more than 64 scans/,
    ],
  ])('%s', (_, file, because) => {
    expect(() => readJpeg(file)).toThrow(
      expect.objectContaining({ code: 'UNREADABLE', message: expect.stringMatching(because) }),
    );
  });

  test('data that end early, or that go on', () => {
    const file = read('baseline');
    const longer = Buffer.concat([file.subarray(0, -2), Buffer.from([0, 0, 0xff, 0xd9])]);
    expect(() => readJpeg(longer)).toThrow(/goes on after its end/);
    const cut = Buffer.concat([file.subarray(0, file.length - 200), Buffer.from([0xff, 0xd9])]);
    expect(() => readJpeg(cut)).toThrow(/ends early/);
  });

  test.each(names)('%s, cut anywhere, is truncated', name => {
    const file = read(name);
    for (let length = 3; length < file.length - 1; length++) {
      expect(() => readJpeg(file.subarray(0, length)), `${length} bytes`).toThrow(
        expect.objectContaining({ code: 'UNREADABLE' }),
      );
    }
  });

  test('any bytes changed, it is unreadable or an image: nothing else is thrown', () => {
    const change = fc.tuple(fc.nat(), fc.nat(255));
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.array(change, { minLength: 1, maxLength: 4 }), (name, changes) => {
        const file = Buffer.from(read(name));
        for (const [at, value] of changes) file[3 + (at % (file.length - 3))] = value;
        try {
          const { width, height, rgba } = readJpeg(file);
          expect(rgba.length).toBe(width * height * 4);
        } catch (error) {
          expect(error).toMatchObject({ code: 'UNREADABLE' });
        }
      }),
      { numRuns: 1500 },
    );
  });
});
