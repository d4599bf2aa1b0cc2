import fastLevenshtein from 'fast-levenshtein';
import { distanceInBand } from './levenshtein/bit-parallel-band.ts';
import { distanceByDiagonals, upperBoundByBeam } from './levenshtein/furthest-reaching.ts';
import { lineAnchors } from './levenshtein/line-anchors.ts';

/** What is known of a Levenshtein distance. All lengths and distances are in Unicode code points. */
export interface LevenshteinDistance {
  /** null where the steps ended before it was known: then only the bounds are. */
  readonly distance: number | null;
  /** lower <= distance <= upper; all three are equal where the distance is known. */
  readonly lower: number;
  readonly upper: number;
  /** Length of the longer text. */
  readonly longer: number;
  /** What it cost, in steps of about a nanosecond. */
  readonly steps: number;
}

/** Up to this length (after common ends are off) the plain quadratic method is the quickest, in code points. */
const short = 512;
/** A gap between paired lines of at most this height or width is cheap to know exactly, in code points. */
const narrow = 256;
/** Diagonals are tried up to this distance: its square is the cost, some 50 ms. */
const mostByDiagonals = 4000;

/** The code points of a text, and after them one symbol that no text has, to stop at. */
function codePointsOf(text: string, sentinel: -1 | -2): { symbols: Int32Array; length: number } {
  const symbols = new Int32Array(text.length + 1);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    let point = text.charCodeAt(i);
    if (point >= 0xd800 && point < 0xdc00) {
      point = text.codePointAt(i)!;
      if (point > 0xffff) i++;
    }
    symbols[length++] = point;
  }
  symbols[length] = sentinel;
  return { symbols, length };
}

/** Code points above this are numbered anew from here on, so that tables by symbol stay small. */
const highestSymbol = 0xfff;

/** Numbers the high symbols of both texts in place, the same in both; low ones (line feeds among them) stay. */
function numberHighSymbols(a: Int32Array, n: number, b: Int32Array, m: number): void {
  let numbers: Int32Array | null = null;
  let seen = highestSymbol;
  for (const [symbols, length] of [[a, n] as const, [b, m] as const])
    for (let i = 0; i < length; i++) {
      const symbol = symbols[i]!;
      if (symbol <= highestSymbol) continue;
      numbers ??= new Int32Array(0x110000);
      if (numbers[symbol] === 0) numbers[symbol] = ++seen;
      symbols[i] = numbers[symbol]!;
    }
}

/** fast-levenshtein counts UTF-16 units, so each distinct code point becomes one unit first. */
function shortDistance(a: Int32Array, n: number, b: Int32Array, m: number): number {
  const units = new Map<number, number>();
  const asUnits = (symbols: Int32Array): string => {
    let text = '';
    for (const symbol of symbols) {
      const unit = units.get(symbol) ?? units.size;
      units.set(symbol, unit);
      text += String.fromCharCode(unit);
    }
    return text;
  };
  return fastLevenshtein.get(asUnits(a.subarray(0, n)), asUnits(b.subarray(0, m)));
}

/** At least this many edits: each code point that one text has more often than the other costs one. */
function boundByCounts(a: Int32Array, n: number, b: Int32Array, m: number): number {
  const surplus = new Map<number, number>();
  const counts = new Int32Array(0x110000);
  for (let i = 0; i < n; i++) counts[a[i]!]!++;
  for (let j = 0; j < m; j++) counts[b[j]!]!--;
  for (let i = 0; i < n; i++) if (counts[a[i]!] !== 0) surplus.set(a[i]!, counts[a[i]!]!);
  for (let j = 0; j < m; j++) if (counts[b[j]!] !== 0) surplus.set(b[j]!, counts[b[j]!]!);
  let more = 0;
  let less = 0;
  for (const count of surplus.values()) {
    if (count > 0) more += count;
    else less -= count;
  }
  return Math.max(more, less);
}

/** A piece of a text with a sentinel of its own at the end. */
function piece(text: Int32Array, start: number, end: number, sentinel: -1 | -2): Int32Array {
  const part = new Int32Array(end - start + 1);
  part.set(text.subarray(start, end));
  part[end - start] = sentinel;
  return part;
}

/**
 * An upper bound: lines that both texts hold once are paired, and what is between them is followed by a beam; or
 * the beam over the whole texts, if that is less.
 */
function boundByLines(
  a: Int32Array,
  n: number,
  b: Int32Array,
  m: number,
  stepsAllowed: number,
): { upper: number; steps: number } {
  let upper = 0;
  let steps = n + m;
  let i = 0;
  let j = 0;
  for (const anchor of [...lineAnchors(a, n, b, m), { from: n, toward: m, length: 0 }]) {
    const height = anchor.from - i;
    const width = anchor.toward - j;
    const above = piece(a, i, anchor.from, -1);
    const beside = piece(b, j, anchor.toward, -2);
    if (height === 0 || width === 0) upper += height + width;
    else if (Math.max(height, width) <= short && height * width <= stepsAllowed - steps) {
      upper += shortDistance(above, height, beside, width);
      steps += height * width;
    } else if (Math.min(height, width) <= narrow) {
      const gap = distanceInBand(above, height, beside, width, Math.max(height, width), stepsAllowed - steps);
      upper += gap.distance ?? Math.max(height, width);
      steps += gap.steps;
    } else {
      const gap = upperBoundByBeam(above, height, beside, width, Math.max(height, width), stepsAllowed - steps);
      upper += gap.upper;
      steps += gap.steps;
    }
    i = anchor.from + anchor.length;
    j = anchor.toward + anchor.length;
  }
  const whole = upperBoundByBeam(a, n, b, m, Math.min(upper, Math.max(n, m)), stepsAllowed);
  return { upper: whole.upper, steps: steps + whole.steps };
}

/**
 * The exact Levenshtein distance of two texts (insertions, deletions and substitutions of one code point cost 1),
 * or bounds of it where `stepsAllowed` end first. Equal texts, then common ends, then diagonals while the distance
 * is small, then one banded bit-parallel pass with an upper bound. Deterministic: it counts steps, not time.
 */
export function levenshteinDistance(from: string, toward: string, stepsAllowed: number): LevenshteinDistance {
  const left = codePointsOf(from, -1);
  const right = codePointsOf(toward, -2);
  const longer = Math.max(left.length, right.length);
  let steps = left.length + right.length;
  const known = (distance: number): LevenshteinDistance => ({
    distance,
    lower: distance,
    upper: distance,
    longer,
    steps,
  });
  if (from === toward) return known(0);

  const shorter = Math.min(left.length, right.length);
  let start = 0;
  while (start < shorter && left.symbols[start] === right.symbols[start]) start++;
  let n = left.length;
  let m = right.length;
  while (n > start && m > start && left.symbols[n - 1] === right.symbols[m - 1]) {
    n--;
    m--;
  }
  const a = left.symbols.subarray(start, n + 1);
  const b = right.symbols.subarray(start, m + 1);
  n -= start;
  m -= start;
  a[n] = -1;
  b[m] = -2;
  if (n === 0 || m === 0) return known(Math.max(n, m));

  if (Math.max(n, m) <= short && n * m <= stepsAllowed) {
    steps += n * m;
    return known(shortDistance(a, n, b, m));
  }

  numberHighSymbols(a, n, b, m);
  // Neither the diagonals nor the search for a bound may cost more than a part of the whole matrix does.
  const most = Math.min(mostByDiagonals, Math.ceil(Math.sqrt(n * m) / 24), Math.max(n, m));
  const near = distanceByDiagonals(a, n, b, m, most, stepsAllowed);
  steps += near.steps;
  if (near.distance !== null) return known(near.distance);

  let lower = Math.max(near.lower, boundByCounts(a, n, b, m));
  const bound = boundByLines(a, n, b, m, Math.min(stepsAllowed / 4, 16 * (n + m) + (n * m) / 64));
  steps += bound.steps;
  const { upper } = bound;
  // A bound that is near enough is worth one pass; a poor one is worked up to, each pass twice as far as the last.
  let reach = upper <= longer / 4 ? upper : Math.min(upper, 2 * lower);
  while (lower < upper) {
    const pass = distanceInBand(a, n, b, m, reach, stepsAllowed - steps);
    steps += pass.steps;
    if (pass.distance !== null) return known(pass.distance);
    lower = Math.max(lower, pass.lower);
    if (steps > stepsAllowed) return { distance: null, lower: Math.min(lower, upper), upper, longer, steps };
    reach = Math.min(upper, 2 * reach);
  }
  return known(upper);
}
