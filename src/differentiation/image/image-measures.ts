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
  const [one, other] = [samplesOf(from), samplesOf(toward)];
  let [colours, alpha, opaque] = [0, 0, true];
  for (let at = 0; at < one.samples.length; at += 4) {
    for (let channel = at; channel < at + 3; channel++) {
      const difference = one.samples[channel]! * one.scale - other.samples[channel]! * other.scale;
      colours += difference * difference;
    }
    const [mine, theirs] = [one.samples[at + 3]! * one.scale, other.samples[at + 3]! * other.scale];
    alpha += (mine - theirs) * (mine - theirs);
    if (mine !== 65535 || theirs !== 65535) opaque = false;
  }
  const pixels = one.samples.length / 4;
  return Math.sqrt(opaque ? colours / (pixels * 3) : (colours + alpha) / (pixels * 4)) / 257;
}

/** The pixels of a picture that shows where two images of one size differ: red, on a pale copy of `toward`. */
export function differenceImage(from: DecodedImage, toward: DecodedImage, rule: PixelRule): Uint8Array {
  const drawn = new Uint8Array(from.rgba.length);
  const options = { ...wordsOf(rule), diffColor: [207, 34, 46] as [number, number, number], alpha: 0.15 };
  pixelmatch(toward.rgba, from.rgba, drawn, from.width, from.height, options);
  return drawn;
}
