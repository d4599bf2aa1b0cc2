/**
 * The smallest relative tolerance under which `difference <= atol + rtol * scale` holds as the comparison computes it,
 * in doubles; infinity where none does. Raising rtol never undoes a comparison that held. (`difference - atol` is off by
 * half a unit in its last place at most, so a step or two up makes it hold.)
 */
export function rtolNeeded(difference: number, atol: number, scale: number): number {
  if (difference <= atol) return 0;
  let rtol = (difference - atol) / scale;
  while (rtol < Number.POSITIVE_INFINITY && difference > atol + rtol * scale) rtol = above(rtol);
  return Number.isFinite(rtol) ? rtol : Number.POSITIVE_INFINITY;
}

/** The smallest absolute tolerance likewise; `relative` is rtol * scale. */
export function atolNeeded(difference: number, relative: number): number {
  if (difference <= relative) return 0;
  let atol = difference - relative;
  while (atol < Number.POSITIVE_INFINITY && difference > atol + relative) atol = above(atol);
  return atol;
}

/** Four significant digits, rounded up: fit to be read and typed, and never less than `tolerance`. */
export function roundedUp(tolerance: number): number {
  if (tolerance === 0 || !Number.isFinite(tolerance)) return tolerance;
  let rounded = Number(tolerance.toPrecision(4));
  if (rounded < tolerance) {
    const [digits, exponent] = tolerance.toExponential(3).split('e') as [string, string];
    rounded = Number(`${Number(digits.replace('.', '')) + 1}e${Number(exponent) - 3}`);
  }
  return Number.isFinite(rounded) ? rounded : tolerance;
}

const double = new Float64Array(1);
const bits = new BigInt64Array(double.buffer);

/** The next double of a finite one that is not negative. */
function above(value: number): number {
  double[0] = value;
  bits[0] = bits[0]! + 1n;
  return double[0]!;
}
