import { scaleByPowerOfTen, widestExponent } from './power-of-ten.ts';
import { asciiOf } from './word-bytes.ts';

/** What stands at a place of a text. */
export const notANumber = 0;
export const double = 1;
/** A whole number, written as one, at or beyond 2^53: no double holds it. Its digits are its value. */
export const bigInteger = 2;
export type Scanned = typeof notANumber | typeof double | typeof bigInteger;

const zero = 48;
const nine = 57;
const point = 46;
const plus = 43;
const minus = 45;
const beyondDoubles = 2 ** 53;
const tens = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/**
 * Reads numbers as scientists' programs write them, from bytes and without a string for each: `1`, `-1.0`, `.5`, `1e0`,
 * Fortran's `1.0D+03` and `1.0-103`, `inf`, `+Inf`, `-Infinity`, `NaN`. Rounded as `Number` rounds. What follows the
 * number is the caller's to judge.
 */
export class NumberScanner {
  /** The double; for a big integer the nearest one. */
  value = 0;
  /** The offset just after the number. */
  end = 0;
  /** Whether the number had a decimal point or an exponent. */
  fractional = false;

  /** Reads a number that starts at `at`, no byte at or after `limit`. */
  scan(bytes: Uint8Array, at: number, limit: number): Scanned {
    let next = at;
    let byte = next < limit ? bytes[next]! : 0;
    const negative = byte === minus;
    if (negative || byte === plus) byte = ++next < limit ? bytes[next]! : 0;

    // The first 15 digits from the first that is not 0, then up to 15 more, each whole and exact in a double.
    const first = next;
    let leading = 0;
    let trailing = 0;
    let digits = 0;
    while (byte >= zero && byte <= nine) {
      if (digits < 15) {
        leading = leading * 10 + (byte - zero);
        if (leading !== 0) digits++;
      } else {
        if (digits < 30) trailing = trailing * 10 + (byte - zero);
        digits++;
      }
      byte = ++next < limit ? bytes[next]! : 0;
    }
    let written = next - first;
    let scale = 0;
    let fractional = false;
    if (byte === point) {
      const afterPoint = ++next;
      byte = next < limit ? bytes[next]! : 0;
      while (byte >= zero && byte <= nine) {
        if (digits < 15) {
          leading = leading * 10 + (byte - zero);
          if (leading !== 0) digits++;
        } else {
          if (digits < 30) trailing = trailing * 10 + (byte - zero);
          digits++;
        }
        byte = ++next < limit ? bytes[next]! : 0;
      }
      scale = next - afterPoint;
      written += scale;
      fractional = true;
    }
    if (written === 0) return this.#scanName(bytes, first, limit, negative);

    const mantissaEnd = next;
    let exponent = 0;
    // e E d D q Q, or Fortran's bare sign and three digits where the letter had no room.
    const lower = byte | 32;
    if (lower === 101 || lower === 100 || lower === 113) {
      const after = exponentEnd(bytes, next + 1, limit);
      if (after > 0) {
        exponent = wholeNumber(bytes, next + 1, after);
        next = after;
        fractional = true;
      }
    } else if (fractional && (byte === plus || byte === minus)) {
      const after = exponentEnd(bytes, next, limit);
      if (after === next + 4 && (after >= limit || bytes[after] !== point)) {
        exponent = wholeNumber(bytes, next, after);
        next = after;
      }
    }
    this.end = next;
    this.fractional = fractional;

    const power = exponent - scale;
    let value: number;
    if (digits <= 15 && power >= -22 && power <= 22) {
      value = power < 0 ? leading / tens[-power]! : leading * tens[power]!;
    } else {
      value = Number.NaN;
      if (digits <= 30 && power >= -widestExponent && power <= widestExponent) {
        const magnitude = power + digits;
        if (magnitude > -270 && magnitude < 290) {
          value = scaleByPowerOfTen(leading, trailing, digits > 15 ? digits - 15 : 0, power);
        }
      }
      if (Number.isNaN(value)) value = Number(`${asciiOf(bytes, first, mantissaEnd)}e${exponent}`);
      if (!fractional && value >= beyondDoubles) {
        this.value = negative ? -value : value;
        return bigInteger;
      }
    }
    this.value = negative ? -value : value;
    return double;
  }

  /** `inf`, `infinity` and `nan` in any case. */
  #scanName(bytes: Uint8Array, at: number, limit: number, negative: boolean): Scanned {
    if (startsWith(bytes, at, limit, 'nan')) {
      this.value = Number.NaN;
      this.end = at + 3;
    } else if (startsWith(bytes, at, limit, 'inf')) {
      this.value = negative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
      this.end = startsWith(bytes, at, limit, 'infinity') ? at + 8 : at + 3;
    } else {
      return notANumber;
    }
    this.fractional = true;
    return double;
  }
}

/** The end of an optional sign and at least one digit; 0 where there is none. */
function exponentEnd(bytes: Uint8Array, at: number, limit: number): number {
  let next = at;
  if (next < limit && (bytes[next] === plus || bytes[next] === minus)) next++;
  const first = next;
  while (next < limit && bytes[next]! >= zero && bytes[next]! <= nine) next++;
  return next > first ? next : 0;
}

/** A signed whole number, held at a million: beyond that each is 0 or infinity alike. */
function wholeNumber(bytes: Uint8Array, at: number, end: number): number {
  const signed = bytes[at] === plus || bytes[at] === minus;
  let value = 0;
  for (let next = signed ? at + 1 : at; next < end; next++) {
    value = Math.min(1e6, value * 10 + (bytes[next]! - zero));
  }
  return bytes[at] === minus ? -value : value;
}

function startsWith(bytes: Uint8Array, at: number, limit: number, word: string): boolean {
  if (at + word.length > limit) return false;
  for (let index = 0; index < word.length; index++) {
    if ((bytes[at + index]! | 32) !== word.charCodeAt(index)) return false;
  }
  return true;
}
