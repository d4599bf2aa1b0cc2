/**
 * Powers of ten as the unevaluated sum of two doubles, so that decimals of up to 24 digits can be rounded without a
 * string. `high` is 10^e rounded, `low` the rest of it, rounded: together they are within 2^-105 of 10^e.
 */

/** The exponents that stay clear of overflow and of subnormal parts. */
export const widestExponent = 285;

const high = new Float64Array(2 * widestExponent + 1);
const low = new Float64Array(2 * widestExponent + 1);
let ready = false;

function fill(): void {
  for (let exponent = 0; exponent <= widestExponent; exponent++) {
    const exact = 10n ** BigInt(exponent);
    const nearest = Number(exact);
    high[widestExponent + exponent] = nearest;
    low[widestExponent + exponent] = Number(exact - BigInt(nearest));
    if (exponent > 0) fillInverse(exponent, exact);
  }
  ready = true;
}

/** 10^-e = m * 2^-s + rest; the rest is (2^s - m * 10^e) / (10^e * 2^s), divided with 200 bits to spare. */
function fillInverse(exponent: number, power: bigint): void {
  const nearest = Number(`1e-${exponent}`);
  let mantissa = nearest;
  let shift = 0;
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    shift += 1;
  }
  const rest = (((1n << BigInt(shift)) - BigInt(mantissa) * power) << 200n) / power;
  high[widestExponent - exponent] = nearest;
  low[widestExponent - exponent] = Number(rest) * 2 ** -200 * 2 ** -shift;
}

/** 2^27 + 1: splits a double into halves whose products are exact (Dekker 1971). */
const splitter = 134217729;

/**
 * (`whole` * 10^`places` + `rest`) * 10^`exponent`, correctly rounded; NaN where the double-double cannot tell which of
 * two neighbours is nearer, and the digits themselves have to be asked. `whole` has at most 15 digits, and exactly
 * those where places > 0; `rest` has `places` digits, at most 9. `exponent` and `exponent + places` are within
 * widestExponent, and the result is within 1e-270 … 1e290, or 0.
 */
export function scaleByPowerOfTen(whole: number, rest: number, places: number, exponent: number): number {
  if (!ready) fill();
  const at = widestExponent + exponent;
  const power = high[at + places]!;
  const product = whole * power;
  // All of this is below 1e-14 of the product, so that plain rounding errors in it do not count.
  const error = productError(whole, power, product) + (whole * low[at + places]! + rest * high[at]!);
  const value = product + error;
  const beyond = error - (value - product);
  // The error of all of the above is below 2^-97 of the value.
  const doubt = value * 2 ** -95;
  return value + (beyond + doubt) === value && value + (beyond - doubt) === value ? value : Number.NaN;
}

/** a * b - product, exactly (Veltkamp and Dekker). */
function productError(a: number, b: number, product: number): number {
  let scaled = splitter * a;
  const aHigh = scaled - (scaled - a);
  const aLow = a - aHigh;
  scaled = splitter * b;
  const bHigh = scaled - (scaled - b);
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}
