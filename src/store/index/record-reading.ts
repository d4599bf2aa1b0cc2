import { parseBranchPath } from '../../domain/branch-layout.ts';
import { readDocument } from '../../domain/documents.ts';
import { Problem } from '../../domain/problem.ts';
import type { StoredRecord } from '../../domain/record-fields.ts';
import type { RecordStore, Snapshot } from '../record-store.ts';

/** Records asked of the store at a time: few enough to hold, enough to keep git busy while the last ones are parsed. */
const batchSize = 512;

/** The paths of records that differ between two commits of the branch (`before` null: all of them). */
export async function changedRecords(
  store: RecordStore,
  before: string | null,
  after: string,
): Promise<{ readonly written: string[]; readonly removed: string[] }> {
  const written: string[] = [];
  const removed: string[] = [];
  for (const difference of await store.differences(before, after)) {
    if (parseBranchPath(difference.path)?.kind === 'record') {
      (difference.after ? written : removed).push(difference.path);
    }
  }
  return { written, removed };
}

export interface RecordBatch {
  readonly records: readonly StoredRecord[];
  /** Whether git gave every file; a record whose file it could not give is damaged only until git is repaired. */
  readonly complete: boolean;
}

/** Reads the records at these paths, batch after batch, in the order given. Those that cannot be read are damaged. */
export async function* readRecords(tip: Snapshot, paths: readonly string[]): AsyncGenerator<RecordBatch> {
  const ask = (start: number) => {
    const batch = readBytes(tip, paths.slice(start, start + batchSize));
    // It is awaited one batch later; until then its failure is nobody's.
    batch.catch(() => {});
    return batch;
  };
  let next = ask(0);
  for (let start = 0; start < paths.length; start += batchSize) {
    const bytes = await next;
    next = ask(start + batchSize);
    yield {
      records: bytes.map((content, index) => recordOf(paths[start + index]!, content)),
      complete: !bytes.some(content => content instanceof Problem),
    };
  }
}

async function readBytes(tip: Snapshot, paths: readonly string[]): Promise<(Uint8Array | null | Problem)[]> {
  if (paths.length === 0) return [];
  try {
    return await tip.readAll(paths);
  } catch (cause) {
    if (!(cause instanceof Problem) || cause.code !== 'DAMAGED') throw cause;
    if (paths.length === 1) return [cause];
    const contents: (Uint8Array | null | Problem)[] = [];
    for (const path of paths) contents.push(...(await readBytes(tip, [path])));
    return contents;
  }
}

function recordOf(path: string, content: Uint8Array | null | Problem): StoredRecord {
  const place = parseBranchPath(path);
  if (place?.kind !== 'record') throw new Problem('DEFECT', `${path} is no record's place`);
  if (content === null || content instanceof Problem) {
    const because = content?.message ?? 'there is no file at this place';
    return { id: place.id, faults: [{ path, line: null, column: null, field: null, because }] };
  }
  const reading = readDocument('record', content, path);
  return 'value' in reading ? { id: place.id, record: reading.value } : { id: place.id, faults: reading.faults };
}
