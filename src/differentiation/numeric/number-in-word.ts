import { type NumberScanner, notANumber, type Scanned } from './number-scanner.ts';

/**
 * Finds the numbers inside what stands between two white spaces of a text: `energy=-1.2345D+03`, `(1.0,2.0)`, `12.5%`,
 * `300K`, `-1.5-2.5` (columns that ran together). What looks like a name, a version, a date, a time or a number with
 * thousands or a decimal comma is a word as a whole, and so compared exactly: `H2O`, `1.2.3`, `2026-11-22`, `10:30`,
 * `1,234`, `0x1F`.
 */
export class NumbersInWord {
  readonly #scanner: NumberScanner;
  /** Where the number found last starts and ends. */
  start = 0;
  end = 0;

  constructor(scanner: NumberScanner) {
    this.#scanner = scanner;
  }

  /** The next number at or after `at`, before `limit`; its value is the scanner's. `first` is where the word starts. */
  find(bytes: Uint8Array, first: number, at: number, limit: number): Scanned {
    let next = at;
    while (next < limit) {
      const byte = bytes[next]!;
      if (!mayStart[byte]) {
        // The rest of a name that began with a letter belongs to it.
        next = isLetter(byte) || byte === underscore ? afterName(bytes, next, limit) : next + 1;
        continue;
      }
      const scanned = this.#scanner.scan(bytes, next, limit);
      if (scanned === notANumber) {
        next = isLetter(byte) ? afterName(bytes, next, limit) : next + 1;
        continue;
      }
      const end = this.#scanner.end;
      const before = next > first ? bytes[next - 1]! : space;
      // Columns that ran together: the sign of the second follows the last digit of the first.
      const joined = isNameByte(before) && !(isSign(byte) && isDigit(before));
      if (!joined && this.#standsAlone(bytes, next, end, limit)) {
        this.start = next;
        this.end = end;
        return scanned;
      }
      next = isLetter(byte) ? afterName(bytes, next, limit) : Math.max(afterRun(bytes, next, limit), next + 1);
    }
    return notANumber;
  }

  /** Whether what follows the number leaves it a number. Leaves the scanner as it was. */
  #standsAlone(bytes: Uint8Array, start: number, end: number, limit: number): boolean {
    if (end >= limit) return true;
    const byte = bytes[end]!;
    const following = end + 1 < limit ? bytes[end + 1]! : space;
    const hexadecimal = end === start + 1 && bytes[start] === zero && (byte | 32) === 120;
    if (isLetter(byte)) return !hexadecimal && !isLetter(bytes[end - 1]!) && isUnit(bytes, end, limit);
    if (byte === underscore || isDigit(byte)) return false;
    if (byte === point) return !isNameByte(following) && following !== point;
    if (byte === comma)
      return !isDigit(following) && !isSign(following) && following !== point
        ? true
        : this.#bothHavePoints(bytes, end + 1, limit);
    if (isSign(byte)) return !(isDigit(following) || following === point) || this.#scanner.fractional;
    if (byte === colon || byte === slash) return !isDigit(following);
    return true;
  }

  /** `1.0,2.0` are two numbers; `1,5` and `1,234.5` may be one, written another way. */
  #bothHavePoints(bytes: Uint8Array, at: number, limit: number): boolean {
    const { value, end, fractional } = this.#scanner;
    if (!fractional) return false;
    const scanned = this.#scanner.scan(bytes, at, limit);
    const both = scanned !== notANumber && this.#scanner.fractional;
    this.#scanner.value = value;
    this.#scanner.end = end;
    this.#scanner.fractional = fractional;
    return both;
  }
}

const space = 32;
const plus = 43;
const comma = 44;
const minus = 45;
const point = 46;
const slash = 47;
const zero = 48;
const colon = 58;
const underscore = 95;

const isDigit = (byte: number) => byte >= zero && byte <= 57;
const isSign = (byte: number) => byte === plus || byte === minus;
/** Also every byte of a letter beyond ASCII. */
const isLetter = (byte: number) => (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || byte >= 0x80;
const isNameByte = (byte: number) => isLetter(byte) || isDigit(byte) || byte === underscore;

const mayStart = new Uint8Array(256);
for (const character of '+-.0123456789iInN') mayStart[character.charCodeAt(0)] = 1;

function afterName(bytes: Uint8Array, at: number, limit: number): number {
  let next = at;
  while (next < limit && isNameByte(bytes[next]!)) next++;
  return next;
}

/** Past a run that only together may mean something: a date, a version, a list of whole numbers. */
function afterRun(bytes: Uint8Array, at: number, limit: number): number {
  let next = at;
  while (next < limit && (isNameByte(bytes[next]!) || runs[bytes[next]!])) next++;
  return next;
}
const runs = new Uint8Array(256);
for (const character of '.,:/+-') runs[character.charCodeAt(0)] = 1;

/** Letters to the end of the name: `K`, `eV`. With a digit among them (`3fa2`) it is a name. */
function isUnit(bytes: Uint8Array, at: number, limit: number): boolean {
  for (let next = at; next < limit && isNameByte(bytes[next]!); next++) {
    if (!isLetter(bytes[next]!)) return false;
  }
  return true;
}
