import type { FileResult, Path, Sha256 } from '../domain/generated/shapes.ts';
import { Problem } from '../domain/problem.ts';
import { wellFormed } from '../domain/well-formed.ts';
import type { Comparison, Method, Options, Sides } from './method.ts';

/** One output of one side. */
export interface ListedFile {
  readonly path: Path;
  readonly sha256: Sha256;
  /** bytes */
  readonly size: number;
  /** Its content, or null when that is not to be had (it was not stored). */
  read(): Promise<Uint8Array> | null;
}

export type Listing = readonly ListedFile[];

/** How much the comparison of all outputs together may cost; counted, never timed. */
export interface OutputsBudget {
  /** Largest file that is read, in bytes. */
  readonly bytes: number;
  /** Bytes read in all, of both sides. */
  readonly totalBytes: number;
  /** Steps of all files together, about 1e9 a second. */
  readonly steps: number;
}

/**
 * What every door allows, so that they come to equal results: as much as the records branch ever stores, and some 20
 * seconds. Part of what a result means (docs/decisions/over-budget.md): only folders that are no records may have another.
 */
export const outputsBudget: OutputsBudget = {
  bytes: 64 * 1024 ** 2,
  totalBytes: 256 * 1024 ** 2,
  steps: 2e10,
};

export interface OutputsComparison {
  /** Whether every file of the union is the same. */
  readonly same: boolean;
  /** Paths that only the targeted record has, sorted. */
  readonly missing: readonly Path[];
  /** Paths that only the requester's record has, sorted. */
  readonly extra: readonly Path[];
  /** One result for each path of the union, sorted by path. */
  readonly files: readonly FileResult[];
  /** The paths whose results are not the last word here, and why: their results rest on the requester's word. */
  readonly unsettled: readonly { readonly path: Path; readonly because: string }[];
  /** Why the method came to no answer on a file (it failed, or its program did): then nothing may be claimed by it. */
  readonly failed: string | null;
}

/** Code unit order, so that no locale changes it. */
function byText(one: string, two: string): number {
  return one < two ? -1 : one > two ? 1 : 0;
}

function byPath(listing: Listing): Map<Path, ListedFile> {
  const files = new Map(listing.map(file => [file.path, file]));
  if (files.size !== listing.length) throw new Problem('INVALID', 'A listing of outputs names a path twice.');
  return files;
}

function sentence(error: unknown): string {
  return String(error instanceof Error ? error.message : error).slice(0, 1000);
}

/**
 * Compares the outputs of two records, file by file over the union of their paths (design, section 4). A file on one
 * side only is different, files of equal digest are the same at no cost, and the method tells the rest. Whatever
 * cannot be computed is not the same, and is listed in `unsettled`; where the budget ended the result says `exact: false`. `options` are those of `readOptions`.
 * Throws Problem REFUSED when neither side has an output, and the method's own Problem for options that it refuses.
 * @param rest awaited between two files, so that a server can serve others: a file as large as a branch stores without
 *   being told to takes two seconds at most
 */
export async function compareOutputs(
  from: Listing,
  toward: Listing,
  method: Method,
  options: Options,
  budget: OutputsBudget,
  rest: () => Promise<void> = async () => {},
): Promise<OutputsComparison> {
  const ours = byPath(from);
  const theirs = byPath(toward);
  const paths = [...new Set([...ours.keys(), ...theirs.keys()])].sort(byText);
  if (paths.length === 0) throw new Problem('REFUSED', 'Neither side has outputs: there is nothing to compare.');

  const missing: Path[] = [];
  const extra: Path[] = [];
  const files: FileResult[] = [];
  const unsettled: { path: Path; because: string }[] = [];
  const pairs: Pair[] = [];
  let failed: string | null = null;
  const settle = (path: Path, because: string, measures: { readonly exact?: false } = {}): void => {
    files.push({ path, same: false, identical: false, ...measures, reason: because });
    unsettled.push({ path, because });
  };

  const fail = (path: Path, because: string): void => {
    failed ??= because;
    settle(path, `The bytes differ, and ${because}`);
  };
  const told = (path: Path, found: Comparison): void => {
    const { steps: _, failed: missing, unsettled: because = missing, ...measures } = found;
    failed ??= missing ?? null;
    // Values that were cut to length may end in half a surrogate pair, which no request could hold.
    const result: FileResult = { path, ...wellFormed(measures), identical: false };
    // Whoever reads the result later has nothing else to tell this by.
    files.push(because !== undefined && method.repeatable ? { ...result, exact: false } : result);
    if (because !== undefined) unsettled.push({ path, because });
    else if (!method.repeatable) unsettled.push({ path, because: 'The method cannot be computed again here.' });
  };

  let bytesLeft = budget.totalBytes;
  for (const path of paths) {
    const one = ours.get(path);
    const two = theirs.get(path);
    if (!one) {
      missing.push(path);
      files.push({ path, same: false, identical: false, reason: 'Only the targeted record has this file.' });
    } else if (!two) {
      extra.push(path);
      files.push({ path, same: false, identical: false, reason: "Only the requester's record has this file." });
    } else if (one.sha256 === two.sha256) {
      files.push({ path, ...(method.ofIdentical ?? { same: true }), identical: true });
    } else if (Math.max(one.size, two.size) > budget.bytes) {
      settle(path, `The bytes differ, and a file is larger than the ${budget.bytes} bytes that are read.`, overBudget);
    } else if (one.size + two.size > bytesLeft) {
      settle(
        path,
        `The bytes differ, and the ${budget.totalBytes} bytes that are read in all were used up before.`,
        overBudget,
      );
    } else {
      bytesLeft -= one.size + two.size;
      pairs.push({ one, two });
    }
  }

  if (method.compareTogether) await together(method.compareTogether);
  else await oneByOne();
  files.sort((one, two) => byText(one.path, two.path));
  unsettled.sort((one, two) => byText(one.path, two.path));
  return { same: files.every(file => file.same), missing, extra, files, unsettled, failed };

  async function oneByOne(): Promise<void> {
    // Each file may use its part, by size, of the steps that are left, so that a hard file does not starve the others.
    let stepsLeft = budget.steps;
    let sizeLeft = pairs.reduce((sum, { one, two }) => sum + one.size + two.size, 0);
    for (const { one, two } of pairs) {
      const size = one.size + two.size;
      const steps = sizeLeft === 0 ? stepsLeft : (stepsLeft * size) / sizeLeft;
      sizeLeft -= size;
      const [left, right] = await Promise.all([one.read(), two.read()]);
      if (!left || !right) {
        settle(one.path, notToBeHad(left, right));
        continue;
      }
      try {
        const found = await method.compare(one.path, left, right, options, { bytes: budget.bytes, steps });
        stepsLeft = Math.max(0, stepsLeft - Math.min(found.steps ?? 0, steps));
        told(one.path, found);
      } catch (error) {
        if (error instanceof Problem) throw error;
        // A method answers for what it cannot read; should it fail all the same, that is no verdict.
        fail(one.path, `the method failed on them: ${sentence(error)}`);
      }
      await rest();
    }
  }

  async function together(compareTogether: NonNullable<Method['compareTogether']>): Promise<void> {
    if (pairs.length === 0) return;
    // The files in question come first; the others are given as far as the bytes go.
    const inQuestion = new Set(pairs.map(({ one }) => one.path));
    const isGiven = ({ path, size }: ListedFile): boolean => {
      if (inQuestion.has(path)) return true;
      if (size > Math.min(budget.bytes, bytesLeft)) return false;
      bytesLeft -= size;
      return true;
    };
    const sides: Sides = { from: await contents(from, isGiven), toward: await contents(toward, isGiven) };
    const asked: Path[] = [];
    for (const path of inQuestion) {
      const [left, right] = [sides.from.get(path), sides.toward.get(path)];
      if (left && right) asked.push(path);
      else settle(path, notToBeHad(left, right));
    }
    if (asked.length === 0) return;
    const answer = await compareTogether(sides, asked, options);
    for (const path of asked) {
      const found = 'failed' in answer ? undefined : answer.get(path);
      if (found) told(path, found);
      else fail(path, 'failed' in answer ? answer.failed : 'the method says nothing of them.');
    }
  }
}

const overBudget = { exact: false } as const;

interface Pair {
  readonly one: ListedFile;
  readonly two: ListedFile;
}

function notToBeHad(left: unknown, right: unknown): string {
  const sides = [...(left ? [] : ["the requester's"]), ...(right ? [] : ['the targeted'])].join(' and ');
  return `The bytes differ, and the content of ${sides} file is not to be had.`;
}

async function contents(listing: Listing, isGiven: (file: ListedFile) => boolean): Promise<Map<Path, Uint8Array>> {
  const found = new Map<Path, Uint8Array>();
  for (const file of listing) {
    const bytes = isGiven(file) ? await file.read() : null;
    if (bytes) found.set(file.path, bytes);
  }
  return found;
}
