import type { RecordAtom } from '../domain/generated/shapes.ts';
import { Problem } from '../domain/problem.ts';
import type { Query } from '../domain/query.ts';
import type { StoredRecord } from '../domain/record-fields.ts';
import { type FoundHeartbeat, isAlive, listHeartbeats } from '../machine/process/heartbeat.ts';
import { thisHost } from '../machine/process/this-host.ts';
import type { RecordIndex } from '../store/index/record-index.ts';
import type { Snapshot } from '../store/record-store.ts';
import { readRecord } from './branch-documents.ts';

const unfinished: ReadonlySet<RecordAtom['status']> = new Set(['started', 'paused']);

/** Runs of this clone whose recorder died: on the branch they are still going on (design, section 8). */
export async function deadRuns(runsFolder: string, now: Date): Promise<FoundHeartbeat[]> {
  const { heartbeats } = await listHeartbeats(runsFolder);
  if (heartbeats.length === 0) return [];
  const host = await thisHost();
  const alive = await Promise.all(heartbeats.map(heartbeat => isAlive(heartbeat, now, host)));
  return heartbeats.filter((_, index) => !alive[index]);
}

/** How a record whose recorder died is shown at once; `recover` makes it final. */
function asUnknown(record: RecordAtom): RecordAtom {
  return { ...record, status: 'unknown' };
}

/** The records that a query finds, newest first, as they are to be seen now. */
export async function listRecords(
  index: RecordIndex,
  runsFolder: string,
  query: Query,
  limit: number | undefined,
  now: Date,
): Promise<StoredRecord[]> {
  const instead = new Map<string, StoredRecord>();
  for (const { id } of await deadRuns(runsFolder, now)) {
    const stored = await index.read(id).catch(() => null);
    if (stored && 'record' in stored && unfinished.has(stored.record.status)) {
      instead.set(id, { id, record: asUnknown(stored.record) });
    }
  }
  return index.search(query, { instead, ...(limit === undefined ? {} : { limit }) });
}

/** One record, as it is to be seen now. @throws Problem NOT_FOUND, INVALID */
export async function seenRecord(tip: Snapshot, id: string, runsFolder: string, now: Date): Promise<RecordAtom> {
  const record = await readRecord(tip, id);
  if (!unfinished.has(record.status)) return record;
  const dead = await deadRuns(runsFolder, now).catch(cause => {
    if (cause instanceof Problem) return [];
    throw cause;
  });
  return dead.some(run => run.id === id) ? asUnknown(record) : record;
}
