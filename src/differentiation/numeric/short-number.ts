/** A short number is looked at in steps of four bytes, and so up to this many from its start. */
export const shortNumberReach = 32;

const zero = 48;
const point = 46;
const minus = 45;
/** What a double holds exactly, whatever the digits. */
const mostDigits = 15;
const signShift = 5;
/** 10^n, and from 2^signShift on -10^n. */
const scales = Float64Array.from(
  { length: 2 << signShift },
  (_, at) => (at >> signShift === 0 ? 1 : -1) * Number(`1e${at & ((1 << signShift) - 1)}`),
);

/**
 * Reads the numbers that most tables are full of: a sign or none, at most 15 digits, a point or none (`-0.101176`).
 * Nothing here is taken where a jump would be guessed wrong every other time, which is what numbers cost otherwise.
 */
export class ShortNumber {
  value = 0;
  /** The offset just after the number. */
  end = 0;

  /**
   * Reads a number that starts at `at`; false where there is none that is short, or where anything but white space
   * follows it. `view` is of the same bytes; there are at least `shortNumberReach` from `at` on.
   */
  read(bytes: Uint8Array, view: DataView, at: number): boolean {
    const negative = ((bytes[at]! ^ minus) - 1) >>> 31;
    const start = at + negative;
    let next = start;
    let whole = 0;
    let digit = bytes[next]! - zero;
    while (digit >>> 0 <= 9 && next - start < 9) {
      whole = (whole * 10 + digit) | 0;
      digit = bytes[++next]! - zero;
    }
    let mantissa: number = whole;
    let places = 0;
    let length = next - start;
    if (digit === point - zero) {
      const first = ++next;
      for (;;) {
        const four = view.getInt32(next, true) ^ 0x30303030;
        const others = (four | (four + 0x06060606)) & 0xf0f0f0f0;
        if (others === 0) {
          mantissa = mantissa * 1e4 + fourDigits(four);
          next += 4;
          if (next - first <= mostDigits) continue;
          return false;
        }
        // The lowest bit that is set stands in the first byte that is no digit.
        const bits = (31 - Math.clz32(others & -others)) & 24;
        if (bits > 0) {
          mantissa = mantissa * scales[bits >> 3]! + fourDigits(four << (32 - bits));
          next += bits >> 3;
        }
        break;
      }
      places = next - first;
      length += places;
    }
    if (length === 0 || length > mostDigits || bytes[next]! > 32) return false;
    // Both are exact, so that one division rounds once (Clinger 1990).
    this.value = mantissa / scales[(negative << signShift) | places]!;
    this.end = next;
    return true;
  }
}

/** Four digits from 0 to 9, the first in the lowest byte, as their number. */
function fourDigits(digits: number): number {
  const pairs = Math.imul(digits, 10) + (digits >>> 8);
  return (pairs & 0xff) * 100 + ((pairs >>> 16) & 0xff);
}
