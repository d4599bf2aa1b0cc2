import type { ListedFile } from '../differentiation/compare-outputs.ts';
import { evidenceOf } from '../differentiation/evidence/evidence-of.ts';
import type { Method, OptionSpec, Options } from '../differentiation/method.ts';
import { findMethod, nameOf } from '../differentiation/registry.ts';
import type { Comparison } from '../domain/comparison.ts';
import type { ComparisonReport, GivenOption } from '../domain/comparison-report/comparison-report.ts';
import type { Evidence } from '../domain/comparison-report/evidence.ts';
import { shellWord } from '../domain/comparison-report/next-steps.ts';

/** What looking at the files costs at most: nobody looks at more, and a page that shows more does not open. */
const bounds = { files: 20, bytes: 32 * 2 ** 20, totalBytes: 128 * 2 ** 20, steps: 1e8 };

/** A comparison, and what is known of it beside the JSON. */
export interface FoundComparison {
  readonly comparison: Comparison;
  readonly inputDifferences: readonly string[];
  readonly settings: ComparisonReport['settings'];
  readonly hints: ComparisonReport['hints'];
  readonly hint: string | null;
  readonly unsettled: ComparisonReport['unsettled'];
  readonly failed: ComparisonReport['failed'];
}

/**
 * All that people are shown of a comparison: what was found, and what there is to see of the files that differ (curves,
 * pictures, lines). To be drawn by `comparisonMarkdown`, `comparisonHtml` or a door's own view. `from` and `toward` are
 * the listings that were compared. Only `comparisonHtml` shows `pictures`, which take a second each when they are large.
 */
export async function reportComparison(
  found: FoundComparison,
  method: Method,
  options: Options,
  from: readonly ListedFile[],
  toward: readonly ListedFile[],
  pictures: boolean,
): Promise<ComparisonReport> {
  const evidence = await gatherEvidence(found.comparison, from, toward, method, options, pictures);
  return {
    ...found,
    method: { name: nameOf(method), promise: method.promise, given: given(method, options) },
    evidence,
  };
}

function given(method: Method, options: Options): GivenOption[] {
  const isOwn = findMethod(method.word, method.name) === null;
  return method.options
    .filter(spec => JSON.stringify(options[spec.name]) !== JSON.stringify(spec.fallback))
    .map(({ name, type }) => {
      const value = options[name];
      // A program with its words is one text, which is parted again; a package's options have no flags of their own.
      if (method.name === 'command' && name === 'command')
        return { option: name, value: (value as string[]).map(shellWord).join(' ') };
      return isOwn ? { option: 'option', value: named(name, type, value) } : { option: name, value };
    });
}

/** What `--option` takes, once or more: `window=0.3`, `columns=a`, `column_rtol=energy=1e-3`. */
function named(name: string, type: OptionSpec['type'], value: unknown): string[] {
  if (type === 'texts') return (value as string[]).map(text => `${name}=${text}`);
  if (type !== 'numbers-by-name') return [`${name}=${value}`];
  return Object.entries(value as object).map(([key, number]) => `${name}=${key}=${number}`);
}

/** Files that only one side has, whose content is not stored, or that are beyond the bounds, are not in it. */
async function gatherEvidence(
  comparison: Comparison,
  from: readonly ListedFile[],
  toward: readonly ListedFile[],
  method: Method,
  options: Options,
  pictures: boolean,
): Promise<ReadonlyMap<string, Evidence>> {
  const [ours, theirs] = [from, toward].map(files => new Map(files.map(file => [file.path, file])));
  const evidence = new Map<string, Evidence>();
  let bytes = 0;
  for (const { path, same, identical } of comparison.files) {
    if (evidence.size >= bounds.files) break;
    const [one, other] = [ours!.get(path), theirs!.get(path)];
    // What a person held for the same is still to be looked at.
    if (identical || (same && method.word !== 'visual') || !one || !other) continue;
    if (Math.max(one.size, other.size) > bounds.bytes || bytes + one.size + other.size > bounds.totalBytes) continue;
    bytes += one.size + other.size;
    const [mine, their] = await Promise.all([one.read(), other.read()]);
    if (mine && their) evidence.set(path, await evidenceOf(path, mine, their, method, options, bounds, pictures));
  }
  return evidence;
}
