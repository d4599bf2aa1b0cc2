import { damagedJpeg } from './damaged-jpeg.ts';
import type { EntropyData } from './entropy-data.ts';
import { extended, type HuffmanTable, lookupBits } from './huffman-table.ts';
import type { BlockDecoder, Scan, ScanComponent } from './jpeg-scan.ts';
import { zigzag } from './zigzag.ts';

/** The blocks of a progressive scan (T.81, G.2), which tells some coefficients, or some more bits of them. */
export class ProgressiveDecoder implements BlockDecoder {
  at = 0;
  readonly #view: DataView;
  readonly #scan: Scan;
  /** Of each component, 64 a block, in rows. */
  readonly #coefficients: readonly Int16Array[];
  readonly #means = new Int32Array(4);
  /** Blocks to come that have nothing new but the bits of what is not 0. */
  #ended = 0;

  constructor(data: EntropyData, scan: Scan, coefficients: readonly Int16Array[]) {
    this.#view = data.view;
    this.#scan = scan;
    this.#coefficients = coefficients;
  }

  restart(): void {
    this.#means.fill(0);
    this.#ended = 0;
  }

  block({ index, dc, ac }: ScanComponent, number: number): void {
    const { first, high } = this.#scan;
    const all = this.#coefficients[index]!;
    const at = number * 64;
    if (first === 0) {
      if (high === 0) this.#mean(all, at, dc!, index);
      else if (this.#bits(1) === 1) all[at]! |= 1 << this.#scan.low;
    } else if (high === 0) this.#values(all, at, ac!);
    else this.#refine(all, at, ac!);
  }

  #mean(all: Int16Array, at: number, table: HuffmanTable, index: number): void {
    const size = this.#symbol(table);
    if (size > 15) throw damagedJpeg('a difference of means is too large');
    if (size > 0) this.#means[index]! += extended(this.#bits(size), size);
    all[at] = this.#means[index]! << this.#scan.low;
  }

  #values(all: Int16Array, at: number, table: HuffmanTable): void {
    if (this.#ended > 0) {
      this.#ended--;
      return;
    }
    const { last, low } = this.#scan;
    for (let next = this.#scan.first; next <= last; next++) {
      const symbol = this.#symbol(table);
      const zeros = symbol >> 4;
      const size = symbol & 15;
      if (size === 0) {
        if (zeros < 15) {
          this.#ended = (1 << zeros) - 1 + (zeros > 0 ? this.#bits(zeros) : 0);
          return;
        }
        next += 15;
        continue;
      }
      next += zeros;
      if (next > last) throw damagedJpeg('a block has more coefficients than there can be');
      all[at + zigzag[next]!] = extended(this.#bits(size), size) << low;
    }
  }

  /** One more bit of each coefficient that is not 0, and new ones of size 1 between them (T.81, figure G.7). */
  #refine(all: Int16Array, at: number, table: HuffmanTable): void {
    const { last, low } = this.#scan;
    let next = this.#scan.first;
    if (this.#ended === 0) {
      for (; next <= last; next++) {
        const symbol = this.#symbol(table);
        let zeros = symbol >> 4;
        const size = symbol & 15;
        let value = 0;
        if (size === 0) {
          if (zeros < 15) {
            this.#ended = (1 << zeros) + (zeros > 0 ? this.#bits(zeros) : 0);
            break;
          }
        } else if (size === 1) value = this.#bits(1) === 1 ? 1 << low : -1 << low;
        else throw damagedJpeg('a coefficient grows by more than one bit');
        for (; next <= last; next++) {
          const place = at + zigzag[next]!;
          if (all[place] !== 0) this.#correct(all, place);
          else if (zeros-- === 0) {
            all[place] = value;
            break;
          }
        }
        if (value !== 0 && next > last) throw damagedJpeg('a block has more coefficients than there can be');
      }
    }
    if (this.#ended > 0) {
      for (; next <= last; next++) {
        const place = at + zigzag[next]!;
        if (all[place] !== 0) this.#correct(all, place);
      }
      this.#ended--;
    }
  }

  #correct(all: Int16Array, place: number): void {
    const bit = 1 << this.#scan.low;
    const value = all[place]!;
    if (this.#bits(1) === 1 && (value & bit) === 0) all[place] = value + (value > 0 ? bit : -bit);
  }

  #symbol(table: HuffmanTable): number {
    const bits = (this.#view.getInt32(this.at >> 3) << (this.at & 7)) >>> 16;
    const found = table.lookup[bits >> (16 - lookupBits)]! || table.long(bits);
    this.at += found >> 8;
    return found & 255;
  }

  /** 1 to 16 bits. */
  #bits(count: number): number {
    const bits = (this.#view.getInt32(this.at >> 3) << (this.at & 7)) >>> (32 - count);
    this.at += count;
    return bits;
  }
}
