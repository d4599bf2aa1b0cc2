/**
 * Powers of ten as the unevaluated sum of two doubles, so that decimals of up to 30 digits can be rounded without a
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
 * (`leading` * 10^`places` + `trailing`) * 10^`exponent`, correctly rounded; NaN where the double-double cannot tell
 * which of two neighbours is nearer, and the digits themselves have to be asked. `leading` and `trailing` are whole and
 * below 2^53, 0 <= places <= 15, |exponent| <= widestExponent, and the result is within 1e-270 … 1e290 or 0.
 */
export function scaleByPowerOfTen(leading: number, trailing: number, places: number, exponent: number): number {
  if (!ready) fill();
  let big = leading;
  let small = 0;
  if (places > 0) {
    // Exact: both factors are whole doubles, the sum is renormalised.
    const factor = high[widestExponent + places]!;
    const product = leading * factor;
    const rest = productError(leading, factor, product) + trailing;
    big = product + rest;
    small = rest - (big - product);
  }
  const powerHigh = high[widestExponent + exponent]!;
  const product = big * powerHigh;
  const rest = productError(big, powerHigh, product) + (big * low[widestExponent + exponent]! + small * powerHigh);
  const value = product + rest;
  const beyond = rest - (value - product);
  // The error of all of the above is below 2^-100 of the value.
  const doubt = value * 2 ** -97;
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
