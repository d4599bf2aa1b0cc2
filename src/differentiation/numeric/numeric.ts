import { Problem } from '../../domain/problem.ts';
import { isRecomputable } from '../../domain/recomputable.ts';
import type { Comparison, Method, Options } from '../method.ts';
import { compareValues, emptyTally, largestMagnitude, type Rule, type Tally } from './compare-values.ts';
import { type FieldPair, ownTolerance, type Pairing, pairFields } from './fields.ts';
import { Words } from './numeric-document.ts';
import { type NumericOptions, numericOptionSpecs, readNumericOptions } from './numeric-options.ts';
import { readBoth } from './read-both.ts';
import { summary } from './summary.ts';

/** Numbers within a tolerance, everything around them exactly: numpy's assert_allclose for files. */
export const numeric: Method = {
  word: 'custom',
  name: 'numeric',
  promise: '|from - toward| <= atol + rtol * |toward| for every number; words, booleans and shapes are equal',
  options: numericOptionSpecs,
  repeatable: isRecomputable({ method: 'custom', name: 'numeric' }),
  ofIdentical: { same: true, differing: 0, max_abs: 0, max_rel: 0, worst: null, first: null, passes_with: { rtol: 0 } },
  refuses,
  async compare(path, from, toward, options, budget): Promise<Comparison> {
    const settings = readNumericOptions(options);
    const words = new Words();
    try {
      const documents = await readBoth(path, from, toward, words, budget);
      const pairing = pairFields(documents.from, documents.toward, settings, words);
      return summary(pairing, tallies(pairing, settings, words), settings, words);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const finding = { same: false, passes_with: null, reason: error.message };
      if (error.code === 'UNREADABLE') return finding;
      // Where the budget is larger the answer may be another, where the package is missing there is none.
      if (error.code === 'NOT_FOUND') return { ...finding, failed: error.message };
      if (error.code === 'UNSUPPORTED') return { ...finding, unsettled: error.message };
      throw error;
    }
  },
};

function refuses(options: Options): string | null {
  try {
    readNumericOptions(options);
    return null;
  } catch (error) {
    if (error instanceof Problem) return error.message;
    throw error;
  }
}

/** Rows that are compared before the next column is: a table lies in memory row by row. */
const rowsAtOnce = 1024;

function tallies(pairing: Pairing, options: NumericOptions, words: Words): Tally[] {
  const bigIntegerOf = (id: number) => BigInt(words.word(id));
  const fields = pairing.pairs.map(pair => ({ pair, tally: emptyTally(), rule: ruleFor(pair, options) }));
  const rows = fields.reduce((most, { pair }) => Math.max(most, pair.count), 0);
  for (let start = 0; start < rows; start += rowsAtOnce) {
    for (const { pair, tally, rule } of fields) {
      const end = Math.min(start + rowsAtOnce, pair.count);
      if (start >= end) continue;
      compareValues(tally, pair.from, pair.toward, start, end, rule, pair.wordsBetween, bigIntegerOf);
    }
  }
  return fields.map(({ tally }) => tally);
}

function ruleFor(pair: FieldPair, options: NumericOptions): Rule {
  return {
    rtol: ownTolerance(options.columnRtol, pair) ?? options.rtol,
    atol: ownTolerance(options.columnAtol, pair) ?? absolute(options, pair),
    equalNan: options.equalNan,
    symmetric: options.symmetric,
  };
}

function absolute(options: NumericOptions, pair: FieldPair): number {
  return 'value' in options.atol
    ? options.atol.value
    : options.atol.timesMax * largestMagnitude(pair.toward, pair.count);
}
