import type { PlaceAndValues } from '../../domain/generated/shapes.ts';
import type { Measures } from '../method.ts';
import type { Tally } from './compare-values.ts';
import { type Field, type FieldPair, ownTolerance, type Pairing, valueText } from './fields.ts';
import { kind, type Words } from './numeric-document.ts';
import type { NumericOptions } from './numeric-options.ts';
import { roundedUp } from './tolerance-needed.ts';

/** What the fields' tallies say together: the measures of one pair of files. */
export function summary(pairing: Pairing, tallies: readonly Tally[], options: NumericOptions, words: Words): Measures {
  const differing = sum(tallies, tally => tally.differing);
  const same = differing === 0 && pairing.reasons.length === 0;
  const passing = smallestTolerance(pairing.pairs, tallies, options);
  const reasons = [...pairing.reasons, ...passing.reasons];
  return {
    same,
    compared: sum(tallies, tally => tally.compared),
    differing,
    max_abs: measure(largest(tallies, tally => tally.maxAbs)),
    max_rel: measure(largest(tallies, tally => tally.maxRel)),
    worst: worst(pairing.pairs, tallies, words),
    first: first(pairing.pairs, tallies, words),
    passes_with: pairing.reasons.length === 0 ? passing.tolerance : null,
    ...(reasons.length > 0 ? { reason: reasons.join('; ').slice(0, 4096) } : {}),
  };
}

interface Passing {
  readonly tolerance: { rtol: number } | { atol: number } | null;
  readonly reasons: readonly string[];
}

/**
 * The smallest `rtol` that would pass, the other options as they are; where none would (toward is 0), the smallest
 * `atol`. A field with a tolerance of its own is not helped by another for all: that is said instead.
 */
function smallestTolerance(pairs: readonly FieldPair[], tallies: readonly Tally[], options: NumericOptions): Passing {
  const reasons: string[] = [];
  const intolerable = sum(tallies, tally => tally.intolerable);
  const bigIntegers = sum(tallies, tally => tally.bigIntegers);
  if (intolerable > bigIntegers) {
    const others = intolerable - bigIntegers;
    reasons.push(`no tolerance brings together ${others} of them: words, infinities, NaN, or values of other kinds`);
  }
  if (bigIntegers > 0) reasons.push('whole numbers beyond 2^53 are compared exactly');
  let rtol = 0;
  let atol = 0;
  let mended = true;
  for (const [at, tally] of tallies.entries()) {
    const pair = pairs[at]!;
    const ownRtol = ownTolerance(options.columnRtol, pair) !== undefined;
    const ownAtol = ownTolerance(options.columnAtol, pair) !== undefined;
    if (!ownAtol && (!ownRtol || tally.differing > 0)) atol = Math.max(atol, tally.atol);
    else if (tally.differing > 0) atol = Number.POSITIVE_INFINITY;
    if (!ownRtol) rtol = Math.max(rtol, tally.rtol);
    else if (tally.differing > tally.intolerable) {
      mended = false;
      const least = roundedUp(tally.rtol);
      if (Number.isFinite(least)) reasons.push(`${pair.names[0]}, whose rtol is its own, passes with ${least}`);
    }
  }
  if (intolerable > 0 || !mended) return { tolerance: null, reasons };
  if (Number.isFinite(roundedUp(rtol))) return { tolerance: { rtol: roundedUp(rtol) }, reasons };
  if (Number.isFinite(roundedUp(atol))) return { tolerance: { atol: roundedUp(atol) }, reasons };
  return { tolerance: null, reasons };
}

/** The pair that is farthest out of its tolerance; words only where no number is off. */
function worst(pairs: readonly FieldPair[], tallies: readonly Tally[], words: Words): PlaceAndValues | null {
  let found = -1;
  for (const [at, tally] of tallies.entries()) {
    if (tally.worst >= 0 && (found < 0 || isWorse(tally, tallies[found]!))) found = at;
  }
  if (found < 0) return first(pairs, tallies, words);
  return placeAndValues(pairs[found]!, tallies[found]!.worst, words);
}

function isWorse(tally: Tally, than: Tally): boolean {
  if (Number.isNaN(than.worstExcess)) return false;
  if (Number.isNaN(tally.worstExcess) || tally.worstExcess > than.worstExcess) return true;
  return tally.worstExcess === than.worstExcess && tally.worstAbs > than.worstAbs;
}

function first(pairs: readonly FieldPair[], tallies: readonly Tally[], words: Words): PlaceAndValues | null {
  let found = -1;
  let least = Number.POSITIVE_INFINITY;
  for (const [at, tally] of tallies.entries()) {
    if (tally.first < 0 || pairs[at]!.order(tally.first) >= least) continue;
    found = at;
    least = pairs[at]!.order(tally.first);
  }
  return found < 0 ? null : placeAndValues(pairs[found]!, tallies[found]!.first, words);
}

function placeAndValues(pair: FieldPair, row: number, words: Words): PlaceAndValues {
  const from = pair.from.offset + pair.from.stride * (pair.from.rows?.[row] ?? row);
  const toward = pair.toward.offset + pair.toward.stride * (pair.toward.rows?.[row] ?? row);
  return {
    at: pair.place(row).slice(0, 4096),
    from: shown(pair.from, from, words),
    toward: shown(pair.toward, toward, words),
  };
}

/** A value as JSON holds it: numbers as numbers where they are, text for what JSON has no number for. */
function shown({ values }: Field, at: number, words: Words): PlaceAndValues['from'] {
  const value = values.numbers[at]!;
  const of = values.kinds?.[at] ?? kind.number;
  if (of === kind.boolean) return value === 1;
  if (of === kind.empty) return null;
  if (of === kind.number && values.imaginary === null && Number.isFinite(value)) return value;
  return valueText(values, at, words).slice(0, 200);
}

function measure(value: number): number | 'inf' | '-inf' | 'nan' {
  if (Number.isNaN(value)) return 'nan';
  return Number.isFinite(value) ? value : 'inf';
}

/** NaN where one is NaN. */
function largest(tallies: readonly Tally[], of: (tally: Tally) => number): number {
  return tallies.reduce((most, tally) => Math.max(most, of(tally)), 0);
}

function sum(tallies: readonly Tally[], of: (tally: Tally) => number): number {
  return tallies.reduce((total, tally) => total + of(tally), 0);
}
