import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { encode } from 'jpeg-js';
import { PNG } from 'pngjs';
import { describe, expect, test } from 'vitest';
import { writePng } from '../../../src/differentiation/image/png/write-png.ts';
import { imageKind, readImage } from '../../../src/differentiation/image/read-image.ts';
import { pngChunk, pngEnd, pngFile, pngForms, pngHeader, pngStart } from './png-file.ts';

const rgba8 = { colour: 6, depth: 8, interlaced: false };

/** Numbers below 65536 that look like chance and are the same in every run. */
function noise(x: number, y: number, channel: number): number {
  return (Math.imul(x * 31 + y * 17 + channel * 7 + 1, 2654435761) >>> 12) & 0xffff;
}

describe('PNG', () => {
  test.each(pngForms)('colour type $colour, $depth bits, interlaced $interlaced: as pngjs decodes it', async form => {
    const palette = Buffer.from(Array.from({ length: 2 ** Math.min(form.depth, 8) * 3 }, (_, at) => (at * 37) & 255));
    const extra = form.colour === 3 ? [pngChunk('PLTE', palette), pngChunk('tRNS', Buffer.from([0, 90]))] : [];
    for (const [width, height] of [
      [1, 1],
      [3, 2],
      [13, 11],
      [8, 17],
    ] as const) {
      const sample = (x: number, y: number, channel: number) => noise(x, y, channel) & (2 ** form.depth - 1);
      const file = pngFile(width, height, form, sample, row => row % 5, extra);
      const image = await readImage(file);
      const reference = PNG.sync.read(file);
      expect([image.width, image.height]).toEqual([width, height]);
      expect(Buffer.from(image.rgba).equals(reference.data)).toBe(true);
      if (form.depth === 16) expect(image.deep![0]).toBe(noise(0, 0, 0));
      else expect(image.deep).toBeNull();
    }
  });

  test('a colour that is said to be transparent is, for grey and for colours', async () => {
    const grey = pngFile(
      2,
      1,
      { ...rgba8, colour: 0 },
      x => x * 7,
      () => 0,
      [pngChunk('tRNS', Buffer.from([0, 7]))],
    );
    expect([...(await readImage(grey)).rgba]).toEqual([0, 0, 0, 255, 7, 7, 7, 0]);
    const colour = [pngChunk('tRNS', Buffer.from([0, 1, 0, 1, 0, 1]))];
    const rgb = pngFile(
      2,
      1,
      { ...rgba8, colour: 2 },
      x => x,
      () => 0,
      colour,
    );
    expect([...(await readImage(rgb)).rgba]).toEqual([0, 0, 0, 255, 1, 1, 1, 0]);
  });

  test('what is written reads back, by pngjs too', async () => {
    const pixels = Uint8Array.from({ length: 7 * 5 * 4 }, (_, at) => noise(at, 0, 0) & 255);
    const file = await writePng(7, 5, pixels);
    expect((await readImage(file)).rgba).toEqual(pixels);
    expect(new Uint8Array(PNG.sync.read(Buffer.from(file)).data)).toEqual(pixels);
  });

  const small = pngFile(9, 9, rgba8, noise8, row => row % 5);
  function noise8(x: number, y: number, channel: number): number {
    return noise(x, y, channel) & 255;
  }

  test('cut anywhere, it is truncated', async () => {
    for (let length = 8; length < small.length; length++) {
      await expect(readImage(small.subarray(0, length)), `${length} bytes`).rejects.toMatchObject({
        code: 'UNREADABLE',
        message: expect.stringMatching(/truncated/),
      });
    }
  });

  test('any byte changed, it is unreadable or an image: nothing else is thrown', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(small.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const file = Uint8Array.from(small);
        file[at]! ^= change;
        try {
          expect((await readImage(file)).rgba.length).toBe(9 * 9 * 4);
        } catch (error) {
          expect(error).toMatchObject({ code: 'UNREADABLE' });
        }
      }),
      { numRuns: 200 },
    );
  });

  const header = (width: number, height: number) => pngHeader(width, height, rgba8);
  const hostile: readonly [string, Buffer, RegExp][] = [
    ['100,000 pixels square', Buffer.concat([pngStart, header(1e5, 1e5), pngEnd]), /100000 x 100000 pixels.*at most/],
    ['2^32 - 1 pixels square', Buffer.concat([pngStart, header(2 ** 32 - 1, 2 ** 32 - 1), pngEnd]), /at most/],
    ['no pixels', Buffer.concat([pngStart, header(0, 5), pngEnd]), /without pixels/],
    ['fewer rows than its header says', rowsOf(9, 9, 4), /truncated/],
    ['a bit depth of its own', Buffer.concat([pngStart, pngHeader(1, 1, { ...rgba8, depth: 3 }), pngEnd]), /3 bits/],
    [
      'no palette',
      pngFile(
        2,
        2,
        { ...rgba8, colour: 3 },
        () => 0,
        () => 0,
      ),
      /no palette/,
    ],
    [
      'an index beyond the palette',
      pngFile(
        2,
        2,
        { ...rgba8, colour: 3 },
        () => 9,
        () => 0,
        [pngChunk('PLTE', Buffer.alloc(6))],
      ),
      /colour 9 of a palette of 2/,
    ],
    [
      'an unknown filter',
      pngFile(
        2,
        2,
        rgba8,
        () => 0,
        () => 7,
      ).fill(0, 0, 0),
      /filter 7/,
    ],
    [
      'frames',
      pngFile(
        2,
        2,
        rgba8,
        () => 0,
        () => 0,
        [pngChunk('acTL', Buffer.alloc(8))],
      ),
      /animated/,
    ],
    [
      'an unknown critical chunk',
      pngFile(
        2,
        2,
        rgba8,
        () => 0,
        () => 0,
        [pngChunk('WHAT', Buffer.alloc(1))],
      ),
      /WHAT/,
    ],
    [
      'a chunk of 4 GB',
      Buffer.concat([pngStart, header(1, 1), Buffer.from([255, 255, 255, 255]), Buffer.from('IDAT')]),
      /truncated/,
    ],
  ];
  function rowsOf(width: number, height: number, rows: number): Buffer {
    const data = deflateSync(Buffer.alloc((width * 4 + 1) * rows));
    return Buffer.concat([pngStart, header(width, height), pngChunk('IDAT', data), pngEnd]);
  }
  test.each(hostile)('%s: a clear finding', async (_, file, because) => {
    await expect(readImage(file)).rejects.toMatchObject({
      code: 'UNREADABLE',
      message: expect.stringMatching(because),
    });
  });

  test('a small file that would inflate to 256 MiB costs no more than its header allows', async () => {
    const zeros = deflateSync(Buffer.alloc(2 ** 28));
    const bomb = Buffer.concat([pngStart, header(4, 4), pngChunk('IDAT', zeros), pngEnd]);
    const before = process.memoryUsage().arrayBuffers;
    const image = await readImage(bomb);
    expect(image.rgba.length).toBe(64);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24);
  });
});

describe('JPEG', () => {
  const pixels = Buffer.from(Array.from({ length: 24 * 16 * 4 }, (_, at) => (at % 4 === 3 ? 255 : (at * 3) & 255)));
  const file = encode({ width: 24, height: 16, data: pixels }, 90).data;

  test('is decoded', async () => {
    const image = await readImage(file);
    expect([image.kind, image.width, image.height, image.rgba.length]).toEqual(['a JPEG image', 24, 16, 24 * 16 * 4]);
  });

  test('cut anywhere, it is truncated', async () => {
    for (let length = 3; length < file.length - 1; length++) {
      await expect(readImage(file.subarray(0, length)), `${length} bytes`).rejects.toMatchObject({
        code: 'UNREADABLE',
      });
    }
  });

  test('any bytes changed, it is unreadable or an image: nothing else is thrown', async () => {
    const change = fc.tuple(fc.integer({ min: 3, max: file.length - 1 }), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async changes => {
        const damaged = Uint8Array.from(file);
        for (const [at, value] of changes) damaged[at] = value;
        try {
          const { width, height, rgba } = await readImage(damaged);
          expect(rgba.length).toBe(width * height * 4);
        } catch (error) {
          expect(error).toMatchObject({ code: 'UNREADABLE' });
        }
      }),
      { numRuns: 200 },
    );
  });

  test('of 65,535 pixels square by its header: a clear finding', async () => {
    const large = Buffer.from(file);
    const frame = large.indexOf(Buffer.from([0xff, 0xc0]));
    large.fill(0xff, frame + 5, frame + 9);
    await expect(readImage(large)).rejects.toThrow(/65535 x 65535 pixels by its header/);
  });
});

test('the kind is told by content', () => {
  expect(imageKind(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))).toBe('png');
  expect(imageKind(Buffer.from([0xff, 0xd8, 0xff]))).toBe('jpeg');
  expect(imageKind(Buffer.from('GIF89a'))).toBeNull();
  expect(imageKind(new Uint8Array(0))).toBeNull();
});
