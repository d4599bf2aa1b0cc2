/**
 * A value of JSON or YAML as it is compared. Numbers are kept as exact decimals in one spelling, so that integers
 * beyond 2^53 and `1`, `1.0` and `1e0` compare as what they stand for.
 */
export type StructuredValue =
  | { readonly is: 'null' }
  | { readonly is: 'boolean'; readonly value: boolean }
  | { readonly is: 'text'; readonly value: string }
  | { readonly is: 'number'; readonly value: string }
  | { readonly is: 'list'; readonly items: readonly StructuredValue[] }
  | { readonly is: 'map'; readonly entries: ReadonlyMap<string, StructuredValue> };

/** Deepest nesting that is read; what is deeper is no result of a simulation. */
export const mostDepth = 256;

/** Why a file could not be read as a value; the sentence goes into the file's result. */
export class Unreadable extends Error {}

/**
 * The one spelling of a decimal literal (`-12.50e3` gives `-125e2`): digits without zeros at either end, and the
 * power of ten. Zero is `0`, whatever its sign. Nothing is computed in floating point.
 */
export function exactDecimal(literal: string): string {
  const match = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(literal);
  if (!match) throw new Unreadable(`${JSON.stringify(literal.slice(0, 40))} is no decimal number`);
  const [, sign, whole = '', part = '', power = '0'] = match;
  const all = (whole + part).replace(/^0+/, '');
  const digits = withoutZerosAtEnd(all);
  if (digits === '') return '0';
  if (power.length > 400) throw new Unreadable('a number has an exponent of more than 400 digits');
  const exponent = BigInt(power) - BigInt(part.length) + BigInt(all.length - digits.length);
  return `${sign === '-' ? '-' : ''}${digits}e${exponent}`;
}

function withoutZerosAtEnd(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === '0') end--;
  return digits.slice(0, end);
}

/** A number as people read it, from its exact decimal. */
export function asWritten(exact: string): number | string {
  const number = Number(exact);
  return Number.isFinite(number) && exactDecimal(String(number)) === exact ? number : plainly(exact);
}

function plainly(exact: string): string {
  const match = /^(-?)(\d+)e(-?\d+)$/.exec(exact);
  if (!match) return exact;
  const power = Number(match[3]);
  return power >= 0 && power <= 40 ? `${match[1]}${match[2]}${'0'.repeat(power)}` : exact;
}
