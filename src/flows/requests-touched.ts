import { parseBranchPath } from '../domain/branch-layout.ts';
import { isSamePair } from '../domain/diff-request.ts';
import { readDocument } from '../domain/documents.ts';
import type { DiffRequest, RecordAtom } from '../domain/generated/shapes.ts';
import { Problem } from '../domain/problem.ts';
import type { RecordStore, Snapshot } from '../store/record-store.ts';
import { findRecord, readHistory } from './branch-documents.ts';
import { readBounded, requestsIn } from './read-bounded.ts';

/** What one move of the records branch may change for a request that waits. */
export interface BranchMove {
  /** The branch after it. */
  readonly now: Snapshot;
  /** Records that came or changed. */
  readonly records: ReadonlySet<string>;
  /** Requests that came or changed. */
  readonly requests: readonly DiffRequest[];
  /** Containers that came into the history. */
  readonly containers: ReadonlySet<string>;
  /** project.yml itself, or something that cannot be told: all requests are touched. */
  readonly everything: boolean;
}

/** @param before null where the branch was made */
export async function readMove(store: RecordStore, before: string | null, after: string): Promise<BranchMove> {
  const now = await store.snapshot(after);
  const paths = (await store.differences(before, after)).map(({ path }) => path);
  const places = paths.map(parseBranchPath);
  const ids = places.flatMap(place => (place && 'id' in place && place.kind !== 'diff' ? [place.id] : []));
  const diffs = paths.filter((_, index) => places[index]?.kind === 'diff');
  const contents = await now.readAll(diffs);
  const requests = diffs.flatMap((path, index) => {
    const reading = contents[index] ? readDocument('diff', contents[index], path) : null;
    return reading && 'value' in reading ? [reading.value] : [];
  });
  const isHistory = places.some(place => place?.kind === 'history');
  return {
    now,
    records: new Set(ids),
    requests,
    containers: isHistory ? await newContainers(store, before, now) : new Set(),
    everything: before === null || places.some(place => place?.kind === 'project') || requests.length < diffs.length,
  };
}

async function newContainers(store: RecordStore, before: string | null, now: Snapshot): Promise<Set<string>> {
  const known = before === null ? [] : await readHistory(await store.snapshot(before));
  const ids = new Set(known.map(({ id }) => id));
  return new Set((await readHistory(now)).map(({ id }) => id).filter(id => !ids.has(id)));
}

/** Whether the move touched the request that a commit proposes; one that cannot be read is judged again. */
export async function isTouched(store: RecordStore, commit: string, move: BranchMove): Promise<boolean> {
  if (move.everything) return true;
  const { parents } = await store.commitInfo(commit);
  if (parents.length !== 1) return false;
  const [path] = await requestsIn(store, parents[0]!, commit);
  if (path === undefined) return false;
  const proposed = await store.snapshot(commit);
  const bytes = await readBounded(proposed, path);
  const reading = bytes ? readDocument('diff', bytes, path) : null;
  if (!reading || !('value' in reading)) return false;
  const diff = reading.value;
  if (move.records.has(diff.from) || move.records.has(diff.toward)) return true;
  if (move.requests.some(other => other.id === diff.id || isSamePair(other, diff))) return true;
  if (move.containers.size === 0) return false;
  for (const id of [diff.from, diff.toward]) {
    const record = (await recordOrNull(move.now, id)) ?? (await recordOrNull(proposed, id));
    if (record !== null && move.containers.has(record.image ?? '')) return true;
  }
  return false;
}

/** A record that is damaged is a matter of the rules. */
async function recordOrNull(snapshot: Snapshot, id: string): Promise<RecordAtom | null> {
  try {
    return await findRecord(snapshot, id);
  } catch (cause) {
    if (cause instanceof Problem) return null;
    throw cause;
  }
}
