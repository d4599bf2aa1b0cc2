import type { ImagePair, Picture } from '../../domain/comparison-report/evidence.ts';
import { compareImages } from '../image/compare-images.ts';
import { differenceImage, type PixelRule } from '../image/image-measures.ts';
import { writePng } from '../image/png/write-png.ts';
import { imageKind, readImage } from '../image/read-image.ts';

/** A picture of more bytes than this makes a page that nobody can open. */
const mostBytes = 8 * 2 ** 20;

/** Both images, and where they differ; only what could be decoded, so that what is shown is what it says it is. */
export async function imagePair(from: Uint8Array, toward: Uint8Array, rule: PixelRule): Promise<ImagePair> {
  const found = await compareImages(from, toward, rule);
  if ('measures' in found) {
    const { width, height } = found.toward;
    const bytes = await writePng(width, height, differenceImage(found.from, found.toward, rule));
    const pictures = {
      from: pictureOf(from, width, height),
      toward: pictureOf(toward, width, height),
      difference: fits(bytes) ? ({ type: 'image/png', bytes, width, height } as const) : null,
    };
    const large = Object.values(pictures).includes(null)
      ? `larger than ${mostBytes / 2 ** 20} MiB, so not shown`
      : null;
    return { ...pictures, because: large };
  }
  const pictures = { from: await decodedPicture(from), toward: await decodedPicture(toward), difference: null };
  return { ...pictures, because: found.reason };
}

function fits(bytes: Uint8Array): boolean {
  return bytes.length <= mostBytes;
}

function pictureOf(bytes: Uint8Array, width: number, height: number): Picture | null {
  const kind = imageKind(bytes);
  return kind === null || !fits(bytes) ? null : { type: `image/${kind}`, bytes, width, height };
}

async function decodedPicture(bytes: Uint8Array): Promise<Picture | null> {
  try {
    const { width, height } = await readImage(bytes);
    return pictureOf(bytes, width, height);
  } catch {
    // Why is told by the comparison.
    return null;
  }
}
