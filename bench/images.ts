import { encode } from 'jpeg-js';
import pngjs from 'pngjs';
import { compareImages } from '../src/differentiation/image/compare-images.ts';
import { usualPixelRule } from '../src/differentiation/image/image-measures.ts';
import { absoluteRow, median, type Row } from './row.ts';

const [width, height] = [3840, 2160];
const rounds = 5;

/** A field of smooth waves, as a plot of a simulation; `shift` moves a part of it. */
function picture(shift: number): pngjs.PNG {
  const png = new pngjs.PNG({ width, height });
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const moved = x > 1000 && x < 1400 && y > 500 && y < 900 ? shift : 0;
      const value = 127 + 60 * Math.sin((x + moved) / 97) + 60 * Math.cos(y / 61);
      png.data.set([value, 255 - value, (x * y) & 255, 255], (y * width + x) * 4);
    }
  }
  return png;
}

/** Two 4K pictures, read and compared, pixel by pixel. */
export async function measureImages(): Promise<Row[]> {
  const [from, toward] = [picture(0), picture(300)];
  return [
    absoluteRow('two 4K images (PNG)', await timeOf(pngjs.PNG.sync.write(from), pngjs.PNG.sync.write(toward)), 1),
    absoluteRow('two 4K images (JPEG)', await timeOf(encode(from, 90).data, encode(toward, 90).data), 1),
  ];
}

async function timeOf(from: Uint8Array, toward: Uint8Array): Promise<number> {
  const taken: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const begun = performance.now();
    const found = await compareImages(from, toward, usualPixelRule);
    const took = (performance.now() - begun) / 1000;
    if (!('measures' in found) || found.measures.pixels_different === 0) throw new Error('nothing was compared');
    if (round >= 0) taken.push(took);
  }
  return median(taken);
}
