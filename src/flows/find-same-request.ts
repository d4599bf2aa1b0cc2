import { diffPath, recordPath } from '../domain/branch-layout.ts';
import { readDocument } from '../domain/documents.ts';
import type { DiffRequest, Proposition, RecordAtom, User } from '../domain/generated/shapes.ts';
import { Problem } from '../domain/problem.ts';
import { compareInputs, compareSource } from '../domain/record-comparison.ts';
import { isSameUser } from '../domain/user.ts';
import type { RecordStore, Snapshot } from '../store/record-store.ts';
import { readSettledRequests } from './branch-documents.ts';

/** What is about to be asked. */
export interface Asked {
  readonly sender: User;
  readonly from: RecordAtom;
  readonly toward: string;
  readonly proposition: Proposition;
}

/** A request that waits somewhere: its id, and its commit in `store`. */
export interface Waiting {
  readonly id: string;
  readonly commit: string;
}

/**
 * Those of the requests that wait which ask the same already: same sender, toward the same record, with a run of the same
 * source and inputs, and the same proposition (design, section 8). What cannot be read asks nothing.
 * @param tip of the target's branch
 */
export async function findSameRequests<W extends Waiting>(
  store: RecordStore,
  tip: Snapshot,
  waiting: readonly W[],
  asked: Asked,
): Promise<W[]> {
  const same = await Promise.all(waiting.map(one => isSame(store, tip, one, asked)));
  return waiting.filter((_, index) => same[index]);
}

async function isSame(store: RecordStore, tip: Snapshot, { id, commit }: Waiting, asked: Asked): Promise<boolean> {
  const path = diffPath(id);
  // On the target's branch it is settled.
  const [proposed, settled] = await Promise.all([snapshotOrNull(store, commit), tip.read(path)]);
  const bytes = settled === null ? await proposed?.read(path) : null;
  const reading = bytes ? readDocument('diff', bytes, path) : null;
  if (!reading || !('value' in reading)) return false;
  return asksTheSame(reading.value, asked, async at => (await proposed!.read(at)) ?? tip.read(at));
}

/**
 * The newest request of those that are settled on the branch which asked the same, by the same method with the same
 * options: whoever answered it has said what there is to say. Null where there is none.
 */
export async function findSettledRequest(
  tip: Snapshot,
  asked: Asked,
  compared: Pick<DiffRequest['diff'], 'method' | 'name' | 'options'>,
): Promise<DiffRequest | null> {
  for (const request of (await readSettledRequests(tip)).reverse()) {
    const { diff } = request;
    const isAlike =
      diff.method === compared.method &&
      diff.name === compared.name &&
      JSON.stringify(diff.options) === JSON.stringify(compared.options);
    if (isAlike && (await asksTheSame(request, asked, at => tip.read(at)))) return request;
  }
  return null;
}

async function asksTheSame(
  diff: DiffRequest,
  { sender, from, toward, proposition }: Asked,
  read: (path: string) => Promise<Uint8Array | null>,
): Promise<boolean> {
  if (diff.toward !== toward || diff.proposition !== proposition || !isSameUser(diff.sender, sender)) return false;
  const place = recordPath(diff.from);
  const known = await read(place);
  const record = known ? readDocument('record', known, place) : null;
  if (!record || !('value' in record)) return false;
  return compareSource(record.value, from) === 'same' && compareInputs(record.value, from).inputs === 'same';
}

async function snapshotOrNull(store: RecordStore, commit: string): Promise<Snapshot | null> {
  try {
    return await store.snapshot(commit);
  } catch (problem) {
    if (problem instanceof Problem && (problem.code === 'NOT_FOUND' || problem.code === 'DAMAGED')) return null;
    throw problem;
  }
}
