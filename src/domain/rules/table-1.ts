import type { DiffRequest, RecordAtom } from '../generated/shapes.ts';
import { compareInputs, compareSource } from '../record-comparison.ts';
import { assess, type Cell, propositionFor } from '../table-1.ts';
import { broken, field, holds, nothingToJudge, type Rule } from './rule.ts';

/** A request and its two records, as far as they can be read. */
export interface Claim {
  readonly diff: DiffRequest | null;
  readonly from: { readonly record: RecordAtom } | null;
  readonly toward: { readonly record: RecordAtom } | null;
}

/** Where the two records stand in Table 1, by the request's results; null where one of them cannot be read. */
export function cellOf({ diff, from, toward }: Claim): Cell | null {
  if (!diff || !from || !toward) return null;
  const paths = new Set([...from.record.outputs, ...toward.record.outputs].map(file => file.path));
  const results = new Map(diff.diff.results.map(result => [result.path, result.same]));
  const same = results.size === paths.size && [...paths].every(path => results.get(path) === true);
  return {
    source: compareSource(from.record, toward.record),
    inputs: compareInputs(from.record, toward.record).inputs,
    outputs: same ? 'same' : 'different',
  };
}

export const tableOne: Rule = {
  id: 'table-1',
  promise: 'the proposition is the one in the cell of Table 1',
  check(facts) {
    const cell = cellOf(facts);
    if (!facts.diff || !cell) return nothingToJudge;
    const assessed = assess(cell);
    const due = propositionFor(assessed);
    const where = `${cell.source} source, ${cell.inputs} inputs and ${cell.outputs} outputs`;
    if (facts.diff.proposition !== due) {
      return broken(
        `with ${where}, Table 1 says ${assessed}: only "${due}" may be proposed, not "${facts.diff.proposition}"`,
        field(facts.path, 'proposition'),
      );
    }
    return holds(`with ${where}, Table 1 says ${assessed}`);
  },
};
