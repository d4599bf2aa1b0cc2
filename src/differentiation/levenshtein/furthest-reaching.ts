/**
 * Edit distance by furthest-reaching points on diagonals (Ukkonen 1985; Myers 1986; Landau and Vishkin 1989): for
 * each number of edits, how far along each diagonal one can get. Expected cost is the texts' length plus the square
 * of the distance, so it is the way for texts that are nearly equal.
 *
 * Texts are code points with one sentinel at the end, which differs between the two (`withSentinel`), so that a run
 * of equal symbols ends without a look at the lengths.
 */

const unreached = -0x3fffffff;
/** What one diagonal costs at one number of edits, in steps of about a nanosecond. */
const stepsPerDiagonal = 8;

export interface FurthestReaching {
  /** The distance; null when it is greater than `most` or when the steps ended. */
  readonly distance: number | null;
  /** The distance is at least this. */
  readonly lower: number;
  readonly steps: number;
}

/** The distance if it is at most `most`. `n` and `m` are the lengths without the sentinels; costs about `most`² steps. */
export function distanceByDiagonals(
  a: Int32Array,
  n: number,
  b: Int32Array,
  m: number,
  most: number,
  stepsLeft: number,
): FurthestReaching {
  const target = m - n;
  if (Math.abs(target) > most) return { distance: null, lower: Math.abs(target), steps: 0 };
  const zero = most + 1;
  const reach = new Int32Array(2 * most + 3).fill(unreached);
  let steps = 0;
  let low = 0;
  let high = 0;
  for (let edits = 0; edits <= most; edits++) {
    if (steps > stepsLeft) return { distance: null, lower: Math.max(edits, Math.abs(target)), steps };
    // A diagonal from which the last one is out of reach with the edits left needs no look.
    const nextLow = Math.max(-edits, target - (most - edits), -n);
    const nextHigh = Math.min(edits, target + (most - edits), m);
    let left = nextLow - 1 >= low ? reach[nextLow - 1 + zero]! : unreached;
    for (let diagonal = nextLow; diagonal <= nextHigh; diagonal++) {
      const here = reach[diagonal + zero]!;
      let i = edits === 0 ? 0 : Math.max(left, here + 1, reach[diagonal + 1 + zero]! + 1);
      const end = diagonal > target ? m - diagonal : n;
      if (i > end) i = end;
      let j = i + diagonal;
      const start = i;
      while (a[i] === b[j]) {
        i++;
        j++;
      }
      steps += i - start;
      reach[diagonal + zero] = i;
      left = here;
    }
    steps += stepsPerDiagonal * (nextHigh - nextLow + 1);
    if (reach[target + zero] === n) return { distance: edits, lower: edits, steps };
    low = nextLow;
    high = nextHigh;
    // What falls out of the range is never looked at again but by its neighbour, which must not see it.
    reach[low - 1 + zero] = unreached;
    if (high + 1 + zero < reach.length) reach[high + 1 + zero] = unreached;
  }
  return { distance: null, lower: most + 1, steps };
}

/** Diagonals that lag behind the best by more symbols than this, or are further off than this, are given up. */
const lag = 512;
const breadth = 128;

/**
 * An upper bound of the distance, at most `known`, which is one already: furthest-reaching points on the few diagonals
 * that keep up with the best one. Every path that it follows is a real one. When the steps end, the rest counts as
 * rewritten.
 */
export function upperBoundByBeam(
  a: Int32Array,
  n: number,
  b: Int32Array,
  m: number,
  known: number,
  stepsLeft: number,
): { upper: number; steps: number } {
  const target = m - n;
  let upper = known;
  let steps = 0;
  // A window of diagonals that moves with the best one: `first` is the diagonal of reach[1].
  let reach = new Int32Array(2 * breadth + 5).fill(unreached);
  let next = new Int32Array(2 * breadth + 5);
  let first = 0;
  let count = 1;
  for (let edits = 0; edits < upper; edits++) {
    let best = unreached;
    let bestDiagonal = first;
    const widened = edits === 0 ? 1 : count + 2;
    const nextFirst = edits === 0 ? 0 : first - 1;
    next[0] = unreached;
    for (let k = 1; k <= widened; k++) {
      const diagonal = nextFirst + k - 1;
      const at = k - (first - nextFirst);
      const before = at - 1 >= 1 && at - 1 <= count ? reach[at - 1]! : unreached;
      const here = at >= 1 && at <= count ? reach[at]! : unreached;
      const after = at + 1 >= 1 && at + 1 <= count ? reach[at + 1]! : unreached;
      let i = edits === 0 ? 0 : Math.max(before, here + 1, after + 1);
      const end = diagonal > target ? m - diagonal : n;
      if (diagonal > m || diagonal < -n || i < 0) {
        next[k] = unreached;
        continue;
      }
      if (i > end) i = end;
      let j = i + diagonal;
      const start = i;
      while (a[i] === b[j]) {
        i++;
        j++;
      }
      steps += i - start;
      next[k] = i;
      if (i === end) upper = Math.min(upper, edits + (n - i) + (m - i - diagonal));
      if (2 * i + diagonal > best) {
        best = 2 * i + diagonal;
        bestDiagonal = diagonal;
      }
    }
    steps += 2 * stepsPerDiagonal * widened;
    let from = 1;
    let to = widened;
    const keeps = (k: number): boolean => {
      const diagonal = nextFirst + k - 1;
      return 2 * next[k]! + diagonal >= best - lag && Math.abs(diagonal - bestDiagonal) <= breadth;
    };
    while (from < to && !keeps(from)) from++;
    while (to > from && !keeps(to)) to--;
    next.copyWithin(1, from, to + 1);
    first = nextFirst + from - 1;
    count = to - from + 1;
    [reach, next] = [next, reach];
    if (steps > stepsLeft) {
      const i = (best - bestDiagonal) / 2;
      return { upper: Math.min(upper, edits + Math.max(n - i, m - i - bestDiagonal)), steps };
    }
  }
  return { upper, steps };
}
