import { historyPath, parseBranchPath, recordPath } from '../../domain/branch-layout.ts';
import { historyLoss } from '../../domain/container.ts';
import { readDocument } from '../../domain/documents.ts';
import type { RecordAtom } from '../../domain/generated/shapes.ts';
import type { Difference, RecordStore, Snapshot } from '../../store/record-store.ts';
import type { BranchProblem, Progress } from '../verify-branch.ts';
import { problem } from './branch-content.ts';

/** Statuses that a run can still leave. */
const unfinished: ReadonlySet<RecordAtom['status']> = new Set(['started', 'paused']);

/**
 * Walks every commit of the branch: the history only ever grew, and no final record and no request was ever changed
 * or removed. A merge is held against each of its parents.
 * @param except commits whose ancestors were walked before
 */
export async function verifyGrowth(
  store: RecordStore,
  tip: Snapshot,
  progress: Progress,
  except: readonly string[] = [],
): Promise<BranchProblem[]> {
  const problems: BranchProblem[] = [];
  let walked = 0;
  for await (const { commit, parents, changes } of store.history(tip.commit, except)) {
    for (const [index, differences] of changes.entries()) {
      const parent = parents[index];
      if (parent === undefined) continue;
      const before = await store.snapshot(parent);
      for (const difference of differences) {
        const because = await lossIn(difference, before, store, commit);
        if (because !== null)
          problems.push(problem(difference.path, 'growth', `the commit ${commit.slice(0, 10)} ${because}`));
      }
    }
    progress('walking the commits', ++walked, null);
  }
  return problems;
}

/** What a commit did to one path that it must not do, in words; null where all is well. */
async function lossIn(
  { path, before, after }: Difference,
  parent: Snapshot,
  store: RecordStore,
  commit: string,
): Promise<string | null> {
  const place = parseBranchPath(path);
  if (place === null) return null;
  switch (place.kind) {
    case 'readme':
    case 'assessment':
      return after === null ? `removed ${path}` : null;
    case 'project':
      return after === null ? 'removed the project' : null;
    case 'history':
      return before === null ? null : lossInHistory(parent, await store.snapshot(commit));
    case 'diff':
      return before === null ? null : lossInRequest(parent, path, after === null);
    case 'container':
      // It comes with a request and moves into the history when that is agreed on.
      return before !== null && after !== null ? 'changed a container that came with a request' : null;
    default:
      return lossInRecord(place.id, path, before !== null, after === null, parent);
  }
}

async function lossInHistory(parent: Snapshot, child: Snapshot): Promise<string | null> {
  const [before, after] = await Promise.all([parent.read(historyPath), child.read(historyPath)]);
  if (!before) return null;
  if (!after) return 'removed the history';
  const [old, grown] = [readDocument('history', before, historyPath), readDocument('history', after, historyPath)];
  if (!('value' in old) || !('value' in grown)) return null;
  const loss = historyLoss(old.value, grown.value);
  return loss === null ? null : `shrank the history: ${loss}`;
}

async function lossInRequest(parent: Snapshot, path: string, removed: boolean): Promise<string | null> {
  const reading = readDocument('diff', (await parent.read(path)) ?? new Uint8Array(), path);
  if ('value' in reading && reading.value.status === 'proposed') return null;
  return removed ? 'removed a settled request' : 'changed a settled request';
}

async function lossInRecord(
  id: string,
  path: string,
  existed: boolean,
  removed: boolean,
  parent: Snapshot,
): Promise<string | null> {
  const bytes = await parent.read(recordPath(id));
  if (!bytes) return removed ? `removed ${path}` : null;
  const reading = readDocument('record', bytes, recordPath(id));
  if ('value' in reading && unfinished.has(reading.value.status)) return removed ? 'removed a record' : null;
  if (removed) return 'removed a part of a final record';
  return existed ? 'changed a final record' : 'added to a final record';
}
