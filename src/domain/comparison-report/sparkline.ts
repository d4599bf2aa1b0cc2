import type { Curve } from './evidence.ts';

const levels = '▁▂▃▄▅▆▇█';

/** How large a curve is along its course, in `width` characters; a space where it is 0, `×` where it is no number. */
export function sparkline({ y }: Curve, width: number): string {
  const largest = y.reduce((most, value) => (Number.isNaN(value) ? most : Math.max(most, Math.abs(value))), 0);
  const columns = Math.min(width, y.length);
  return Array.from({ length: columns }, (_, column) => {
    const part = y.slice(Math.floor((column * y.length) / columns), Math.floor(((column + 1) * y.length) / columns));
    if (part.some(Number.isNaN)) return '×';
    const most = Math.max(...part.map(Math.abs));
    return most === 0 ? ' ' : levels[Math.min(7, Math.floor((most / largest) * 8))];
  }).join('');
}
