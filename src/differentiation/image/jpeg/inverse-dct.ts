const work = new Int32Array(64);

/**
 * The inverse cosine transform of one block of dequantized coefficients, row by row, into 8 by 8 samples at `at` of a
 * plane: the integer arithmetic of the Independent JPEG Group's "islow" (Loeffler, Ligtenberg and Moschytz 1989), so that
 * samples are theirs to the bit.
 */
export function inverseDct(block: Int32Array, plane: Uint8ClampedArray, at: number, stride: number): void {
  for (let column = 0; column < 8; column++) {
    const s0 = block[column]!;
    const s1 = block[column + 8]!;
    const s2 = block[column + 16]!;
    const s3 = block[column + 24]!;
    const s4 = block[column + 32]!;
    const s5 = block[column + 40]!;
    const s6 = block[column + 48]!;
    const s7 = block[column + 56]!;
    if ((s1 | s2 | s3 | s4 | s5 | s6 | s7) === 0) {
      const even = s0 << 2;
      for (let row = column; row < 64; row += 8) work[row] = even;
      continue;
    }
    const z1 = Math.imul(s2 + s6, 4433);
    const even2 = z1 - Math.imul(s6, 15137);
    const even3 = z1 + Math.imul(s2, 6270);
    const even0 = ((s0 + s4) << 13) + 1024;
    const even1 = ((s0 - s4) << 13) + 1024;
    const a0 = even0 + even3;
    const a3 = even0 - even3;
    const a1 = even1 + even2;
    const a2 = even1 - even2;
    const z5 = Math.imul(s7 + s3 + s5 + s1, 9633);
    const o1 = Math.imul(s7 + s1, -7373);
    const o2 = Math.imul(s5 + s3, -20995);
    const o3 = Math.imul(s7 + s3, -16069) + z5;
    const o4 = Math.imul(s5 + s1, -3196) + z5;
    const b0 = Math.imul(s7, 2446) + o1 + o3;
    const b1 = Math.imul(s5, 16819) + o2 + o4;
    const b2 = Math.imul(s3, 25172) + o2 + o3;
    const b3 = Math.imul(s1, 12299) + o1 + o4;
    work[column] = (a0 + b3) >> 11;
    work[column + 56] = (a0 - b3) >> 11;
    work[column + 8] = (a1 + b2) >> 11;
    work[column + 48] = (a1 - b2) >> 11;
    work[column + 16] = (a2 + b1) >> 11;
    work[column + 40] = (a2 - b1) >> 11;
    work[column + 24] = (a3 + b0) >> 11;
    work[column + 32] = (a3 - b0) >> 11;
  }
  let to = at;
  for (let row = 0; row < 64; row += 8, to += stride) {
    const s0 = work[row]!;
    const s1 = work[row + 1]!;
    const s2 = work[row + 2]!;
    const s3 = work[row + 3]!;
    const s4 = work[row + 4]!;
    const s5 = work[row + 5]!;
    const s6 = work[row + 6]!;
    const s7 = work[row + 7]!;
    const z1 = Math.imul(s2 + s6, 4433);
    const even2 = z1 - Math.imul(s6, 15137);
    const even3 = z1 + Math.imul(s2, 6270);
    // Half of the last place, and the 128 that samples are above 0.
    const even0 = ((s0 + s4) << 13) + centre;
    const even1 = ((s0 - s4) << 13) + centre;
    const a0 = even0 + even3;
    const a3 = even0 - even3;
    const a1 = even1 + even2;
    const a2 = even1 - even2;
    const z5 = Math.imul(s7 + s3 + s5 + s1, 9633);
    const o1 = Math.imul(s7 + s1, -7373);
    const o2 = Math.imul(s5 + s3, -20995);
    const o3 = Math.imul(s7 + s3, -16069) + z5;
    const o4 = Math.imul(s5 + s1, -3196) + z5;
    const b0 = Math.imul(s7, 2446) + o1 + o3;
    const b1 = Math.imul(s5, 16819) + o2 + o4;
    const b2 = Math.imul(s3, 25172) + o2 + o3;
    const b3 = Math.imul(s1, 12299) + o1 + o4;
    plane[to] = (a0 + b3) >> 18;
    plane[to + 7] = (a0 - b3) >> 18;
    plane[to + 1] = (a1 + b2) >> 18;
    plane[to + 6] = (a1 - b2) >> 18;
    plane[to + 2] = (a2 + b1) >> 18;
    plane[to + 5] = (a2 - b1) >> 18;
    plane[to + 3] = (a3 + b0) >> 18;
    plane[to + 4] = (a3 - b0) >> 18;
  }
}

const centre = (128 << 18) + (1 << 17);

/** The same for a block that has nothing but its first coefficient. */
export function inverseDctOfMean(first: number, plane: Uint8ClampedArray, at: number, stride: number): void {
  const sample = ((first + 4) >> 3) + 128;
  for (let row = 0, to = at; row < 8; row++, to += stride) plane.fill(sample, to, to + 8);
}
