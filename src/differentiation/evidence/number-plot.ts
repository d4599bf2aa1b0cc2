import type {
  LargestDifference,
  LargestDifferences,
  NumberPanel,
  NumberPlot,
} from '../../domain/comparison-report/evidence.ts';
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
 * which then draws no numbers that stand between words, and has no largest differences of them.
 */
export async function numberPlot(
  path: string,
  from: Uint8Array,
  toward: Uint8Array,
  options: Options | null,
  budget: Budget,
): Promise<{ numbers: boolean; plot: NumberPlot | null; largest: LargestDifferences | null }> {
  const words = new Words();
  const documents = await readBoth(path, from, toward, words, budget);
  const settings = readNumericOptions(options ?? {});
  const { pairs } = pairFields(documents.from, documents.toward, settings, words);
  const fields = pairs.filter(pair => pair.count > 0 && isNumeric(pair));
  const series = fields.filter(pair => (!pair.wordsBetween || options !== null) && pair.count >= fewest);
  const largest = options === null ? null : largestDifferences(fields, settings.symmetric);
  const differing = series
    .map(pair => ({ pair, difference: largestDifference(pair) }))
    .filter(({ difference }) => difference > 0)
    .sort((one, other) => other.difference - one.difference);
  if (differing.length === 0) return { numbers: series.length > 0, plot: null, largest };
  const panels = differing.slice(0, mostPanels).map(({ pair }) => panelOf(pair, axisFor(pair, series)));
  return { numbers: true, plot: { panels, more: differing.length - panels.length }, largest };
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

/** Differences as the method numeric measures them, so that the numbers agree. */
function largestDifferences(fields: readonly FieldPair[], symmetric: boolean): LargestDifferences {
  type Found = { readonly pair: FieldPair; readonly row: number; readonly difference: number };
  let absolute: Found | null = null;
  let relative: Found | null = null;
  for (const pair of fields) {
    for (let row = 0; row < pair.count; row++) {
      const [from, toward] = [value(pair, 'from', row), value(pair, 'toward', row)];
      const difference = Math.abs(from - toward);
      if (!(difference > 0 && difference < Number.POSITIVE_INFINITY)) continue;
      const ratio = difference / (symmetric ? Math.max(Math.abs(from), Math.abs(toward)) : Math.abs(toward));
      if (absolute === null || difference > absolute.difference) absolute = { pair, row, difference };
      if (relative === null || ratio > relative.difference) relative = { pair, row, difference: ratio };
    }
  }
  // Finding a place in a text takes a while: once each.
  const placed = (found: Found | null): LargestDifference | null =>
    found && {
      at: found.pair.place(found.row),
      from: value(found.pair, 'from', found.row),
      toward: value(found.pair, 'toward', found.row),
      difference: found.difference,
    };
  return { absolute: placed(absolute), relative: placed(relative) };
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
    return { title: titleOf(first), at: row => value(first, 'toward', row) };
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

/** A column without a name has its number alone. */
function titleOf({ names, toward }: FieldPair): string {
  return names.length === 1 && toward.stride > 1 ? `column ${names[0]}` : (names[0] ?? '');
}

function panelOf(pair: FieldPair, axis: Axis): NumberPanel {
  const curve = (y: (row: number) => number) => thinnedCurve(pair.count, axis.at, y, bins);
  return {
    title: titleOf(pair),
    x: axis.title,
    count: pair.count,
    from: curve(row => value(pair, 'from', row)),
    toward: curve(row => value(pair, 'toward', row)),
    difference: curve(row => value(pair, 'from', row) - value(pair, 'toward', row)),
  };
}
