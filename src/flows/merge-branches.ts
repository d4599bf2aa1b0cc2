import { assessProject } from '../domain/assessment.ts';
import { historyPath, parseBranchPath, projectPath, recordPath } from '../domain/branch-layout.ts';
import { mergeHistories } from '../domain/container.ts';
import { answeredBefore } from '../domain/diff-request.ts';
import { requireDocument } from '../domain/documents.ts';
import type { DiffRequest, Project, RecordAtom, User } from '../domain/generated/shapes.ts';
import { Problem } from '../domain/problem.ts';
import type { Change, Content, RecordStore, Snapshot } from '../store/record-store.ts';
import {
  derivedFiles,
  readAgreed,
  readHistory,
  readProject,
  readSettledRequests,
  yamlBytes,
} from './branch-documents.ts';
import { isDeniedOnly } from './denied-record.ts';
import { signatureOf } from './world.ts';

/**
 * The merge of two branches that both grew (design, sections 3 and 8): records are only added, so the union is taken
 * path by path; histories merge by id; of two roots the older project.yml wins; a request that was answered stays so;
 * the derived files are made anew.
 */
export async function mergeChange(
  store: RecordStore,
  tip: Snapshot,
  theirs: Snapshot,
  by: User,
  now: Date,
): Promise<Change> {
  const base = await store.mergeBase(tip.commit, theirs.commit);
  const differences = await store.differences(base, theirs.commit);
  const files = new Map<string, Content>();
  const project = await mergeProjects(tip, theirs, files);
  const records = new Map<string, Taken>();
  const requests = new Map((await readSettledRequests(tip)).map(request => [request.id, request]));
  for (const { path, after } of differences) {
    const place = parseBranchPath(path);
    if (place === null || after === null) continue;
    if (place.kind === 'diff') {
      const request = requireDocument('diff', (await theirs.read(path))!, path);
      const kept = laterRequest(requests.get(request.id), request);
      if (kept === request) files.set(path, { blob: after.id });
      requests.set(request.id, kept);
    } else if ('id' in place) {
      if (!records.has(place.id)) records.set(place.id, await taken(tip, theirs, place.id));
      const what = records.get(place.id)!;
      if (what === 'all' || (what === 'contents' && place.kind !== 'record')) files.set(path, { blob: after.id });
    }
  }
  const [ours, other] = await Promise.all([readHistory(tip), readHistory(theirs)]);
  const history = mergeHistories(ours, other);
  if (history.length > ours.length) files.set(historyPath, yamlBytes(history));
  const agreed = await agreedOf([...requests.values()], tip, theirs);
  for (const [path, bytes] of derivedFiles(project, assessProject(agreed, project))) files.set(path, bytes);
  return {
    message: `Merge the records of ${theirs.commit.slice(0, 10)}`,
    author: signatureOf(by, now),
    files,
    merges: theirs.commit,
  };
}

async function mergeProjects(tip: Snapshot, theirs: Snapshot, files: Map<string, Content>): Promise<Project> {
  const [ours, other] = await Promise.all([readProject(tip), readProject(theirs)]);
  if (ours.created <= other.created) return ours;
  files.set(projectPath, yamlBytes(other));
  return other;
}

/** What is taken of their record; the contents alone where we know it from its denial only. */
type Taken = 'all' | 'contents' | 'nothing';

async function taken(tip: Snapshot, theirs: Snapshot, id: string): Promise<Taken> {
  if (await takesTheirs(tip, theirs, id)) return 'all';
  return (await isDeniedOnly(tip, id)) ? 'contents' : 'nothing';
}

const unfinished: ReadonlySet<RecordAtom['status']> = new Set(['started', 'paused']);

/**
 * Whether their state of a record is the one that stays: we lack it, or ours can still change and theirs is later.
 * @throws Problem DAMAGED where both are final and not the same: no merge could keep both
 */
async function takesTheirs(tip: Snapshot, theirs: Snapshot, id: string): Promise<boolean> {
  const path = recordPath(id);
  const [ours, other] = await Promise.all([tip.read(path), theirs.read(path)]);
  if (!other) return false;
  if (!ours) return true;
  const [mine, their] = [requireDocument('record', ours, path), requireDocument('record', other, path)];
  if (!unfinished.has(mine.status)) {
    if (unfinished.has(their.status) || Buffer.compare(ours, other) === 0) return false;
    const [here, there] = [tip.commit, theirs.commit].map(commit => commit.slice(0, 10));
    throw new Problem(
      'DAMAGED',
      `the record ${id} is final here and final there, and not the same: one of the two was changed by hand. Nothing was changed here; \`git diff ${here} ${there} -- ${path}\` shows in what they differ.`,
    );
  }
  return !unfinished.has(their.status) || their.updated > mine.updated;
}

/** An answered request stays answered; of two answers the earlier one counts. */
function laterRequest(ours: DiffRequest | undefined, theirs: DiffRequest): DiffRequest {
  if (!ours?.answer) return theirs.answer || !ours ? theirs : ours;
  return theirs.answer && answeredBefore(theirs, ours) ? theirs : ours;
}

async function agreedOf(requests: readonly DiffRequest[], tip: Snapshot, theirs: Snapshot) {
  const [ours, other] = await Promise.all([readAgreed(tip, requests), readAgreed(theirs, requests)]);
  return ours.map(({ diff, from, toward }, index) => ({
    diff,
    from: from ?? other[index]!.from,
    toward: toward ?? other[index]!.toward,
  }));
}
