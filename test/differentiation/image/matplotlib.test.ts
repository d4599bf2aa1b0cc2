import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compareImages } from '../../../src/differentiation/image/compare-images.ts';
import { readImage } from '../../../src/differentiation/image/read-image.ts';

const fixtures = join(import.meta.dirname, 'fixtures');
const read = (name: string) => readFileSync(join(fixtures, name));
/** What numpy and matplotlib say of the pictures that matplotlib drew (`fixtures/make.py`). */
const expected = JSON.parse(read('expected.json').toString('utf8')) as {
  [name: string]: { width: number; height: number; sum: number[]; rms: number; differing: number };
};

test.each(Object.keys(expected))('%s has the pixels that matplotlib reads from it', async name => {
  const { width, height, rgba } = await readImage(read(name));
  const sum = [0, 0, 0, 0];
  for (const [at, value] of rgba.entries()) sum[at % 4]! += value;
  expect({ width, height, sum }).toEqual({
    width: expected[name]!.width,
    height: expected[name]!.height,
    sum: expected[name]!.sum,
  });
});

test.each(Object.keys(expected))('%s differs from plot.png in the pixels that numpy counts', async name => {
  const found = await compareImages(read(name), read('plot.png'), { threshold: 0, ignoreAntialiasing: false });
  expect(found).toMatchObject({ measures: { pixels: 120 * 90, pixels_different: expected[name]!.differing } });
});

test('the root mean square is that of matplotlib.testing', async () => {
  const found = await compareImages(read('plot-other.png'), read('plot.png'), {
    threshold: 0.1,
    ignoreAntialiasing: false,
  });
  expect('measures' in found && found.measures.rms).toBeCloseTo(expected['plot-other.png']!.rms, 9);
});
