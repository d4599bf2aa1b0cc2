import { describe, expect, test } from 'vitest';
import { compareImages } from '../../../src/differentiation/image/compare-images.ts';
import { differenceImage, usualPixelRule } from '../../../src/differentiation/image/image-measures.ts';
import { imageMethod, lookAtImages } from '../../../src/differentiation/image/image-method.ts';
import { writePng } from '../../../src/differentiation/image/png/write-png.ts';
import { readOptions } from '../../../src/differentiation/registry.ts';
import { visualMethodWith } from '../../../src/differentiation/visual-method.ts';
import { validFileResult } from '../valid-file-result.ts';
import { pngChunk, pngFile } from './png-file.ts';

const budget = { bytes: 2 ** 26, steps: 1e9 };
const grey16 = { colour: 0, depth: 16, interlaced: false };

/** A white picture with these pixels set. */
async function picture(width: number, height: number, set: { [place: string]: readonly number[] } = {}) {
  const pixels = new Uint8Array(width * height * 4).fill(255);
  for (const [place, colour] of Object.entries(set)) {
    const [x, y] = place.split(',').map(Number) as [number, number];
    pixels.set(colour, (y * width + x) * 4);
  }
  return writePng(width, height, pixels);
}

async function compare(from: Uint8Array, toward: Uint8Array, given: { [name: string]: unknown } = {}) {
  const found = await imageMethod.compare('plot.png', from, toward, readOptions(imageMethod, given), budget);
  validFileResult({ path: 'plot.png', identical: false, ...found });
  return found;
}

describe('the method image', () => {
  test('counts pixels and says where they are', async () => {
    const from = await picture(20, 10, { '3,2': [0, 0, 0, 255], '7,8': [255, 0, 0, 255] });
    expect(await compare(from, await picture(20, 10))).toEqual({
      same: false,
      pixels: 200,
      pixels_different: 2,
      rms: Math.sqrt((3 * 255 ** 2 + 2 * 255 ** 2) / 600),
      box: { x: 3, y: 2, width: 5, height: 7 },
    });
  });

  test('is the same within max_pixels, and where only the way of writing differs', async () => {
    const from = await picture(20, 10, { '3,2': [0, 0, 0, 255] });
    const toward = await picture(20, 10);
    expect((await compare(from, toward, { max_pixels: 1 })).same).toBe(true);
    const otherwise = pngFile(
      20,
      10,
      { colour: 2, depth: 8, interlaced: true },
      () => 255,
      () => 4,
      [pngChunk('tEXt', Buffer.from('Software\0x'))],
    );
    expect(await compare(otherwise, toward, { threshold: 0 })).toMatchObject({
      same: true,
      pixels_different: 0,
      rms: 0,
      box: null,
    });
  });

  test('threshold: a faint difference is none, and with 0 it is one', async () => {
    const from = await picture(4, 4, { '1,1': [254, 255, 255, 255] });
    const toward = await picture(4, 4);
    expect((await compare(from, toward)).same).toBe(true);
    expect(await compare(from, toward, { threshold: 0 })).toMatchObject({ same: false, pixels_different: 1 });
  });

  test('with threshold 0 all 16 bits count', async () => {
    const file = (last: number) =>
      pngFile(
        2,
        2,
        grey16,
        (x, y) => 1000 + (x === 1 && y === 1 ? last : 0),
        () => 0,
      );
    const found = await compare(file(0), file(1), { threshold: 0 });
    expect(found).toMatchObject({ same: false, pixels_different: 1, box: { x: 1, y: 1, width: 1, height: 1 } });
    expect(found.rms).toBeCloseTo(0.5 / 257, 12);
  });

  test('pixels that smooth an edge count unless they are to be left out', async () => {
    // A black half plane whose border is half grey in one picture and not in the other.
    const edge = (grey: number) => {
      const set: { [place: string]: number[] } = {};
      for (let y = 0; y < 12; y++) for (let x = 0; x < y; x++) set[`${x},${y}`] = [0, 0, 0, 255];
      for (let y = 0; y < 12; y++) set[`${y},${y}`] = [grey, grey, grey, 255];
      return picture(12, 12, set);
    };
    const [from, toward] = [await edge(100), await edge(170)];
    const strict = await compare(from, toward);
    const lenient = await compare(from, toward, { ignore_antialiasing: true });
    expect(strict.pixels_different).toBe(12);
    expect(lenient.pixels_different).toBeLessThan(4);
  });

  test('another size is said, not thrown', async () => {
    expect(await compare(await picture(20, 10), await picture(10, 20))).toEqual({
      same: false,
      reason: 'from has 20 x 10 pixels, toward 10 x 20',
    });
  });

  test('other words about colours are a difference', async () => {
    const profile = (gamma: number) =>
      pngFile(
        2,
        2,
        { colour: 0, depth: 8, interlaced: false },
        () => 9,
        () => 0,
        [pngChunk('gAMA', Buffer.from([0, 0, 0, gamma]))],
      );
    expect(await compare(profile(1), profile(2))).toMatchObject({
      same: false,
      pixels_different: 0,
      reason: expect.stringMatching(/colours/),
    });
  });

  test('files that are no images, or damaged ones, say so with their side', async () => {
    const toward = await picture(4, 4);
    expect(await compare(Buffer.from('%PDF-1.7'), toward)).toEqual({
      same: false,
      reason: 'from is no PNG or JPEG image',
    });
    expect((await compare(toward, toward.subarray(0, 50))).reason).toMatch(
      /^toward is a PNG image that ends within its IDAT/,
    );
  });
});

test('the visual method helps with the same numbers, and they do not decide', async () => {
  const visual = visualMethodWith(lookAtImages);
  const from = await picture(20, 10, { '3,2': [0, 0, 0, 255] });
  const options = readOptions(visual, { same: true });
  expect(await visual.compare('a.png', from, await picture(20, 10), options, budget)).toMatchObject({
    same: true,
    pixels_different: 1,
  });
  expect(await visual.compare('a.txt', Buffer.from('a'), Buffer.from('b'), options, budget)).not.toHaveProperty(
    'pixels',
  );
});

test('the difference image is red where they differ and pale elsewhere', async () => {
  const from = await picture(3, 1, { '1,0': [0, 0, 0, 255] });
  const found = await compareImages(from, await picture(3, 1), usualPixelRule);
  if (!('measures' in found)) throw new Error(found.reason);
  expect([...differenceImage(found.from, found.toward, usualPixelRule)]).toEqual([
    255, 255, 255, 255, 207, 34, 46, 255, 255, 255, 255, 255,
  ]);
});
