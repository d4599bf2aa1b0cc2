import { scaleByPowerOfTen, widestExponent } from './power-of-ten.ts';
import { asciiOf } from './word-bytes.ts';

/** What stands at a place of a text. */
export const notANumber = 0;
export const double = 1;
/** A whole number, written as one, at or beyond 2^53: no double holds it. Its digits are its value. */
export const bigInteger = 2;
export type Scanned = typeof notANumber | typeof double | typeof bigInteger;

const zero = 48;
const point = 46;
const plus = 43;
const minus = 45;
const beyondDoubles = 2 ** 53;
const tens = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

const nothing = new Uint8Array(0);

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
  #bytes: Uint8Array = nothing;
  #view: DataView = new DataView(nothing.buffer);

  /** Reads a number that starts at `at`, no byte at or after `limit`. */
  scan(bytes: Uint8Array, at: number, limit: number): Scanned {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    const view = this.#view;
    let next = at;
    let byte = next < limit ? bytes[next]! : 0;
    const negative = byte === minus;
    if (negative || byte === plus) byte = ++next < limit ? bytes[next]! : 0;

    // From the first digit that is not 0: nine digits, six more, nine more, each part a small whole number.
    const first = next;
    let leading = 0;
    let middle = 0;
    let last = 0;
    let digits = 0;
    let pointAt = -1;
    for (;;) {
      const digit = (byte - zero) >>> 0;
      if (digit <= 9) {
        // Four at once where they fit into one part.
        if (
          ((digits > 0 && digits <= 5) || (digits >= 9 && digits <= 20 && (digits <= 11 || digits >= 15))) &&
          next + 4 < limit
        ) {
          const four = fourDigits(view.getInt32(next, true));
          if (four >= 0) {
            if (digits <= 5) leading = (Math.imul(leading, 10000) + four) | 0;
            else if (digits <= 11) middle = (Math.imul(middle, 10000) + four) | 0;
            else last = (Math.imul(last, 10000) + four) | 0;
            digits += 4;
            next += 4;
            byte = bytes[next]!;
            continue;
          }
        }
        if (digits < 9) {
          leading = (leading * 10 + digit) | 0;
          if (leading !== 0) digits++;
        } else {
          if (digits < 15) middle = (middle * 10 + digit) | 0;
          else if (digits < 24) last = (last * 10 + digit) | 0;
          digits++;
        }
      } else if (byte === point && pointAt < 0) {
        pointAt = next;
      } else break;
      byte = ++next < limit ? bytes[next]! : 0;
    }
    let fractional = pointAt >= 0;
    const scale = fractional ? next - pointAt - 1 : 0;
    if (next - first === (fractional ? 1 : 0)) return this.#scanName(bytes, first, limit, negative);

    const mantissaEnd = next;
    let exponent = 0;
    // e E d D q Q, or Fortran's bare sign and three digits where the letter had no room.
    const lower = byte | 32;
    const isLetter = lower === 101 || lower === 100 || lower === 113;
    if (isLetter || (fractional && (byte === plus || byte === minus))) {
      let after = isLetter ? next + 1 : next;
      let sign = after < limit ? bytes[after]! : 0;
      if (sign === plus || sign === minus) after++;
      else sign = plus;
      const start = after;
      // Held at a million: beyond that each is 0 or infinity alike.
      for (let digit = 0; after < limit; after++) {
        digit = bytes[after]! - zero;
        if (digit < 0 || digit > 9) break;
        if (exponent < 1e5) exponent = exponent * 10 + digit;
      }
      const isExponent = isLetter ? after > start : after === start + 3 && (after >= limit || bytes[after] !== point);
      if (isExponent) {
        if (sign === minus) exponent = -exponent;
        next = after;
        fractional = true;
      } else exponent = 0;
    }
    this.end = next;
    this.fractional = fractional;

    const power = exponent - scale;
    let value: number;
    if (digits <= 15 && power >= -22 && power <= 22) {
      // Both are exact, so that one division or multiplication rounds once (Clinger 1990).
      const whole = digits > 9 ? leading * tens[digits - 9]! + middle : leading;
      value = power < 0 ? whole / tens[-power]! : whole * tens[power]!;
    } else {
      value = this.#scaled(leading, middle, last, digits, power);
      if (Number.isNaN(value)) value = Number(`${asciiOf(bytes, first, mantissaEnd)}e${exponent}`);
      if (!fractional && value >= beyondDoubles) {
        this.value = negative ? -value : value;
        return bigInteger;
      }
    }
    this.value = negative ? -value : value;
    return double;
  }

  /** The digits times 10^power; NaN where that takes more than two doubles to tell. */
  #scaled(leading: number, middle: number, last: number, digits: number, power: number): number {
    const magnitude = power + digits;
    if (
      digits > 24 ||
      power < -widestExponent ||
      power + digits > widestExponent ||
      magnitude < -270 ||
      magnitude > 290
    ) {
      return Number.NaN;
    }
    if (digits <= 15) {
      const whole = digits > 9 ? leading * tens[digits - 9]! + middle : leading;
      return whole === 0 ? 0 : scaleByPowerOfTen(whole, 0, 0, power);
    }
    return scaleByPowerOfTen(leading * 1e6 + middle, last, digits - 15, power);
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

/** Four ASCII digits, the first in the lowest byte, as their number; -1 where one is no digit. */
function fourDigits(bytes: number): number {
  const digits = (bytes - 0x30303030) | 0;
  // A byte below 0 borrows and one above 9 carries: either shows in its highest bit.
  if (((digits | (bytes + 0x46464646)) & 0x80808080) !== 0) return -1;
  const pairs = Math.imul(digits, 10) + (digits >>> 8);
  return (pairs & 0xff) * 100 + ((pairs >>> 16) & 0xff);
}

function startsWith(bytes: Uint8Array, at: number, limit: number, word: string): boolean {
  if (at + word.length > limit) return false;
  for (let index = 0; index < word.length; index++) {
    if ((bytes[at + index]! | 32) !== word.charCodeAt(index)) return false;
  }
  return true;
}
