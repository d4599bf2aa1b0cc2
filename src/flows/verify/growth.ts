import { historyPath, parseBranchPath, recordPath } from '../../domain/branch-layout.ts';
import { historyLoss } from '../../domain/container.ts';
import { answeredBefore } from '../../domain/diff-request.ts';
import { type Documents, readDocument } from '../../domain/documents.ts';
import type { RecordAtom } from '../../domain/generated/shapes.ts';
import type { CommitInfo, Difference, Entry, RecordStore, Snapshot } from '../../store/record-store.ts';
import { isDeniedOnly } from '../denied-record.ts';
import type { BranchProblem, Progress } from '../verify-branch.ts';
import { type Ancestry, ancestry } from './ancestry.ts';
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
  const lines = ancestry();
  let walked = 0;
  for await (const commit of store.history(tip.commit, except)) {
    lines.add(commit.commit, commit.parents);
    const parents = await Promise.all(commit.parents.map(parent => store.snapshot(parent)));
    const child = parents.length > 0 ? await store.snapshot(commit.commit) : null;
    for (const [index, before] of parents.entries()) {
      const differences = index === 0 ? commit.changes : await changesAgainst(store, commit, index, child!, lines);
      const step: Step = { before, after: child!, met: parents.filter(other => other !== before), isMerge: index > 0 };
      for (const difference of differences) {
        const because = await lossIn(difference, step);
        if (because !== null) {
          problems.push(problem(difference.path, 'growth', `the commit ${commit.commit.slice(0, 10)} ${because}`));
        }
      }
    }
    progress('walking the commits', ++walked, null);
  }
  return problems;
}

/** From one parent of a commit to that commit. */
interface Step {
  readonly before: Snapshot;
  readonly after: Snapshot;
  /** The commit's other parents. */
  readonly met: readonly Snapshot[];
  /** Whether it is the step from a further parent of a merge. */
  readonly isMerge: boolean;
}

/**
 * What a merge changed against a parent other than its first, of all that this parent's line did since it left the
 * first one's. The rest is as both had it where they parted, and the way from there over the first parent is walked.
 */
async function changesAgainst(
  store: RecordStore,
  { parents }: CommitInfo,
  index: number,
  child: Snapshot,
  lines: Ancestry,
): Promise<Difference[]> {
  const [first, parent] = [parents[0]!, parents[index]!];
  const fork = lines.forkPoint(first, parent) ?? (await store.mergeBase(first, parent));
  const changes: Difference[] = [];
  for (const { path, after: theirs } of await store.differences(fork, parent)) {
    if (theirs === null) continue;
    const now = await entryAt(child, path);
    if (now?.id !== theirs.id || now.mode !== theirs.mode) changes.push({ path, before: theirs, after: now });
  }
  return changes;
}

async function entryAt(snapshot: Snapshot, path: string): Promise<Entry | null> {
  const entries = await snapshot.folder(path.slice(0, Math.max(0, path.lastIndexOf('/'))));
  return entries.find(entry => entry.path === path) ?? null;
}

/** What a commit did to one path that it must not do, in words; null where all is well. */
async function lossIn({ path, before, after }: Difference, step: Step): Promise<string | null> {
  const place = parseBranchPath(path);
  if (place === null) return null;
  switch (place.kind) {
    case 'readme':
    case 'assessment':
      return after === null ? `removed ${path}` : null;
    case 'project':
      return after === null ? 'removed the project' : null;
    case 'history':
      return before === null ? null : lossInHistory(step, after);
    case 'diff':
      return before === null ? null : lossInRequest(step, path, after);
    case 'container':
      // It comes with a request and moves into the history when that is agreed on.
      if (before !== null) return after === null ? null : 'changed a container that came with a request';
      return (await step.before.read(recordPath(place.id))) === null ? null : 'added a container to a record';
    default:
      return lossInRecord(place.id, path, before !== null, after, step);
  }
}

async function documentAt<K extends keyof Documents>(kind: K, snapshot: Snapshot, path: string) {
  const bytes = await snapshot.read(path);
  const reading = bytes ? readDocument(kind, bytes, path) : null;
  return reading && 'value' in reading ? reading.value : null;
}

async function lossInHistory({ before, after, met, isMerge }: Step, now: Entry | null): Promise<string | null> {
  if (now === null) return 'removed the history';
  const [old, grown] = await Promise.all([before, after].map(one => documentAt('history', one, historyPath)));
  if (!grown) return 'made the history unreadable';
  if (!old) return 'changed a history that could not be read';
  const others = await Promise.all(met.map(one => documentAt('history', one, historyPath)));
  const loss = historyLoss(
    old,
    grown,
    others.filter(history => history !== null),
    !isMerge,
  );
  return loss === null ? null : `shrank the history: ${loss}`;
}

async function lossInRequest({ before, met }: Step, path: string, now: Entry | null): Promise<string | null> {
  const request = await documentAt('diff', before, path);
  if (request?.status === 'proposed') return null;
  if (now === null) return 'removed a settled request';
  // Where two answers to one request meet, the earlier one counts.
  for (const other of met) {
    const [entry, rival] = await Promise.all([entryAt(other, path), documentAt('diff', other, path)]);
    if (entry?.id === now.id && rival?.answer && request?.answer && answeredBefore(rival, request)) return null;
  }
  return 'changed a settled request';
}

async function lossInRecord(
  id: string,
  path: string,
  existed: boolean,
  now: Entry | null,
  { before, met }: Step,
): Promise<string | null> {
  const removed = now === null;
  const bytes = await before.read(recordPath(id));
  if (!bytes) return removed ? `removed ${path}` : null;
  const reading = readDocument('record', bytes, recordPath(id));
  if ('value' in reading && unfinished.has(reading.value.status)) return removed ? 'removed a record' : null;
  if (removed) return 'removed a part of a final record';
  if (existed) return 'changed a final record';
  // What a denial left out may come later, with a request that is agreed on or from a clone that has it.
  const others = await Promise.all(met.map(other => entryAt(other, path)));
  const comes = others.some(entry => entry?.id === now.id && entry.mode === now.mode);
  return comes && (await isDeniedOnly(before, id)) ? null : 'added to a final record';
}
