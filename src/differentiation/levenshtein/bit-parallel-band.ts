/**
 * Edit distance in one banded pass, 32 rows at a time in the bits of a word (Myers 1999, Hyyrö 2003), with Ukkonen's
 * cut-off: a cell from which no path of at most `most` edits leads to the end is left out.
 *
 * The matrix is swept in stripes of 64 rows, a stripe's columns from left to right, so that the state of its two words
 * stays in registers; the lower word runs one column behind the upper, which lets the processor work on both at
 * once. Between stripes only the differences along the bottom row are kept, one byte a column (1: +1, 2: -1).
 */

const rows = 64;
/** What one column of a stripe costs, in steps of about a nanosecond. */
const stepsPerColumn = 6;
/** How far a stripe goes on to the right before it looks again whether it may stop, in columns. */
const stretch = 64;

export interface BandedPass {
  /** The distance; null when it is greater than `most` or when the steps ended. */
  readonly distance: number | null;
  /** The distance is at least this. */
  readonly lower: number;
  readonly steps: number;
}

/** The two words of a stripe: vertical differences at the current column, and the value of its bottom row there. */
interface Stripe {
  upperPlus: number;
  upperMinus: number;
  lowerPlus: number;
  lowerMinus: number;
  bottom: number;
}

/** Columns `first` to `last` (from 1) of a stripe; reads the differences above it from `across` and leaves its own. */
function sweep(
  stripe: Stripe,
  upperEqual: Int32Array,
  lowerEqual: Int32Array,
  b: Int32Array,
  across: Uint8Array,
  first: number,
  last: number,
): void {
  let pv = stripe.upperPlus | 0;
  let mv = stripe.upperMinus | 0;
  let qv = stripe.lowerPlus | 0;
  let nv = stripe.lowerMinus | 0;
  let bottom = stripe.bottom | 0;
  // The first turn runs only the upper word, the last only the lower; a turn in between runs both.
  let middle = 0;
  let symbol = b[first - 1]!;
  {
    const above = across[first]!;
    const minus = above >> 1;
    let equal = upperEqual[symbol]!;
    const xv = equal | mv;
    equal |= minus;
    const xh = (((equal & pv) + pv) ^ pv) | equal;
    let ph = mv | ~(xh | pv);
    let mh = pv & xh;
    middle = (ph >>> 31) | ((mh >>> 30) & 2);
    ph = (ph << 1) | (above & 1);
    mh = (mh << 1) | minus;
    pv = mh | ~(xv | ph);
    mv = ph & xv;
  }
  for (let column = first + 1; column <= last; column++) {
    const lowerMinus = middle >> 1;
    let lower = lowerEqual[symbol]!;
    symbol = b[column - 1]!;
    const above = across[column]!;
    const upperMinus = above >> 1;
    let upper = upperEqual[symbol]!;
    const yv = lower | nv;
    const xv = upper | mv;
    lower |= lowerMinus;
    upper |= upperMinus;
    const yh = (((lower & qv) + qv) ^ qv) | lower;
    const xh = (((upper & pv) + pv) ^ pv) | upper;
    let qh = nv | ~(yh | qv);
    let ph = mv | ~(xh | pv);
    let nh = qv & yh;
    let mh = pv & xh;
    const out = (qh >>> 31) | ((nh >>> 30) & 2);
    across[column - 1] = out;
    bottom += (out & 1) - (out >> 1);
    qh = (qh << 1) | (middle & 1);
    nh = (nh << 1) | lowerMinus;
    middle = (ph >>> 31) | ((mh >>> 30) & 2);
    ph = (ph << 1) | (above & 1);
    mh = (mh << 1) | upperMinus;
    qv = nh | ~(yv | qh);
    nv = qh & yv;
    pv = mh | ~(xv | ph);
    mv = ph & xv;
  }
  {
    const minus = middle >> 1;
    let equal = lowerEqual[symbol]!;
    const yv = equal | nv;
    equal |= minus;
    const yh = (((equal & qv) + qv) ^ qv) | equal;
    let qh = nv | ~(yh | qv);
    let nh = qv & yh;
    const out = (qh >>> 31) | ((nh >>> 30) & 2);
    across[last] = out;
    bottom += (out & 1) - (out >> 1);
    qh = (qh << 1) | (middle & 1);
    nh = (nh << 1) | minus;
    qv = nh | ~(yv | qh);
    nv = qh & yv;
  }
  stripe.upperPlus = pv;
  stripe.upperMinus = mv;
  stripe.lowerPlus = qv;
  stripe.lowerMinus = nv;
  stripe.bottom = bottom;
}

function bitCount(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return (((bits + (bits >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}

/**
 * The distance if it is at most `most`. `n` and `m` are the numbers of code points of `a` and `b` to compare, both
 * at least 1; costs about `n * most / 20` steps.
 */
export function distanceInBand(
  a: Int32Array,
  n: number,
  b: Int32Array,
  m: number,
  most: number,
  stepsLeft: number,
): BandedPass {
  const target = m - n;
  if (Math.abs(target) > most) return { distance: null, lower: Math.abs(target), steps: 0 };
  let alphabet = 0;
  for (let i = 0; i < n; i++) if (a[i]! > alphabet) alphabet = a[i]!;
  for (let j = 0; j < m; j++) if (b[j]! > alphabet) alphabet = b[j]!;
  const upperEqual = new Int32Array(alphabet + 1);
  const lowerEqual = new Int32Array(alphabet + 1);
  const across = new Uint8Array(m + 1).fill(1);
  let steps = 0;

  // Row `top` is known from column `low`, where it is `start`, to column `known`; it is of use up to column `high`.
  let low = 0;
  let start = 0;
  let known = m;
  let high = Math.min(m, Math.floor((most + target) / 2));
  for (let top = 0; top < n; top += rows) {
    const height = Math.min(rows, n - top);
    const isLast = top + rows >= n;
    for (let i = 0; i < Math.min(32, height); i++) upperEqual[a[top + i]!]! |= 1 << i;
    for (let i = 32; i < height; i++) lowerEqual[a[top + i]!]! |= 1 << i;
    const stripe = { upperPlus: -1, upperMinus: 0, lowerPlus: -1, lowerMinus: 0, bottom: start + rows };

    // The least that a path through column `column` of the bottom row costs: what it has cost and what the rest must.
    const bottomRow = top + rows;
    const least = (value: number, column: number): number => value + Math.abs(m - column - (n - bottomRow));

    let end = low;
    if (isLast) high = m;
    if (high > low) {
      if (high > known) across.fill(1, known + 1, high + 1);
      sweep(stripe, upperEqual, lowerEqual, b, across, low + 1, high);
      end = high;
    }
    // Further right, all comes from the left within the stripe: on until no cell of the column can matter.
    while (end < m && least(stripe.bottom, end) - 2 * rows <= most) {
      const further = Math.min(m, end + stretch);
      if (further > known) across.fill(1, Math.max(known, end) + 1, further + 1);
      sweep(stripe, upperEqual, lowerEqual, b, across, end + 1, further);
      end = further;
    }
    steps += stepsPerColumn * (end - low) + 2 * rows;

    for (let i = 0; i < Math.min(32, height); i++) upperEqual[a[top + i]!] = 0;
    for (let i = 32; i < height; i++) lowerEqual[a[top + i]!] = 0;

    if (isLast) {
      // The text ends within the stripe: back up from the stripe's bottom row to the text's.
      const upperRest = height >= 32 ? 0 : -1 << height;
      const lowerRest = height <= 32 ? -1 : height === rows ? 0 : -1 << (height - 32);
      const distance =
        stripe.bottom -
        bitCount(stripe.upperPlus & upperRest) +
        bitCount(stripe.upperMinus & upperRest) -
        bitCount(stripe.lowerPlus & lowerRest) +
        bitCount(stripe.lowerMinus & lowerRest);
      return distance <= most ? { distance, lower: distance, steps } : { distance: null, lower: most + 1, steps };
    }

    let value = start + rows;
    let left = low;
    while (left <= end && least(value, left) > most) {
      left++;
      if (left <= end) value += (across[left]! & 1) - (across[left]! >> 1);
    }
    if (left > end) return { distance: null, lower: most + 1, steps };
    let right = end;
    let rightValue = stripe.bottom;
    while (least(rightValue, right) > most) {
      rightValue -= (across[right]! & 1) - (across[right]! >> 1);
      right--;
    }
    low = left;
    start = value;
    known = end;
    high = right;
    if (steps > stepsLeft) {
      // Every path crosses this row, at a cost of at least the least that is seen here.
      let lower = most + 1;
      for (let column = low; column <= high; column++) {
        if (column > low) value += (across[column]! & 1) - (across[column]! >> 1);
        lower = Math.min(lower, least(value, column));
      }
      return { distance: null, lower, steps };
    }
  }
  // Not reached: the loop answers in its last stripe, and n is at least 1.
  return { distance: null, lower: most + 1, steps };
}
