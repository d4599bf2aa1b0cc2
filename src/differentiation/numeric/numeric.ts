import { Problem } from '../../domain/problem.ts';
import type { Measures, Method } from '../method.ts';
import { compareValues, largestMagnitude, type Tally } from './compare-values.ts';
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
  repeatable: true,
  async compare(path, from, toward, options, budget): Promise<Measures> {
    const settings = readNumericOptions(options);
    const words = new Words();
    try {
      const documents = await readBoth(path, from, toward, words, budget);
      const pairing = pairFields(documents.from, documents.toward, settings, words);
      return summary(pairing, tallies(pairing, settings, words), settings, words);
    } catch (error) {
      if (!(error instanceof Problem) || (error.code !== 'UNREADABLE' && error.code !== 'UNSUPPORTED')) throw error;
      return { same: false, passes_with: null, reason: error.message };
    }
  },
};

function tallies(pairing: Pairing, options: NumericOptions, words: Words): Tally[] {
  return pairing.pairs.map(pair => {
    const rule = {
      rtol: ownTolerance(options.columnRtol, pair) ?? options.rtol,
      atol: ownTolerance(options.columnAtol, pair) ?? absolute(options, pair),
      equalNan: options.equalNan,
      symmetric: options.symmetric,
    };
    const bigIntegerOf = (id: number) => BigInt(words.word(id));
    return compareValues(pair.from, pair.toward, pair.count, rule, pair.wordsBetween, bigIntegerOf);
  });
}

function absolute(options: NumericOptions, pair: FieldPair): number {
  return 'value' in options.atol
    ? options.atol.value
    : options.atol.timesMax * largestMagnitude(pair.toward, pair.count);
}
