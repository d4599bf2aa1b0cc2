import type { NumberPanel, NumberPlot } from '../../domain/comparison-report/evidence.ts';
import { thinnedCurve } from '../../domain/comparison-report/thinned-curve.ts';
import type { Budget, Options } from '../method.ts';
import { type FieldPair, pairFields } from '../numeric/fields.ts';
import { kind, Words } from '../numeric/numeric-document.ts';
import { readNumericOptions } from '../numeric/numeric-options.ts';
import { readBoth } from '../numeric/read-both.ts';

/** More panels than this are counted and not drawn. */
const mostPanels = 3;
/** Stretches of a curve; about one a pixel of a small plot, two a point. */
const bins = 240;
/** Fewer values than this are told better by their numbers. */
const fewest = 2;

/**
 * The columns and arrays in which two files of numbers differ, to be drawn; `{numbers: false}` where either holds none
 * that the method numeric reads. `options` are numeric's own (`key`, `columns`); null where another method compares,
 * which then draws no numbers that stand between words.
 */
export async function numberPlot(
  path: string,
  from: Uint8Array,
  toward: Uint8Array,
  options: Options | null,
  budget: Budget,
): Promise<{ numbers: boolean; plot: NumberPlot | null }> {
  const words = new Words();
  const documents = await readBoth(path, from, toward, words, budget);
  const { pairs } = pairFields(documents.from, documents.toward, readNumericOptions(options ?? {}), words);
  const fields = pairs.filter(pair => pair.count > 0 && isNumeric(pair));
  const series = fields.filter(pair => (!pair.wordsBetween || options !== null) && pair.count >= fewest);
  const differing = series
    .map(pair => ({ pair, difference: largestDifference(pair) }))
    .filter(({ difference }) => difference > 0)
    .sort((one, other) => other.difference - one.difference);
  if (differing.length === 0) return { numbers: series.length > 0, plot: null };
  const panels = differing.slice(0, mostPanels).map(({ pair }) => panelOf(pair, axisFor(pair, series)));
  return { numbers: true, plot: { panels, more: differing.length - panels.length } };
}

function value(pair: FieldPair, side: 'from' | 'toward', row: number): number {
  const { values, offset, stride, rows } = pair[side];
  const at = offset + stride * (rows?.[row] ?? row);
  return values.kinds !== null && values.kinds[at] !== kind.number ? Number.NaN : values.numbers[at]!;
}

function isNumeric(pair: FieldPair): boolean {
  if (pair.from.values.imaginary !== null || pair.toward.values.imaginary !== null) return false;
  for (let row = 0; row < pair.count; row++) if (Number.isFinite(value(pair, 'toward', row))) return true;
  return false;
}

/** The largest |from - toward|, as a part of the largest |toward|. */
function largestDifference(pair: FieldPair): number {
  let [most, size] = [0, 0];
  for (let row = 0; row < pair.count; row++) {
    const [one, other] = [value(pair, 'from', row), value(pair, 'toward', row)];
    if (Number.isFinite(other)) size = Math.max(size, Math.abs(other));
    if (Number.isFinite(one) && Number.isFinite(other)) most = Math.max(most, Math.abs(one - other));
  }
  return size === 0 ? most : most / size;
}

interface Axis {
  readonly title: string;
  readonly at: (row: number) => number;
}

/** A table's first column, where it is the same on both sides and rises from row to row; else the row's number. */
function axisFor(pair: FieldPair, series: readonly FieldPair[]): Axis {
  const first = series[0]!;
  const isTable = pair.toward.stride > 1 && first.toward.values === pair.toward.values && first.toward.offset === 0;
  if (isTable && first !== pair && rises(first)) {
    return { title: first.names[0] ?? 'column 1', at: row => value(first, 'toward', row) };
  }
  return pair.toward.stride > 1 ? { title: 'row', at: row => row + 1 } : { title: 'index', at: row => row };
}

function rises(pair: FieldPair): boolean {
  for (let row = 0; row < pair.count; row++) {
    const here = value(pair, 'toward', row);
    if (here !== value(pair, 'from', row)) return false;
    if (row > 0 && !(here > value(pair, 'toward', row - 1))) return false;
  }
  return true;
}

function panelOf(pair: FieldPair, axis: Axis): NumberPanel {
  const curve = (y: (row: number) => number) => thinnedCurve(pair.count, axis.at, y, bins);
  return {
    title: pair.names[0] ?? '',
    x: axis.title,
    count: pair.count,
    from: curve(row => value(pair, 'from', row)),
    toward: curve(row => value(pair, 'toward', row)),
    difference: curve(row => value(pair, 'from', row) - value(pair, 'toward', row)),
  };
}
