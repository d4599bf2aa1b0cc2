import { Problem } from '../../domain/problem.ts';
import type { DecodedImage } from './decoded-image.ts';
import { type ImageMeasures, imageMeasures, type PixelRule, whyNotComparable } from './image-measures.ts';
import { readImage } from './read-image.ts';

export type ImageFinding =
  | {
      readonly measures: ImageMeasures;
      readonly from: DecodedImage;
      readonly toward: DecodedImage;
      readonly reason?: string;
    }
  /** Why there is nothing to measure. */
  | { readonly reason: string };

/**
 * Decodes two files and measures how far they are apart. Whatever cannot be laid over each other (no images, damaged
 * ones, other sizes) is a reason in words and never thrown; a `reason` beside measures is a difference that they miss.
 */
export async function compareImages(from: Uint8Array, toward: Uint8Array, rule: PixelRule): Promise<ImageFinding> {
  try {
    // One after the other: a damaged one is told by its side, and only what is needed is in memory.
    const one = await readSide('from', from);
    const other = await readSide('toward', toward);
    const because = whyNotComparable(one, other);
    if (because !== null) return { reason: because };
    const measures = imageMeasures(one, other, rule);
    const found = { measures, from: one, toward: other };
    if (one.colourSpace === other.colourSpace) return found;
    return { ...found, reason: 'the two say different things of how their colours are to be shown (profile or gamma)' };
  } catch (error) {
    if (error instanceof Problem && error.code === 'UNREADABLE') return { reason: error.message };
    throw error;
  }
}

async function readSide(side: string, bytes: Uint8Array): Promise<DecodedImage> {
  try {
    return await readImage(bytes);
  } catch (error) {
    if (error instanceof Problem) throw new Problem(error.code, `${side} ${error.message}`, { cause: error });
    // The decoder met bytes that it did not expect. Whatever they are, the file could not be read.
    throw new Problem('UNREADABLE', `${side} is an image that could not be decoded`, { cause: error });
  }
}
