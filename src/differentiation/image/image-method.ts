import { isRecomputable } from '../../domain/recomputable.ts';
import type { Method } from '../method.ts';
import type { Look } from '../visual-method.ts';
import { compareImages } from './compare-images.ts';
import { usualPixelRule } from './image-measures.ts';

interface ImageOptions {
  readonly threshold: number;
  readonly max_pixels: number;
  readonly ignore_antialiasing: boolean;
}

/** PNG and JPEG images by their pixels: when and by which program they were written does not matter. */
export const imageMethod: Method = {
  word: 'custom',
  name: 'image',
  promise: 'At most max_pixels pixels differ by more than threshold; both images have one size.',
  options: [
    {
      name: 'threshold',
      type: 'number',
      fallback: usualPixelRule.threshold,
      least: 0,
      most: 1,
      promise:
        'Largest difference of two colours that is none, from 0 (exact) to 1 (black and white), as people see it.',
    },
    {
      name: 'max_pixels',
      type: 'number',
      fallback: 0,
      least: 0,
      most: Number.MAX_SAFE_INTEGER,
      promise: 'How many pixels may differ by more.',
    },
    {
      name: 'ignore_antialiasing',
      type: 'boolean',
      fallback: usualPixelRule.ignoreAntialiasing,
      promise: 'Pixels that only smooth an edge do not count.',
    },
  ],
  repeatable: isRecomputable({ method: 'custom', name: 'image' }),
  async compare(_path, from, toward, given) {
    const options = given as unknown as ImageOptions;
    const rule = { threshold: options.threshold, ignoreAntialiasing: options.ignore_antialiasing };
    const found = await compareImages(from, toward, rule);
    if (!('measures' in found)) return { same: false, reason: found.reason };
    const { measures, reason } = found;
    const same = reason === undefined && measures.pixels_different <= options.max_pixels;
    return { same, ...measures, ...(reason === undefined ? {} : { reason }) };
  },
};

/** What helps a person to look at two images: pixels by pixelmatch's own threshold, rms, box; nothing of other files. */
export const lookAtImages: Look = async (_path, from, toward) => {
  const found = await compareImages(from, toward, usualPixelRule);
  return 'measures' in found ? found.measures : {};
};
