import { createHash } from 'node:crypto';
import { parseBranchPath, recordContainerPath, recordPath } from '../domain/branch-layout.ts';
import { requireDocument } from '../domain/documents.ts';
import type { RecordAtom } from '../domain/generated/shapes.ts';
import { Problem } from '../domain/problem.ts';
import { corruptions } from '../domain/rules/integrity.ts';
import { whyUnsafe } from '../domain/safe-path.ts';
import type { RecordStore } from '../store/record-store.ts';
import { findRecord, yamlBytes } from './branch-documents.ts';
import { containerFor, ensureBranch, type RecordState, storeStates, withImage } from './run/store-state.ts';
import type { ProjectWords } from './start-project.ts';

/*
 * A record that could not be stored, whole, as one file that fits to be an artifact: what would stand on the branch, by
 * path, as JSON. `corroborate recover FILE` and the Action's `collect` store it later.
 */

const format = 'corroborate-record-1';
/** Bytes of one such file: what a record may hold at most, in base64, and its YAML. */
const largestFile = 512 * 2 ** 20;
/** Bytes in one commit: GitHub takes 40 MB at once. */
const largestCommit = 20 * 2 ** 20;

interface RecordFile {
  readonly format: typeof format;
  readonly project: ProjectWords;
  /** How its run ended. */
  readonly what: string;
  /** base64 by path on the branch: the record's folder with its container.yml. */
  readonly files: Readonly<{ [path: string]: string }>;
}

export async function writeRecordFile(state: RecordState, project: ProjectWords): Promise<Uint8Array> {
  const container = await containerFor(state);
  const { id } = state.draft;
  const files: { [path: string]: string } = {
    [recordPath(id)]: base64(yamlBytes(withImage(state.draft, container.id))),
    [recordContainerPath(id)]: base64(yamlBytes(container)),
  };
  for (const [path, content] of state.files) {
    if (!(content instanceof Uint8Array)) throw new Problem('DEFECT', `${path} is no bytes in a record file.`);
    files[path] = base64(content);
  }
  const file: RecordFile = { format, project, what: state.what, files };
  return new TextEncoder().encode(JSON.stringify(file));
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

/** @throws Problem INVALID for whatever is no whole, valid record file; `name` is what it is called in the sentence */
export function readRecordFile(bytes: Uint8Array, name: string): { project: ProjectWords; state: RecordState } {
  const { project, what, files } = parse(bytes, name);
  const contents = new Map<string, Uint8Array>();
  const ids = new Set<string>();
  for (const [path, text] of Object.entries(files)) {
    const place = parseBranchPath(path);
    const because = whyUnsafe(path);
    if (because !== null) throw invalid(name, `${JSON.stringify(path)} is no safe path: ${because}`);
    if (!place || !('id' in place) || place.kind === 'diff' || typeof text !== 'string')
      throw invalid(name, `${JSON.stringify(path)} is no file of a record`);
    ids.add(place.id);
    contents.set(path, Buffer.from(text, 'base64'));
  }
  const [id] = ids;
  if (id === undefined || ids.size > 1) throw invalid(name, `it holds ${ids.size} records, not one`);
  const take = (path: string) => {
    const content = contents.get(path);
    contents.delete(path);
    if (!content) throw invalid(name, `${path} is missing`);
    return content;
  };
  const record = requireDocument('record', take(recordPath(id)), recordPath(id));
  const container = requireDocument('container', take(recordContainerPath(id)), recordContainerPath(id));
  const wrong = corruptions(
    record,
    [...contents].map(([path, content]) => ({ path, sha256: sha256(content), size: content.length })),
  )[0];
  if (wrong) throw invalid(name, `${wrong.path}: ${wrong.because}`);
  const { image: _, ...draft } = record;
  return {
    project,
    state: {
      draft,
      files: contents,
      what,
      sourceMade: async () => new Date(container.created),
      ranIn: container.image === null ? null : container,
      origin: container.origin,
    },
  };
}

function parse(bytes: Uint8Array, name: string): RecordFile {
  if (bytes.length > largestFile) throw invalid(name, `it has ${bytes.length} bytes`);
  let value: Partial<RecordFile> | null;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw invalid(name, 'it is no JSON');
  }
  if (value?.format !== format) throw invalid(name, 'it is no record file of this version');
  const { project, what, files } = value;
  const isWords =
    project && ['name', 'description', 'goals'].every(key => typeof project[key as keyof ProjectWords] === 'string');
  if (!isWords || typeof project.private !== 'boolean' || typeof what !== 'string' || !files)
    throw invalid(name, 'it is not whole');
  return { format, project, what: what.slice(0, 1000), files };
}

function invalid(name: string, because: string): Problem {
  return new Problem(
    'INVALID',
    `${name} cannot be stored as a record: ${because}. Take it from the job that left it again.`,
  );
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * Stores what jobs left as files, in as few commits as GitHub takes. Records that the branch has are left alone, so
 * that asking twice does nothing twice.
 */
export async function storeRecordFiles(
  store: RecordStore,
  files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
  now: () => Date,
): Promise<{ readonly stored: readonly RecordAtom[]; readonly known: readonly string[] }> {
  const stored: RecordAtom[] = [];
  const known: string[] = [];
  let batch: RecordState[] = [];
  let size = 0;
  const flush = async () => {
    if (batch.length > 0) stored.push(...(await storeStates(store, batch, now())));
    batch = [];
    size = 0;
  };
  const seen = new Set<string>();
  for (const { name, bytes } of files) {
    const { project, state } = readRecordFile(bytes, name);
    const { id } = state.draft;
    await ensureBranch(store, project, state.draft, new Date(state.draft.created));
    const record = await findRecord((await store.tip())!, id);
    if (seen.has(id) || (record !== null && record.status !== 'started' && record.status !== 'paused')) {
      known.push(id);
      continue;
    }
    seen.add(id);
    if (size + bytes.length > largestCommit) await flush();
    batch.push(state);
    size += bytes.length;
  }
  await flush();
  return { stored, known };
}
