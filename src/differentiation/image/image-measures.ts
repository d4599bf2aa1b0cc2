import pixelmatch from 'pixelmatch';
import type { Measures } from '../method.ts';
import type { DecodedImage } from './decoded-image.ts';

export interface PixelRule {
  /** From 0 (any difference counts) to 1: the distance between two colours as people see them, as pixelmatch measures it. */
  readonly threshold: number;
  /** Pixels that pixelmatch holds for the smoothing of an edge do not count. */
  readonly ignoreAntialiasing: boolean;
}

/** pixelmatch's own threshold, and every pixel counts. */
export const usualPixelRule: PixelRule = { threshold: 0.1, ignoreAntialiasing: false };

export type ImageMeasures = Required<Pick<Measures, 'pixels' | 'pixels_different' | 'rms' | 'box'>>;

/** Why two images cannot be laid over each other, in words; null where they can. */
export function whyNotComparable(from: DecodedImage, toward: DecodedImage): string | null {
  if (from.width !== toward.width || from.height !== toward.height) {
    return `from has ${from.width} x ${from.height} pixels, toward ${toward.width} x ${toward.height}`;
  }
  return null;
}

/**
 * How far two images of one size are apart: `pixels_different` of `pixels` under the rule, the `box` around those (null
 * where there are none), and the `rms` of all colours from 0 to 255 (with alpha, unless both are opaque), which is
 * matplotlib's and knows no threshold. With a threshold of 0 any sample that differs counts, all 16 bits of it.
 */
export function imageMeasures(from: DecodedImage, toward: DecodedImage, rule: PixelRule): ImageMeasures {
  const { width, height } = from;
  const mask = differenceMask(from, toward, rule);
  let [count, left, right, top, bottom] = [0, width, -1, height, -1];
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      if (mask[at] === 0) continue;
      count++;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      bottom = y;
    }
  }
  return {
    pixels: width * height,
    pixels_different: count,
    rms: rootMeanSquare(from, toward),
    box: count === 0 ? null : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 },
  };
}

/** One number a pixel, 0 where the two count as equal. */
function differenceMask(from: DecodedImage, toward: DecodedImage, rule: PixelRule): Uint32Array {
  const drawn = new Uint8Array(from.rgba.length);
  pixelmatch(from.rgba, toward.rgba, drawn, from.width, from.height, { ...wordsOf(rule), diffMask: true });
  const mask = new Uint32Array(drawn.buffer);
  if (rule.threshold === 0 && !rule.ignoreAntialiasing) markUnequal(from, toward, mask);
  return mask;
}

function wordsOf({ threshold, ignoreAntialiasing }: PixelRule): { threshold: number; includeAA: boolean } {
  return { threshold, includeAA: !ignoreAntialiasing };
}

/** Samples and what brings them to 16 bits. */
function samplesOf({ rgba, deep }: DecodedImage): { samples: Uint8Array | Uint16Array; scale: number } {
  return deep ? { samples: deep, scale: 1 } : { samples: rgba, scale: 257 };
}

function markUnequal(from: DecodedImage, toward: DecodedImage, mask: Uint32Array): void {
  const [one, other] = [samplesOf(from), samplesOf(toward)];
  for (let at = 0; at < one.samples.length; at++) {
    if (one.samples[at]! * one.scale !== other.samples[at]! * other.scale) mask[at >> 2] = 1;
  }
}

function rootMeanSquare(from: DecodedImage, toward: DecodedImage): number {
  const inEight = from.deep === null && toward.deep === null;
  const [one, other] = [samplesOf(from), samplesOf(toward)];
  const sums = inEight
    ? squares(from.rgba, 1, toward.rgba, 1)
    : squares(one.samples, one.scale, other.samples, other.scale);
  const full = inEight ? 255 : 65535;
  const opaque = sums.leastAlpha === full;
  const pixels = one.samples.length / 4;
  const mean = opaque ? sums.colours / (pixels * 3) : (sums.colours + sums.alpha) / (pixels * 4);
  return (Math.sqrt(mean) * 255) / full;
}

/** The squares of all differences, and the least alpha of either. */
function squares(
  one: Uint8Array | Uint16Array,
  scale: number,
  other: Uint8Array | Uint16Array,
  otherScale: number,
): { colours: number; alpha: number; leastAlpha: number } {
  let [colours, alpha, leastAlpha] = [0, 0, 65535];
  for (let at = 0; at < one.length; at += 4) {
    const red = one[at]! * scale - other[at]! * otherScale;
    const green = one[at + 1]! * scale - other[at + 1]! * otherScale;
    const blue = one[at + 2]! * scale - other[at + 2]! * otherScale;
    colours += red * red + green * green + blue * blue;
    const mine = one[at + 3]! * scale;
    const theirs = other[at + 3]! * otherScale;
    alpha += (mine - theirs) * (mine - theirs);
    if (mine < leastAlpha) leastAlpha = mine;
    if (theirs < leastAlpha) leastAlpha = theirs;
  }
  return { colours, alpha, leastAlpha };
}

/** The pixels of a picture that shows where two images of one size differ: red, on a pale copy of `toward`. */
export function differenceImage(from: DecodedImage, toward: DecodedImage, rule: PixelRule): Uint8Array {
  const drawn = new Uint8Array(from.rgba.length);
  const options = { ...wordsOf(rule), diffColor: [207, 34, 46] as [number, number, number], alpha: 0.15 };
  pixelmatch(toward.rgba, from.rgba, drawn, from.width, from.height, options);
  return drawn;
}
