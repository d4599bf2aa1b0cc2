import { describe, expect, test } from 'vitest';
import type { DecodedImage } from '../../../src/differentiation/image/decoded-image.ts';
import { imageMeasures, usualPixelRule } from '../../../src/differentiation/image/image-measures.ts';

/** One pixel a row of four samples, from 0 to 255 or, where `isDeep`, to 65535. */
function image(samples: number[], isDeep = false): DecodedImage {
  return {
    kind: 'an image',
    width: samples.length / 4,
    height: 1,
    rgba: Uint8Array.from(samples, sample => (isDeep ? Math.round(sample / 257) : sample)),
    deep: isDeep ? Uint16Array.from(samples) : null,
    colourSpace: '',
  };
}

describe('the root mean square', () => {
  const rms = (from: DecodedImage, toward: DecodedImage) => imageMeasures(from, toward, usualPixelRule).rms;

  test('is of the three colours where both are opaque, and of alpha too where one is not', () => {
    expect(rms(image([10, 20, 30, 255, 0, 0, 0, 255]), image([13, 16, 30, 255, 0, 0, 0, 255]))).toBe(Math.sqrt(25 / 6));
    expect(rms(image([10, 20, 30, 255]), image([10, 20, 33, 251]))).toBe(2.5);
    expect(rms(image([1, 2, 3, 0]), image([1, 2, 3, 0]))).toBe(0);
  });

  test('is counted from 0 to 255, however deep the colours are', () => {
    expect(rms(image([257, 0, 0, 65535], true), image([0, 0, 0, 65535], true))).toBeCloseTo(Math.sqrt(1 / 3), 12);
    expect(rms(image([0, 257, 0, 65535], true), image([0, 2, 0, 255]))).toBeCloseTo(Math.sqrt(1 / 3), 12);
    expect(rms(image([0, 0, 0, 65535], true), image([0, 0, 1, 255]))).toBeCloseTo(Math.sqrt(1 / 3), 12);
  });
});
