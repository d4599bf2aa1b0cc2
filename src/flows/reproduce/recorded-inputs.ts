import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { inputPath } from '../../domain/branch-layout.ts';
import type { RecordAtom, RecordedFile } from '../../domain/generated/shapes.ts';
import { Problem } from '../../domain/problem.ts';
import { bytes } from '../../domain/wording.ts';
import { digestOrNull, findByDigest } from '../../machine/files/find-by-digest.ts';
import type { ShowProgress } from '../../machine/files/pace.ts';
import { type Placed, placeFile } from '../../machine/files/place-file.ts';
import type { Snapshot } from '../../store/record-store.ts';

const outside = 'external/';

/** `--input PATH=FILE`: another file in the place of a recorded input. */
export interface OtherInput {
  readonly path: string;
  /** Absolute. */
  readonly file: string;
}

export interface RecordedInputs {
  /** By path, what is to be put there; an input that stands where it should is not in it. */
  readonly placed: ReadonlyMap<string, Placed>;
  /** Absolute; null where the run read none. */
  readonly stdin: string | null;
  /** What `run --input` would be told: each recorded input. */
  readonly asked: readonly string[];
}

export interface InputPlaces {
  readonly tip: Snapshot;
  /** The user's working tree; null where there is none. */
  readonly workingTree: string | null;
  /** The labelled directory, with the source in it. */
  readonly folder: string;
  /** `--stdin FILE`, absolute. */
  readonly stdin: string | null;
  readonly others: readonly OtherInput[];
  readonly progress?: ShowProgress;
}

/**
 * Where every recorded input comes from: another file that was given for it, the branch, the source, the user's working
 * tree (at its path, or wherever a file has its bytes). Each is proved by its digest.
 * @throws Problem NOT_FOUND that names all that must be supplied, each with its flag; USAGE for an `--input` that is none
 *   of the record's; DAMAGED where the branch has other bytes than its record says
 */
export async function findRecordedInputs(record: RecordAtom, places: InputPlaces): Promise<RecordedInputs> {
  const { tip, workingTree, folder, others, progress } = places;
  requireKnown(record, others);
  const given = new Map(others.map(({ path, file }) => [path, file]));
  const placed = new Map<string, Placed>();
  const unknown: RecordedFile[] = [];
  for (const input of record.inputs) {
    const other = given.get(input.path);
    if (other !== undefined) placed.set(input.path, { copyOf: other });
    else if (input.stored) placed.set(input.path, { bytes: await storedInput(tip, record, input) });
    else if (!(await standsIn(input, folder))) unknown.push(input);
  }
  const wantsStdin = record.program.stdin !== null && places.stdin === null;
  const found =
    workingTree === null
      ? new Map<string, string>()
      : await findByDigest(workingTree, [...unknown, ...(wantsStdin ? [record.program.stdin!] : [])], progress);
  const missing: string[] = [];
  for (const input of unknown) {
    const isOutside = input.path.startsWith(outside);
    const at = found.get(input.sha256);
    if (at !== undefined && !isOutside) placed.set(input.path, { copyOf: at });
    else missing.push(sentence(input, isOutside));
  }
  const { stdin } = record.program;
  const stdinFile = places.stdin ?? (stdin === null ? null : (found.get(stdin.sha256) ?? null));
  if (stdin !== null && stdinFile === null) {
    missing.push(`its standard input (${described(stdin)}): --stdin FILE`);
  }
  if (missing.length > 0) {
    throw new Problem(
      'NOT_FOUND',
      `${record.id} cannot be run without ${missing.length === 1 ? 'this input, which is' : 'these inputs, which are'} neither on the branch nor in the working tree:\n${missing.map(line => `  ${line}`).join('\n')}\nAnother file is taken likewise, as another input.`,
    );
  }
  return { placed, stdin: stdinFile, asked: record.inputs.map(({ path }) => askedPath(path)) };
}

/** Puts them into the labelled directory. */
export async function placeInputs(folder: string, { placed }: RecordedInputs): Promise<void> {
  for (const [path, content] of placed) await placeFile(folder, path, content);
}

function requireKnown(record: RecordAtom, others: readonly OtherInput[]): void {
  const paths = record.inputs.map(({ path }) => path);
  const strange = others.find(({ path }) => !paths.includes(path));
  if (strange !== undefined) {
    const known = paths.length === 0 ? 'it has none' : `they are ${paths.slice(0, 20).join(', ')}`;
    throw new Problem('USAGE', `--input ${strange.path}=…: ${record.id} has no such input; ${known}`);
  }
  const external = others.find(({ path }) => path.startsWith(outside));
  if (external !== undefined) {
    throw new Problem(
      'USAGE',
      `--input ${external.path}=…: the run names that file by its absolute path, so no other can stand in for it; put it at ${absolute(external.path)}`,
    );
  }
}

async function storedInput(tip: Snapshot, record: RecordAtom, { path, sha256 }: RecordedFile): Promise<Uint8Array> {
  const at = inputPath(record.id, path);
  const content = await tip.read(at);
  if (content !== null && createHash('sha256').update(content).digest('hex') === sha256) return content;
  throw new Problem(
    'DAMAGED',
    `${at} ${content === null ? 'is not there' : 'has not the sha256 that its record says'}, so nothing was run. \`corroborate verify\` shows what else is wrong.`,
  );
}

async function standsIn({ path, sha256 }: RecordedFile, folder: string): Promise<boolean> {
  return (await digestOrNull(path.startsWith(outside) ? absolute(path) : join(folder, path))) === sha256;
}

function absolute(path: string): string {
  return resolve('/', path.slice(outside.length));
}

function sentence(input: RecordedFile, isOutside: boolean): string {
  const what = `${input.path} (${described(input)})`;
  return isOutside ? `${what}: put it at ${absolute(input.path)}` : `${what}: --input '${input.path}=FILE'`;
}

function described({ size, sha256 }: { readonly size: number; readonly sha256: string }): string {
  return `${bytes(size)}, sha256 ${sha256}`;
}

/** As a glob that means this file and no other. */
function askedPath(path: string): string {
  return path.startsWith(outside) ? absolute(path) : path.replace(/[*?[\]{}()!+@\\]/g, '\\$&');
}
