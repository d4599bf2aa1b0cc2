import { damagedJpeg } from './damaged-jpeg.ts';
import type { EntropyData } from './entropy-data.ts';
import { extended, lookupBits } from './huffman-table.ts';
import { inverseDct, inverseDctOfMean } from './inverse-dct.ts';
import type { BlockDecoder, ScanComponent } from './jpeg-scan.ts';
import { zigzag } from './zigzag.ts';

const lookupShift = 16 - lookupBits;

/** A component's samples and what its coefficients are multiplied with. */
export interface Plane {
  readonly samples: Uint8ClampedArray;
  readonly quantization: Uint16Array;
}

/** The blocks of a baseline or extended sequential scan (T.81, F.2): each is whole, and becomes samples at once. */
export class SequentialDecoder implements BlockDecoder {
  at = 0;
  readonly #view: DataView;
  readonly #planes: readonly Plane[];
  readonly #means = new Int32Array(4);
  readonly #block = new Int32Array(64);

  constructor(data: EntropyData, planes: readonly Plane[]) {
    this.#view = data.view;
    this.#planes = planes;
  }

  restart(): void {
    this.#means.fill(0);
  }

  block({ component, index, dc, ac }: ScanComponent, number: number): void {
    const view = this.#view;
    const block = this.#block;
    const { samples, quantization } = this.#planes[index]!;
    let at = this.at;

    let bits = (view.getInt32(at >> 3) << (at & 7)) >>> 16;
    const found = dc!.lookup[bits >> lookupShift]! || dc!.long(bits);
    at += found >> 8;
    const size = found & 255;
    if (size > 15) throw damagedJpeg('a difference of means is too large');
    if (size > 0) {
      this.#means[index]! += extended((view.getInt32(at >> 3) << (at & 7)) >>> (32 - size), size);
      at += size;
    }
    const mean = Math.imul(this.#means[index]!, quantization[0]!);

    const { lookup, coefficients } = ac!;
    let next = 1;
    let isMean = true;
    while (next < 64) {
      bits = (view.getInt32(at >> 3) << (at & 7)) >>> 16;
      const short = coefficients[bits >> lookupShift]!;
      let value: number;
      if (short !== 0) {
        at += short & 255;
        next += (short >> 8) & 15;
        value = short >> 16;
      } else {
        const code = lookup[bits >> lookupShift]! || ac!.long(bits);
        at += code >> 8;
        const length = code & 15;
        if (length === 0) {
          if ((code & 0xf0) !== 0xf0) break;
          next += 16;
          continue;
        }
        next += (code >> 4) & 15;
        value = extended((view.getInt32(at >> 3) << (at & 7)) >>> (32 - length), length);
        at += length;
      }
      if (next > 63) throw damagedJpeg('a block has more coefficients than there can be');
      block[zigzag[next]!] = Math.imul(value, quantization[next]!);
      isMean = false;
      next++;
    }
    this.at = at;

    const { stride } = component;
    const row = Math.floor(number / stride);
    const to = row * stride * 64 + (number - row * stride) * 8;
    if (isMean) inverseDctOfMean(mean, samples, to, stride * 8);
    else {
      block[0] = mean;
      inverseDct(block, samples, to, stride * 8);
      block.fill(0);
    }
  }
}
