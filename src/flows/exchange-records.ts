import { projectPath, requestBranch } from '../domain/branch-layout.ts';
import type { User } from '../domain/generated/shapes.ts';
import { Problem } from '../domain/problem.ts';
import { isRecordId } from '../domain/record-id.ts';
import type { Exchange } from '../store/git-store/exchange.ts';
import type { RecordStore, Snapshot } from '../store/record-store.ts';
import { readHistory, readProject, readSettledRequests } from './branch-documents.ts';
import { listRequests } from './list-requests.ts';
import { mergeChange } from './merge-branches.ts';
import { verifyGrowth } from './verify/growth.ts';

export interface Pulled {
  readonly remote: string;
  /** What became of the records branch here. */
  readonly records: 'nothing there' | 'up to date' | 'created' | 'moved forward' | 'merged';
  readonly commit: string | null;
  /** Requests that wait for an answer and are new here. */
  readonly requests: readonly string[];
}

/** How often two writers may meet before the later one gives up. */
const tries = 5;

/**
 * Fetches the remote's records and open requests and brings them together with those here.
 * @throws Problem FOREIGN_BRANCH where the remote's branch is something else, DAMAGED where it lost or changed what was
 *   final: then nothing here is touched
 */
export async function pullRecords(
  store: RecordStore,
  exchange: Exchange,
  owner: () => User,
  now: () => Date,
  told?: string,
): Promise<Pulled> {
  const remote = await exchange.remote(told);
  const tips = await exchange.fetchBranch(remote);
  let records: Pulled['records'] = 'nothing there';
  if (tips.records !== null) records = await take(store, tips.records, remote, owner, now);
  const requests = await takeRequests(store, tips.diffs);
  return { remote, records, commit: (await store.tip())?.commit ?? null, requests };
}

async function take(
  store: RecordStore,
  theirs: string,
  remote: string,
  owner: () => User,
  now: () => Date,
): Promise<Pulled['records']> {
  const snapshot = await store.snapshot(theirs);
  if ((await snapshot.read(projectPath)) === null) {
    throw new Problem(
      'FOREIGN_BRANCH',
      `the branch ${store.branch} of ${remote} is something else: it has no ${projectPath} at its top. Nothing was changed here.`,
    );
  }
  const tip = await store.tip();
  if (tip && (tip.commit === theirs || (await store.isAncestor(theirs, tip.commit)))) return 'up to date';
  await requireReadable(snapshot, store.branch, remote);
  const [lost] = await verifyGrowth(store, snapshot, () => {}, tip ? [tip.commit] : []);
  if (lost) {
    throw new Problem(
      'DAMAGED',
      `the branch ${store.branch} of ${remote} did not only grow: ${lost.path}: ${lost.because}. Nothing was changed here; ask whoever keeps ${remote}.`,
    );
  }
  if (!tip) {
    await store.move(store.branch, null, theirs);
    return 'created';
  }
  if (await store.isAncestor(tip.commit, theirs)) {
    await store.move(store.branch, tip.commit, theirs);
    return 'moved forward';
  }
  await store.append(async onto =>
    (await store.isAncestor(theirs, onto.commit)) ? null : mergeChange(store, onto, snapshot, owner(), now()),
  );
  return 'merged';
}

/** What every command reads: with it unreadable, hardly one would work here any more. @throws Problem DAMAGED */
async function requireReadable(theirs: Snapshot, branch: string, remote: string): Promise<void> {
  try {
    await Promise.all([readProject(theirs), readHistory(theirs), readSettledRequests(theirs)]);
  } catch (cause) {
    if (!(cause instanceof Problem)) throw cause;
    throw new Problem(
      'DAMAGED',
      `the branch ${branch} of ${remote} cannot be read: ${cause.message} Nothing was changed here; ask whoever keeps ${remote}.`,
      { cause, faults: cause.faults },
    );
  }
}

/** New requests get a branch here; those that the records have settled lose theirs. */
async function takeRequests(
  store: RecordStore,
  diffs: readonly { readonly name: string; readonly commit: string }[],
): Promise<string[]> {
  const here = new Map((await store.branches('diffs/')).map(({ name, commit }) => [name, commit]));
  const settled = await settledBranches(store);
  const added: string[] = [];
  for (const { name, commit } of diffs) {
    if (!isRequestBranch(name) || here.has(name) || settled.has(name)) continue;
    await store.move(name, null, commit);
    added.push(name.slice('diffs/'.length));
  }
  for (const [name, commit] of here) if (settled.has(name)) await store.remove(name, commit);
  return added;
}

/** A branch below `diffs/` that is called otherwise is the user's own. */
function isRequestBranch(name: string): boolean {
  return isRecordId(name.slice('diffs/'.length));
}

/** The branches of requests that the records have settled, each with the commit that was answered. */
async function settledBranches(store: RecordStore): Promise<Map<string, string>> {
  if ((await store.tip()) === null) return new Map();
  const { requests } = await listRequests(store);
  return new Map(
    requests.flatMap(({ diff: { id, answer } }) => (answer ? [[requestBranch(id), answer.commit] as const] : [])),
  );
}

export interface Pushed {
  readonly remote: string;
  readonly branches: readonly string[];
  /** Branches of settled requests that the remote had still. */
  readonly removed: readonly string[];
  /** Why such a branch is still there, where one is; all else was sent. */
  readonly left: string | null;
}

/**
 * Sends the records and the open requests to the remote, pulling first whenever that has what is not here. Then the
 * remote's branches of the requests that these records have settled go, where they stand at what was answered.
 * @throws Problem REMOTE_FAILED in git's own words, BRANCH_MOVED where others were faster five times
 */
export async function pushRecords(
  store: RecordStore,
  exchange: Exchange,
  owner: () => User,
  now: () => Date,
  told?: string,
): Promise<Pushed> {
  const remote = await exchange.remote(told);
  for (let attempt = 1; ; attempt++) {
    const settled = await settledBranches(store);
    const open = (await store.branches('diffs/'))
      .map(({ name }) => name)
      .filter(name => isRequestBranch(name) && !settled.has(name));
    const branches = [store.branch, ...open];
    try {
      await exchange.pushBranch(remote, branches);
      return { remote, branches, ...(await tidy(exchange, remote, settled)) };
    } catch (cause) {
      if (!(cause instanceof Problem) || cause.code !== 'BRANCH_MOVED' || attempt === tries) throw cause;
    }
    await pullRecords(store, exchange, owner, now, remote);
  }
}

/** What was sent is sent: a remote that keeps its branches is no failure. */
async function tidy(exchange: Exchange, remote: string, settled: ReadonlyMap<string, string>) {
  const branches = [...settled].map(([name, commit]) => ({ name, commit }));
  try {
    return await exchange.removeBranches(remote, branches);
  } catch (cause) {
    if (!(cause instanceof Problem)) throw cause;
    return { removed: [], left: cause.message };
  }
}
