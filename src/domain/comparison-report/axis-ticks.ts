/**
 * At most `most` round numbers (1, 2 or 5 times a power of ten apart) from `least` to `largest`, both finite; one
 * number where both are the same.
 */
export function axisTicks(least: number, largest: number, most: number): number[] {
  const span = largest - least;
  if (!(span > 0) || !Number.isFinite(span)) return [least];
  const power = 10 ** Math.floor(Math.log10(span / most));
  for (const factor of [1, 2, 5, 10, 20]) {
    const step = factor * power;
    const [first, last] = [Math.ceil(least / step), Math.floor(largest / step)];
    const count = last - first + 1;
    // Multiplying whole numbers, not adding steps up, keeps 0 at 0.
    if (count >= 1 && count <= most) return Array.from({ length: count }, (_, at) => (first + at) * step);
  }
  return [least];
}

/** A tick's number, short: as many digits as tell it from its neighbour. */
export function tickText(tick: number, step: number): string {
  if (tick === 0) return '0';
  const size = Math.floor(Math.log10(Math.abs(tick)));
  const digits = Math.min(15, Math.max(1, size - Math.floor(Math.log10(Math.abs(step) || Math.abs(tick))) + 1));
  if (size >= 6 || size <= -4) {
    return tick
      .toExponential(digits - 1)
      .replace(/\.?0+e/, 'e')
      .replace('e+', 'e')
      .replaceAll('-', '−');
  }
  const text = String(Number(tick.toPrecision(digits)));
  return text.replace('-', '−');
}
