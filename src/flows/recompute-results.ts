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
 * use is not run, nor is any where `computes` is false (it took too long before): what then can be told is which files
 * there are, and which of them are byte-equal or on one side only.
 */
export async function recompute(
  diff: Diff,
  from: { readonly record: RecordAtom; readonly read: ReadStored },
  toward: { readonly record: RecordAtom; readonly read: ReadStored },
  computes = true,
): Promise<Recomputed> {
  const method = findMethod(diff.method, diff.name);
  const isRepeatable = method?.repeatable === true;
  const isRun = computes && isRepeatable;
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
  return { recomputation: judgedBy(computed), outputs: isRun ? computed : null };

  function judgedBy(computed: OutputsComparison): Recomputation {
    const unsettled = new Map(computed.unsettled.map(({ path, because }) => [path, because]));
    const words = new Map(isRepeatable ? unstored(from.record, toward.record, unsettled) : unsettled);
    const difference = firstDifference(diff.results, computed.files, words, unsettled);
    if (difference !== null) return { is: 'different', because: difference };
    if (!isRepeatable && computed.files.every(file => file.identical)) return { is: 'equal' };
    if (!method) return { is: 'impossible', because: `${JSON.stringify(diff.name)} is a method of the requester's` };
    if (!isRepeatable) return { is: 'impossible', because: `${diff.name ?? diff.method} cannot be computed again` };
    if (computed.failed !== null) return { is: 'unable', because: computed.failed };
    for (const { path, exact } of diff.results) {
      const because = unsettled.get(path);
      if (because === undefined || words.has(path) || exact === false) continue;
      const why = computes ? because : 'Comparing it again took more time or memory than there is here.';
      return {
        is: 'unable',
        because: `${path}: ${why} The request does not say that it is over the budget (exact: false).`,
      };
    }
    const [first] = words;
    if (first) return { is: 'impossible', because: `${first[0]}: ${first[1]}` };
    const over = diff.results.find(({ path, identical, exact }) => !identical && exact === false && isPair(path));
    if (over) return { is: 'impossible', because: `${over.path}: ${over.reason ?? 'it is over the budget.'}` };
    return { is: 'equal' };
  }

  function isPair(path: string): boolean {
    return [from, toward].every(({ record }) => record.outputs.some(output => output.path === path));
  }
}

/** The files, of those that were not compared, whose content the branch does not have; why. */
function unstored(from: RecordAtom, toward: RecordAtom, unsettled: ReadonlyMap<string, string>): [string, string][] {
  const paths = new Set(
    [from, toward].flatMap(({ outputs }) => outputs.filter(one => !one.stored).map(one => one.path)),
  );
  return [...unsettled].filter(([path]) => paths.has(path));
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

/**
 * What the request says is compared field by field. Paths that nobody can compute are left to its word, and what says
 * of itself that it is over the budget need only not be contradicted: another version may come further with as much.
 */
function firstDifference(
  said: readonly FileResult[],
  computed: readonly FileResult[],
  words: ReadonlyMap<string, string>,
  unsettled: ReadonlyMap<string, string>,
): string | null {
  const byPath = new Map(computed.map(result => [result.path, result]));
  if (new Set(said.map(result => result.path)).size !== said.length) return 'a path stands in them twice';
  if (said.length !== computed.length) return `${said.length} files are compared, not ${computed.length}`;
  for (const result of said) {
    const again = byPath.get(result.path);
    if (!again) return `${result.path} is an output of neither record`;
    if (result.identical !== again.identical) return `${result.path}: identical is ${again.identical}`;
    if (words.has(result.path) || unsettled.has(result.path)) continue;
    const names = isBound(result, again) ? (['same'] as const) : (Object.keys(result) as (keyof FileResult)[]);
    for (const name of names) {
      const [value, other] = [result[name], again[name]];
      if (JSON.stringify(value) !== JSON.stringify(other)) {
        return `${result.path}: ${name} is ${JSON.stringify(other)}, not ${JSON.stringify(value)}`;
      }
    }
  }
  return null;
}

/** Whether a result over the budget leaves room for what was computed now. */
function isBound({ exact, identical, lower = 0, upper }: FileResult, { distance }: FileResult): boolean {
  if (exact !== false || identical) return false;
  return typeof distance !== 'number' || (lower <= distance && distance <= (upper ?? distance));
}
