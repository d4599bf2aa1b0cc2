import { diffPath, requestBranch } from '../domain/branch-layout.ts';
import { superseded } from '../domain/diff-request.ts';
import { readDocument } from '../domain/documents.ts';
import type { DiffRequest, RequestStatus } from '../domain/generated/shapes.ts';
import type { Fault } from '../domain/problem.ts';
import { isRecordId } from '../domain/record-id.ts';
import type { RecordStore } from '../store/record-store.ts';
import { readSettledRequests, requireTip } from './branch-documents.ts';

/** A request with the branch on which it waits, and that branch's commit; both null once it stands on `records`. */
export interface ListedRequest {
  readonly diff: DiffRequest;
  readonly branch: string | null;
  readonly commit: string | null;
}

export interface RequestList {
  /** Newest first. */
  readonly requests: readonly ListedRequest[];
  /** Settled requests that do not count, by id, each with the one of the same pair that was answered before. */
  readonly superseded: ReadonlyMap<string, DiffRequest>;
  /** Request branches whose diff cannot be read: shown, never dropped. */
  readonly damaged: readonly { readonly id: string; readonly faults: readonly Fault[] }[];
}

export async function listRequests(store: RecordStore, status?: RequestStatus): Promise<RequestList> {
  const tip = await requireTip(store);
  const settled = await readSettledRequests(tip);
  const known = new Set(settled.map(diff => diff.id));
  const requests: ListedRequest[] = settled.map(diff => ({ diff, branch: null, commit: null }));
  const damaged: { id: string; faults: readonly Fault[] }[] = [];
  for (const { name, commit } of await store.branches('diffs/')) {
    const id = name.slice('diffs/'.length);
    if (!isRecordId(id) || known.has(id)) continue;
    const path = diffPath(id);
    const bytes = await (await store.snapshot(commit)).read(path);
    const reading = bytes
      ? readDocument('diff', bytes, path)
      : { faults: [{ path, line: null, column: null, field: null, because: 'the branch holds no such file' }] };
    if ('value' in reading) requests.push({ diff: reading.value, branch: requestBranch(id), commit });
    else damaged.push({ id, faults: reading.faults });
  }
  return {
    requests: requests
      .filter(({ diff }) => status === undefined || diff.status === status)
      .sort((one, other) => (one.diff.id > other.diff.id ? -1 : 1)),
    superseded: superseded(settled),
    damaged: status === undefined || status === 'proposed' ? damaged : [],
  };
}
