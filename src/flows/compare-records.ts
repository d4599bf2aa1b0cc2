import {
  compareOutputs,
  type ListedFile,
  type OutputsComparison,
  outputsBudget,
} from '../differentiation/compare-outputs.ts';
import type { Method, Options } from '../differentiation/method.ts';
import { outputPath } from '../domain/branch-layout.ts';
import type { Comparison } from '../domain/comparison.ts';
import type { RecordAtom } from '../domain/generated/shapes.ts';
import { type Hint, hintsFor, runSettings, type Setting } from '../domain/hints.ts';
import { comparePaths } from '../domain/path-order.ts';
import { Problem } from '../domain/problem.ts';
import { compareDependencies, compareInputs, compareSource, compareSystems } from '../domain/record-comparison.ts';
import { assess, propositionFor } from '../domain/table-1.ts';

export interface ComparedRecords {
  readonly comparison: Comparison;
  /** What the inputs do not share, in words. */
  readonly inputDifferences: readonly string[];
  /** Seeds and numbers of threads that either run was given. */
  readonly settings: readonly Setting[];
  /** Usual causes that the two records leave open, where the outputs differ. */
  readonly hints: readonly Hint[];
  /** Paths whose results are not the last word, and why: content that is not stored, a budget that ended. */
  readonly unsettled: OutputsComparison['unsettled'];
  /** Why the method came to no answer, where it did: what looks different then may not be. */
  readonly failed: string | null;
}

/** Reads a file beside a record by its path on the branch; null where it is not stored. */
export type ReadStored = (path: string) => Promise<Uint8Array | null>;

/** The outputs of a record as a method sees them; content that is not stored is known by its digest alone. */
export function outputsOf(record: RecordAtom, read: ReadStored): ListedFile[] {
  return record.outputs.map(({ path, sha256, size, stored }) => ({
    path,
    sha256,
    size,
    read: () => (stored ? readStored(read, outputPath(record.id, path)) : null),
  }));
}

async function readStored(read: ReadStored, path: string): Promise<Uint8Array> {
  const bytes = await read(path);
  if (bytes) return bytes;
  throw new Problem(
    'DAMAGED',
    `${path} is said to be stored but is not there. \`corroborate verify\` shows what else is.`,
  );
}

/**
 * Compares two runs: source and inputs by their records, outputs by the method, and what Table 1 says of that.
 * @throws Problem REFUSED where one of them did not finish or has no outputs: such a record cannot be compared
 */
export async function compareRecords(
  from: RecordAtom,
  toward: RecordAtom,
  readFrom: ReadStored,
  readToward: ReadStored,
  method: Method,
  options: Options,
): Promise<ComparedRecords> {
  for (const record of [from, toward]) requireComparable(record);
  const outputs = await compareOutputs(
    outputsOf(from, readFrom),
    outputsOf(toward, readToward),
    method,
    options,
    outputsBudget,
  );
  return { ...comparedRecords(from, toward, outputs, method, options), failed: outputs.failed };
}

/** What Table 1, the inputs, the dependencies and the machines say, of outputs that were compared already. */
export function comparedRecords(
  from: RecordAtom,
  toward: RecordAtom,
  outputs: Omit<OutputsComparison, 'failed'>,
  { word, name }: Pick<Method, 'word' | 'name'>,
  options: Options,
): Omit<ComparedRecords, 'failed'> {
  const { inputs, differences } = compareInputs(from, toward);
  const cell = { source: compareSource(from, toward), inputs, outputs: outputs.same ? 'same' : 'different' } as const;
  const assessment = assess(cell);
  const comparison: Comparison = {
    from: from.id,
    toward: toward.id,
    ...cell,
    assessment,
    proposition: propositionFor(assessment),
    method: { method: word, name, options },
    same: outputs.same,
    missing: outputs.missing,
    extra: outputs.extra,
    files: outputs.files,
    dependencies: compareDependencies(from, toward),
    system: compareSystems(from, toward),
  };
  const isRepetition = cell.source === 'same' && cell.inputs === 'same';
  return {
    comparison,
    inputDifferences: differences,
    settings: runSettings(from, toward),
    hints: outputs.same ? [] : hintsFor(from, toward, isRepetition),
    unsettled: outputs.unsettled,
  };
}

function requireComparable(record: RecordAtom): void {
  if (record.status !== 'finished') {
    throw new Problem(
      'REFUSED',
      `${record.id} cannot be compared: its run is ${record.status}, and only finished runs can.`,
    );
  }
  if (record.outputs.length === 0) {
    throw new Problem('REFUSED', `${record.id} cannot be compared: it has no outputs.`);
  }
}

/** A folder, or a file, that need not be of any record. */
export interface ComparedFolder {
  readonly name: string;
  readonly files: readonly ListedFile[];
  /** What is in it but could not be listed: it is not the same, whatever the other side has. */
  readonly leftOut: readonly { readonly path: string; readonly because: string }[];
}

/** Compares two folders, or two files, that need not be of any record. */
export async function compareFolders(
  from: ComparedFolder,
  toward: ComparedFolder,
  method: Method,
  options: Options,
): Promise<Omit<ComparedRecords, 'inputDifferences' | 'settings' | 'hints'>> {
  const found = await compareOutputs(from.files, toward.files, method, options, outputsBudget);
  const outputs = withoutVerdict(found, [...from.leftOut, ...toward.leftOut]);
  const comparison: Comparison = {
    from: from.name,
    toward: toward.name,
    source: null,
    inputs: null,
    outputs: outputs.same ? 'same' : 'different',
    assessment: null,
    proposition: null,
    method: { method: method.word, name: method.name, options },
    same: outputs.same,
    missing: outputs.missing,
    extra: outputs.extra,
    files: outputs.files,
    dependencies: [],
    system: [],
  };
  return { comparison, unsettled: outputs.unsettled, failed: outputs.failed };
}

/** Of what was left out nothing is known, so that it is not the same: saying nothing of it would pass it. */
function withoutVerdict(found: OutputsComparison, leftOut: ComparedFolder['leftOut']): OutputsComparison {
  if (leftOut.length === 0) return found;
  const because = new Map(leftOut.map(entry => [entry.path, `Not compared: ${entry.because}.`]));
  const isKnown = (path: string) => !because.has(path);
  const unknown = [...because].map(([path, reason]) => ({ path, same: false, identical: false, reason }));
  const files = [...found.files.filter(file => isKnown(file.path)), ...unknown];
  return {
    ...found,
    same: false,
    missing: found.missing.filter(isKnown),
    extra: found.extra.filter(isKnown),
    files: files.sort((one, other) => comparePaths(one.path, other.path)),
    unsettled: [...found.unsettled, ...unknown.map(({ path, reason }) => ({ path, because: reason }))],
  };
}
