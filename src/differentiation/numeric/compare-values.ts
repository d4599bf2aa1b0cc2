import type { Field } from './fields.ts';
import { kind } from './numeric-document.ts';
import { atolNeeded, rtolNeeded } from './tolerance-needed.ts';

/** How one field is compared: the tolerances are resolved, `atol` in the unit of the numbers. */
export interface Rule {
  readonly rtol: number;
  readonly atol: number;
  readonly equalNan: boolean;
  readonly symmetric: boolean;
}

/** What the comparison of one field found. Places are rows of the field: -1 for none. */
export interface Tally {
  compared: number;
  differing: number;
  maxAbs: number;
  maxRel: number;
  /** The pair farthest outside the tolerance, or nearest to its edge when all are inside. */
  worst: number;
  /** Its distance in units of its tolerance; NaN where a number met NaN. */
  worstExcess: number;
  worstAbs: number;
  first: number;
  /** The smallest rtol that would do, with atol as it is; infinity where none would. */
  rtol: number;
  /** The smallest atol that would do, with rtol as it is. */
  atol: number;
  /** Pairs that no tolerance brings together: words, booleans, infinities, NaN, big integers. */
  intolerable: number;
  /** Of those, big whole numbers. */
  bigIntegers: number;
}

export function emptyTally(): Tally {
  return {
    compared: 0,
    differing: 0,
    maxAbs: 0,
    maxRel: 0,
    worst: -1,
    worstExcess: 0,
    worstAbs: 0,
    first: -1,
    rtol: 0,
    atol: 0,
    intolerable: 0,
    bigIntegers: 0,
  };
}

/** Compares the values of two fields in the rows from `start` up to `end`, pair by pair, and adds to the tally. */
export function compareValues(
  tally: Tally,
  from: Field,
  toward: Field,
  start: number,
  end: number,
  rule: Rule,
  wordsBetween: boolean,
  bigIntegerOf: (id: number) => bigint,
): void {
  if (from.values.imaginary !== null || toward.values.imaginary !== null) {
    compareComplex(tally, from, toward, start, end, rule);
  } else if (from.values.kinds === null && toward.values.kinds === null && from.rows === null) {
    compareNumbers(tally, from, toward, start, end, rule);
  } else compareKinds(tally, from, toward, start, end, rule, wordsBetween, bigIntegerOf);
}

/** The largest finite |value| of a field; 0 where there is none. */
export function largestMagnitude(field: Field, count: number): number {
  const { numbers, kinds, imaginary } = field.values;
  let largest = 0;
  for (let row = 0, at = field.offset; row < count; row++, at += field.stride) {
    if (kinds !== null && kinds[at] !== kind.number) continue;
    const magnitude = imaginary === null ? Math.abs(numbers[at]!) : Math.hypot(numbers[at]!, imaginary[at]!);
    if (magnitude > largest && magnitude < Number.POSITIVE_INFINITY) largest = magnitude;
  }
  return largest;
}

/** The common case: numbers on both sides, in order. */
function compareNumbers(tally: Tally, from: Field, toward: Field, start: number, end: number, rule: Rule): void {
  const a = from.values.numbers;
  const b = toward.values.numbers;
  tally.compared += end - start;
  let atFrom = from.offset + from.stride * start;
  let atToward = toward.offset + toward.stride * start;
  for (let row = start; row < end; row++) {
    const x = a[atFrom]!;
    const y = b[atToward]!;
    if (x !== y) pair(tally, row, x, y, rule);
    atFrom += from.stride;
    atToward += toward.stride;
  }
}

/** Two numbers that are not equal. */
function pair(tally: Tally, row: number, x: number, y: number, rule: Rule): void {
  if (Number.isNaN(x) || Number.isNaN(y)) {
    if (Number.isNaN(x) && Number.isNaN(y) && rule.equalNan) return;
    intolerable(tally, row, Number.NaN);
    return;
  }
  const difference = Math.abs(x - y);
  const scale = rule.symmetric ? Math.max(Math.abs(x), Math.abs(y)) : Math.abs(y);
  if (difference === Number.POSITIVE_INFINITY && (Math.abs(x) === difference || scale === difference)) {
    intolerable(tally, row, difference);
    return;
  }
  measured(tally, row, difference, scale, rule);
}

/** Two finite values at a distance. */
function measured(tally: Tally, row: number, difference: number, scale: number, rule: Rule): void {
  if (difference > tally.maxAbs) tally.maxAbs = difference;
  const relative = difference / scale;
  if (relative > tally.maxRel) tally.maxRel = relative;
  const tolerance = rule.atol + rule.rtol * scale;
  const excess = difference / tolerance;
  if (excess > tally.worstExcess || (excess === tally.worstExcess && difference > tally.worstAbs)) {
    tally.worstExcess = excess;
    tally.worstAbs = difference;
    tally.worst = row;
  }
  if (difference > rule.atol + tally.rtol * scale)
    tally.rtol = Math.max(tally.rtol, rtolNeeded(difference, rule.atol, scale));
  if (difference > tally.atol + rule.rtol * scale)
    tally.atol = Math.max(tally.atol, atolNeeded(difference, rule.rtol * scale));
  if (difference <= tolerance) return;
  tally.differing++;
  if (tally.first < 0) tally.first = row;
}

/** A pair that no tolerance brings together, with its distance: infinity, NaN, or that of two big integers. */
function intolerable(tally: Tally, row: number, difference: number, relative = difference): void {
  unequal(tally, row);
  // NaN stays the largest once it was met, as numpy's max has it.
  if (Number.isNaN(difference) || difference > tally.maxAbs) tally.maxAbs = difference;
  if (Number.isNaN(relative) || relative > tally.maxRel) tally.maxRel = relative;
  const worse = Number.isNaN(difference) || tally.worstExcess < Number.POSITIVE_INFINITY || difference > tally.worstAbs;
  if (!Number.isNaN(tally.worstExcess) && worse) {
    tally.worst = row;
    tally.worstExcess = Number.isNaN(difference) ? difference : Number.POSITIVE_INFINITY;
    tally.worstAbs = difference;
  }
}

/** A pair without a distance: words, booleans, a word beside a number. */
function unequal(tally: Tally, row: number): void {
  tally.differing++;
  tally.intolerable++;
  if (tally.first < 0) tally.first = row;
}

/** Any kind of value, and rows in any order. */
function compareKinds(
  tally: Tally,
  from: Field,
  toward: Field,
  start: number,
  end: number,
  rule: Rule,
  wordsBetween: boolean,
  bigIntegerOf: (id: number) => bigint,
): void {
  for (let row = start; row < end; row++) {
    const atFrom = from.offset + from.stride * (from.rows === null ? row : from.rows[row]!);
    const atToward = toward.offset + toward.stride * (toward.rows === null ? row : toward.rows[row]!);
    const x = from.values.numbers[atFrom]!;
    const y = toward.values.numbers[atToward]!;
    const ofX = from.values.kinds === null ? kind.number : from.values.kinds[atFrom]!;
    const ofY = toward.values.kinds === null ? kind.number : toward.values.kinds[atToward]!;
    if (ofX === ofY) {
      const equal = x === y;
      if (ofX !== kind.word || !wordsBetween || !equal) tally.compared++;
      if (equal) continue;
      if (ofX === kind.number) pair(tally, row, x, y, rule);
      else if (ofX === kind.bigInteger) bigIntegers(tally, row, bigIntegerOf(x), bigIntegerOf(y));
      else unequal(tally, row);
      continue;
    }
    tally.compared++;
    if (ofX === kind.bigInteger && ofY === kind.number) {
      if (isSmallInteger(y)) bigIntegers(tally, row, bigIntegerOf(x), BigInt(y));
      else pair(tally, row, Number(bigIntegerOf(x)), y, rule);
    } else if (ofX === kind.number && ofY === kind.bigInteger) {
      if (isSmallInteger(x)) bigIntegers(tally, row, BigInt(x), bigIntegerOf(y));
      else pair(tally, row, x, Number(bigIntegerOf(y)), rule);
    } else unequal(tally, row);
  }
}

/** Integers beyond 2^53 name things (seeds, hashes, particles) or count them: they are equal or they are not. */
function bigIntegers(tally: Tally, row: number, x: bigint, y: bigint): void {
  const difference = Number(x > y ? x - y : y - x);
  const scale = Math.abs(Number(y));
  tally.bigIntegers++;
  intolerable(tally, row, difference, difference / scale);
}

function isSmallInteger(value: number): boolean {
  return Number.isSafeInteger(value);
}

/** As numpy does: the modulus of the difference against that of the targeted value. */
function compareComplex(tally: Tally, from: Field, toward: Field, start: number, end: number, rule: Rule): void {
  tally.compared += end - start;
  for (let row = start; row < end; row++) {
    const atFrom = from.offset + from.stride * row;
    const atToward = toward.offset + toward.stride * row;
    const x = from.values.numbers[atFrom]!;
    const y = toward.values.numbers[atToward]!;
    const ix = from.values.imaginary?.[atFrom] ?? 0;
    const iy = toward.values.imaginary?.[atToward] ?? 0;
    if (x === y && ix === iy) continue;
    const nanX = Number.isNaN(x) || Number.isNaN(ix);
    const nanY = Number.isNaN(y) || Number.isNaN(iy);
    if (nanX || nanY) {
      if (!(nanX && nanY && rule.equalNan)) intolerable(tally, row, Number.NaN);
    } else if (![x, y, ix, iy].every(Number.isFinite)) {
      intolerable(tally, row, Number.POSITIVE_INFINITY);
    } else {
      const scale = Math.hypot(y, iy);
      measured(
        tally,
        row,
        Math.hypot(x - y, ix - iy),
        rule.symmetric ? Math.max(scale, Math.hypot(x, ix)) : scale,
        rule,
      );
    }
  }
}
