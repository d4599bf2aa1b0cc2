import { damagedJpeg } from './damaged-jpeg.ts';

/** Codes of up to this many bits are looked up at once; longer ones are rare. */
export const lookupBits = 10;

/** One Huffman table (T.81, annex C): how the bits at a place of the data are read. */
export class HuffmanTable {
  /** By the next `lookupBits` bits: length << 8 | symbol; 0 where the code is longer. */
  readonly lookup = new Uint16Array(1 << lookupBits);
  /**
   * For AC coefficients, by the same bits: value << 16 | zeros before it << 8 | bits of code and value; 0 where they do
   * not fit.
   */
  readonly coefficients = new Int32Array(1 << lookupBits);
  /** Of each length: the first 16 bits that no code of it or a shorter one begins with. */
  readonly #bound = new Int32Array(17);
  readonly #offset = new Int32Array(17);
  readonly #symbols: Uint8Array;

  /** `counts`: how many codes there are of 1, 2, … 16 bits. Throws UNREADABLE where there cannot be so many. */
  constructor(counts: Uint8Array, symbols: Uint8Array) {
    this.#symbols = symbols;
    let code = 0;
    let at = 0;
    for (let length = 1; length <= 16; length++) {
      const count = counts[length - 1]!;
      this.#offset[length] = at - code;
      if (code + count > 1 << length) throw damagedJpeg('a Huffman table has more codes than there can be');
      if (length <= lookupBits) {
        const spare = lookupBits - length;
        for (let each = 0; each < count; each++) {
          const first = (code + each) << spare;
          this.lookup.fill((length << 8) | symbols[at + each]!, first, first + (1 << spare));
        }
      }
      at += count;
      code += count;
      this.#bound[length] = code << (16 - length);
      code <<= 1;
    }
    this.#fillCoefficients();
  }

  #fillCoefficients(): void {
    for (let bits = 0; bits < 1 << lookupBits; bits++) {
      const found = this.lookup[bits]!;
      const size = found & 15;
      const length = (found >> 8) + size;
      if (size === 0 || length > lookupBits) continue;
      const value = extended((bits >> (lookupBits - length)) & ((1 << size) - 1), size);
      this.coefficients[bits] = (value << 16) | (((found >> 4) & 15) << 8) | length;
    }
  }

  /** As `lookup` has it, for the next 16 bits where their code is a long one. Throws UNREADABLE where it is none. */
  long(bits: number): number {
    for (let length = lookupBits + 1; length <= 16; length++) {
      if (bits < this.#bound[length]!) {
        return (length << 8) | this.#symbols[this.#offset[length]! + (bits >> (16 - length))]!;
      }
    }
    throw damagedJpeg('its data holds a code that its tables do not have');
  }
}

/** The number that `size` bits stand for: those that begin with 0 are negative (T.81, figure F.12). */
export function extended(bits: number, size: number): number {
  return bits < 1 << (size - 1) ? bits - (1 << size) + 1 : bits;
}
