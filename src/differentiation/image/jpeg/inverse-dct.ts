const work = new Int32Array(64);

/**
 * The inverse cosine transform of one block of dequantized coefficients, row by row, into 8 by 8 samples at `at` of a
 * plane: the integer arithmetic of the Independent JPEG Group's "islow" (Loeffler, Ligtenberg and Moschytz 1989), so that
 * samples are theirs to the bit.
 */
export function inverseDct(block: Int32Array, plane: Uint8ClampedArray, at: number, stride: number): void {
  for (let column = 0; column < 8; column++) {
    if (isFlat(block, column)) {
      const mean = block[column]! << 2;
      for (let row = column; row < 64; row += 8) work[row] = mean;
    } else {
      transform(block, column, 8, halfOf(columnShift), columnShift);
    }
  }
  for (let row = 0, to = at; row < 64; row += 8, to += stride) {
    transform(work, row, 1, halfOf(rowShift) + (aboveZero << rowShift), rowShift);
    for (let column = 0; column < 8; column++) plane[to + column] = work[row + column]!;
  }
}

/** The same for a block that has nothing but its first coefficient. */
export function inverseDctOfMean(first: number, plane: Uint8ClampedArray, at: number, stride: number): void {
  const sample = ((first + 4) >> 3) + aboveZero;
  for (let row = 0, to = at; row < 8; row++, to += stride) plane.fill(sample, to, to + 8);
}

/** Samples are that much above 0. */
const aboveZero = 128;
/** Columns keep two bits of fraction; rows give whole numbers, an eighth of the transform. */
const columnShift = 13 - 2;
const rowShift = 13 + 2 + 3;

/** Half of the last place that is kept. */
function halfOf(shift: number): number {
  return 1 << (shift - 1);
}

function isFlat(block: Int32Array, column: number): boolean {
  const others =
    block[column + 8]! |
    block[column + 16]! |
    block[column + 24]! |
    block[column + 32]! |
    block[column + 40]! |
    block[column + 48]! |
    block[column + 56]!;
  return others === 0;
}

/**
 * One dimension of it, into `work`: eight numbers that stand `step` apart from `first` on. Constants are in units of
 * 2^-13; `added` comes to each sum before it is shifted.
 */
function transform(from: Int32Array, first: number, step: number, added: number, shift: number): void {
  const s1 = from[first + step]!;
  const s2 = from[first + 2 * step]!;
  const s3 = from[first + 3 * step]!;
  const s5 = from[first + 5 * step]!;
  const s6 = from[first + 6 * step]!;
  const s7 = from[first + 7 * step]!;
  const z1 = Math.imul(s2 + s6, 4433);
  const even2 = z1 - Math.imul(s6, 15137);
  const even3 = z1 + Math.imul(s2, 6270);
  const even0 = ((from[first]! + from[first + 4 * step]!) << 13) + added;
  const even1 = ((from[first]! - from[first + 4 * step]!) << 13) + added;
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
  work[first] = (a0 + b3) >> shift;
  work[first + 7 * step] = (a0 - b3) >> shift;
  work[first + step] = (a1 + b2) >> shift;
  work[first + 6 * step] = (a1 - b2) >> shift;
  work[first + 2 * step] = (a2 + b1) >> shift;
  work[first + 5 * step] = (a2 - b1) >> shift;
  work[first + 3 * step] = (a3 + b0) >> shift;
  work[first + 4 * step] = (a3 - b0) >> shift;
}
