import type { Curve } from './evidence.ts';

/**
 * A curve of at most some four points in each of `bins` stretches of equal count: of every stretch its first and last
 * point, its least and its largest, so that no peak is lost. Values that are not finite part the curve.
 */
export function thinnedCurve(count: number, x: (at: number) => number, y: (at: number) => number, bins: number): Curve {
  const places = count <= bins * 4 ? Array.from({ length: count }, (_, at) => at) : placesToKeep(count, y, bins);
  return { x: places.map(x), y: places.map(at => (Number.isFinite(y(at)) ? y(at) : Number.NaN)) };
}

function placesToKeep(count: number, y: (at: number) => number, bins: number): number[] {
  const places: number[] = [];
  for (let bin = 0; bin < bins; bin++) {
    const [start, end] = [Math.floor((bin * count) / bins), Math.floor(((bin + 1) * count) / bins)];
    let [least, largest, gap] = [-1, -1, -1];
    for (let at = start; at < end; at++) {
      const value = y(at);
      if (!Number.isFinite(value)) gap = at;
      else {
        if (least < 0 || value < y(least)) least = at;
        if (largest < 0 || value > y(largest)) largest = at;
      }
    }
    const kept = [start, least, largest, gap, end - 1].filter(at => at >= 0);
    places.push(...[...new Set(kept)].sort((one, other) => one - other));
  }
  return places;
}
