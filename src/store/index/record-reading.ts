import { parseBranchPath } from '../../domain/branch-layout.ts';
import { readDocument } from '../../domain/documents.ts';
import { Problem } from '../../domain/problem.ts';
import type { StoredRecord } from '../../domain/record-fields.ts';
import type { Entry, RecordStore } from '../record-store.ts';

/** Records asked of the store at a time: few enough to hold, enough to keep git busy while the last ones are parsed. */
const batchSize = 512;

/**
 * The records that differ between two commits of the branch (`before` null: all of them), oldest id first: git keeps
 * files of one time as differences from each other, and gives them faster in that order than in that of the shards.
 */
export async function changedRecords(
  store: RecordStore,
  before: string | null,
  after: string,
): Promise<{ readonly written: Entry[]; readonly removed: Entry[] }> {
  const written: Entry[] = [];
  const removed: Entry[] = [];
  for (const difference of await store.differences(before, after)) {
    if (parseBranchPath(difference.path)?.kind !== 'record') continue;
    if (difference.after) written.push(difference.after);
    else if (difference.before) removed.push(difference.before);
  }
  const idIn = ({ path }: Entry) => path.slice('records/7f/3a/'.length);
  written.sort((one, other) => (idIn(one) < idIn(other) ? -1 : 1));
  return { written, removed };
}

export interface RecordBatch {
  readonly records: readonly StoredRecord[];
  /** Whether git gave every file; a record whose file it could not give is damaged only until git is repaired. */
  readonly complete: boolean;
}

/** Reads records, batch after batch, in the order given. Those that cannot be read are damaged. */
export async function* readRecords(store: RecordStore, entries: readonly Entry[]): AsyncGenerator<RecordBatch> {
  const ask = (start: number) => {
    const batch = readContents(store, entries.slice(start, start + batchSize));
    // It is awaited one batch later; until then its failure is nobody's.
    batch.catch(() => {});
    return batch;
  };
  let next = ask(0);
  for (let start = 0; start < entries.length; start += batchSize) {
    const contents = await next;
    next = ask(start + batchSize);
    yield {
      records: contents.map((content, index) => recordOf(entries[start + index]!.path, content)),
      complete: !contents.some(content => content instanceof Problem),
    };
  }
}

async function readContents(store: RecordStore, entries: readonly Entry[]): Promise<(Uint8Array | Problem | null)[]> {
  const files = entries.filter(({ mode }) => mode.startsWith('100'));
  let contents: (Uint8Array | Problem)[];
  try {
    contents = await store.contents(files.map(({ id }) => id));
  } catch (cause) {
    if (!(cause instanceof Problem) || cause.code !== 'DAMAGED') throw cause;
    contents = [];
    for (const { id } of files) contents.push(await readContent(store, id));
  }
  const byEntry = new Map(files.map((entry, index) => [entry, contents[index]!]));
  return entries.map(entry => byEntry.get(entry) ?? null);
}

async function readContent(store: RecordStore, id: string): Promise<Uint8Array | Problem> {
  try {
    return (await store.contents([id]))[0]!;
  } catch (cause) {
    if (cause instanceof Problem && cause.code === 'DAMAGED') return cause;
    throw cause;
  }
}

function recordOf(path: string, content: Uint8Array | Problem | null): StoredRecord {
  const place = parseBranchPath(path);
  if (place?.kind !== 'record') throw new Problem('DEFECT', `${path} is no record's place`);
  if (content === null || content instanceof Problem) {
    const because = content?.message ?? 'what stands here is no regular file';
    return { id: place.id, faults: [{ path, line: null, column: null, field: null, because }] };
  }
  const reading = readDocument('record', content, path);
  return 'value' in reading ? { id: place.id, record: reading.value } : { id: place.id, faults: reading.faults };
}
