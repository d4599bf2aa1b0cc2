import { setImmediate as rest } from 'node:timers/promises';
import { compareOutputs, type OutputsComparison, outputsBudget } from '../differentiation/compare-outputs.ts';
import type { Method } from '../differentiation/method.ts';
import { findMethod, isListed, readOptions, underProject } from '../differentiation/registry.ts';
import type { Configuration, DiffRequest, FileResult, RecordAtom } from '../domain/generated/shapes.ts';
import { Problem } from '../domain/problem.ts';
import type { Recomputation } from '../domain/rules/rule.ts';
import { outputsOf, type ReadStored } from './compare-records.ts';

type Diff = DiffRequest['diff'];

/** Why a request's method or its options may not be used here, in a sentence; null where they may. */
export function methodRefusal({ method, name, options }: Diff, compare: Configuration['compare']): string | null {
  const found = findMethod(method, name);
  // A method of the requester's own is known to him alone: whether it may be used is the project's list to say.
  if (!found) {
    if (compare?.methods && isListed(compare.methods, method, name))
      return underProject(compare, { word: method, name }, options);
    return `there is no method ${JSON.stringify(name ?? method)} here, and the target's corroborate.yml lists none under compare.methods`;
  }
  try {
    return underProject(compare, found, readOptions(found, options));
  } catch (cause) {
    if (cause instanceof Problem && cause.code === 'USAGE') return cause.message;
    throw cause;
  }
}

/** What computing again gave: what the rule `method` goes by, and what was computed, where anything was. */
export interface Recomputed {
  readonly recomputation: Recomputation;
  readonly outputs: OutputsComparison | null;
}

/**
 * Computes the results of a request again, from what stands beside its two records. A method that only the requester can
 * use is not run, nor is any where `computes` is false (it went over its budget before): what then can be told is which files there are, and which of them are byte-equal or on one side only.
 */
export async function recompute(
  diff: Diff,
  from: { readonly record: RecordAtom; readonly read: ReadStored },
  toward: { readonly record: RecordAtom; readonly read: ReadStored },
  computes = true,
): Promise<Recomputed> {
  const method = findMethod(diff.method, diff.name);
  const isRun = computes && method?.repeatable === true;
  const outputs = ({ record, read }: typeof from) =>
    outputsOf(record, read).map(file => (isRun ? file : { ...file, read: () => null }));
  let computed: OutputsComparison;
  try {
    const options = method ? readOptions(method, diff.options) : {};
    computed = await compareOutputs(
      outputs(from),
      outputs(toward),
      method ?? unknownMethod,
      options,
      outputsBudget,
      rest,
    );
  } catch (cause) {
    if (!(cause instanceof Problem)) throw cause;
    return { recomputation: { is: 'different', because: cause.message }, outputs: null };
  }
  return {
    recomputation: recomputationOf(diff, method, computed, computes),
    outputs: isRun ? computed : null,
  };
}

function recomputationOf(
  diff: Diff,
  method: Method | null,
  computed: OutputsComparison,
  computes: boolean,
): Recomputation {
  const skipped = new Map(computed.unsettled.map(({ path, because }) => [path, because]));
  const difference = firstDifference(diff.results, computed.files, skipped);
  if (difference !== null) return { is: 'different', because: difference };
  const isRepeatable = method?.repeatable === true;
  if (!isRepeatable && computed.files.every(file => file.identical)) return { is: 'equal' };
  if (!method) return { is: 'impossible', because: `${JSON.stringify(diff.name)} is a method of the requester's` };
  if (!isRepeatable) return { is: 'impossible', because: `${diff.name ?? diff.method} cannot be computed again` };
  const [first] = skipped;
  if (first && !computes) return { is: 'impossible', because: 'comparing the files again went over the budget here' };
  if (first) return { is: 'impossible', because: `${first[0]}: ${first[1]}` };
  return { is: 'equal' };
}

/** Stands for a method that only the requester has. */
const unknownMethod: Method = {
  word: 'custom',
  name: null,
  promise: 'What the requester says.',
  options: [],
  repeatable: false,
  compare: async () => ({ same: false }),
};

/** What the request says is compared field by field; paths that nobody can compute are left to its word. */
function firstDifference(
  said: readonly FileResult[],
  computed: readonly FileResult[],
  skipped: ReadonlyMap<string, string>,
): string | null {
  const byPath = new Map(computed.map(result => [result.path, result]));
  if (new Set(said.map(result => result.path)).size !== said.length) return 'a path stands in them twice';
  if (said.length !== computed.length) return `${said.length} files are compared, not ${computed.length}`;
  for (const result of said) {
    const again = byPath.get(result.path);
    if (!again) return `${result.path} is an output of neither record`;
    if (result.identical !== again.identical) return `${result.path}: identical is ${again.identical}`;
    if (skipped.has(result.path)) continue;
    for (const [name, value] of Object.entries(result)) {
      const other = again[name as keyof FileResult];
      if (JSON.stringify(value) !== JSON.stringify(other)) {
        return `${result.path}: ${name} is ${JSON.stringify(other)}, not ${JSON.stringify(value)}`;
      }
    }
  }
  return null;
}
