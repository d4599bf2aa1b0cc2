import type { Comparison } from '../comparison.ts';
import type { FileResult } from '../generated/shapes.ts';
import type { Hint, Setting } from '../hints.ts';
import type { Evidence } from './evidence.ts';

/** All that is shown of one comparison; the terminal, Markdown and HTML draw this and add nothing. */
export interface ComparisonReport {
  readonly comparison: Comparison;
  readonly method: {
    /** What people call it. */
    readonly name: string;
    /** What `same` means by it. */
    readonly promise: string;
    /** The options that are not as they are when nothing is said. */
    readonly given: readonly GivenOption[];
  };
  /** What the inputs do not share, in words. */
  readonly inputDifferences: readonly string[];
  /** Seeds and numbers of threads, as of `runSettings`. */
  readonly settings: readonly Setting[];
  /** Usual causes of other outputs that the records leave open, as of `hintsFor`. */
  readonly hints: readonly Hint[];
  /** What to put into corroborate.yml, in words; null where there is nothing to say. */
  readonly hint: string | null;
  /** Paths whose results are not the last word, and why. */
  readonly unsettled: readonly { readonly path: string; readonly because: string }[];
  /** Why the method came to no answer: then nothing may be claimed. */
  readonly failed: string | null;
  /** What there is to see, by path. */
  readonly evidence: ReadonlyMap<string, Evidence>;
}

export interface GivenOption {
  /** snake_case */
  readonly option: string;
  readonly value: unknown;
}

/** `2 of 3 outputs differ: 1 by its content, 1 missing`; the numbers only, nothing of anyone's making. */
export function verdictSentence({ files, missing, extra, same, assessment }: Comparison): string {
  const differing = files.filter(file => !file.same).length;
  const parts = [
    { count: differing - missing.length - extra.length, how: 'by content' },
    { count: missing.length, how: 'missing' },
    { count: extra.length, how: 'extra' },
  ].filter(part => part.count > 0);
  const how = parts.map(({ count, how }) => (parts.length === 1 ? how : `${count} ${how}`)).join(', ');
  const all = files.length === 1 ? 'The output is the same' : `All ${files.length} outputs are the same`;
  const some =
    files.length === 1
      ? 'The output differs'
      : `${differing} of ${files.length} outputs ${differing === 1 ? 'differs' : 'differ'}`;
  const outputs = same ? all : `${some} (${how})`;
  return assessment === null ? `${outputs}.` : `${outputs}. Table 1 says ${assessment}.`;
}

/** Every option with its value, e.g. `rtol 0.000001, equal_nan true`; those that say nothing ([] and null) as `none`. */
export function optionsText({ method }: Comparison): string {
  return Object.entries(method.options)
    .map(([name, value]) => `${name} ${optionText(value)}`)
    .join(', ');
}

function optionText(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  if (typeof value === 'number' || typeof value === 'boolean') return numberText(value);
  if (typeof value === 'object' && Object.keys(value).length === 0) return 'none';
  return JSON.stringify(value);
}

/** A number as it is typed and read: all its digits, as short as they go. */
export function numberText(value: number | boolean | string | null): string {
  if (typeof value === 'number' && Math.abs(value) < 1e-4 && value !== 0) return value.toExponential();
  return String(value);
}

/** Those that differ first, worst of all those that no tolerance helps. */
export function filesInOrder(files: readonly FileResult[]): { differing: FileResult[]; same: FileResult[] } {
  return { differing: files.filter(file => !file.same), same: files.filter(file => file.same) };
}

/** A name or value of anyone's making, cut in its middle to at most `most` characters. */
export function shortened(text: string, most: number): string {
  const characters = [...text];
  if (characters.length <= most) return text;
  const half = Math.floor((most - 1) / 2);
  return `${characters.slice(0, half).join('')}…${characters.slice(-half).join('')}`;
}
