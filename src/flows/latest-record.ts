import type { RecordAtom } from '../domain/generated/shapes.ts';
import type { CommitInfo, RecordStore, Snapshot } from '../store/record-store.ts';
import { findRecord } from './branch-documents.ts';
import { recordsOfCommit } from './records-of-commit.ts';

/** Commits that are looked at, however many writers there were while the newest run went on. */
const mostCommits = 256;
/** Milliseconds by which the clocks of those who run and of those who commit may differ. */
const skew = 60_000;

/**
 * The newest finished record of a branch, by the time at which it began, without reading the store: a record is
 * committed after it began, so that behind a commit that is older than the best one found there is no newer one.
 * @param except this run's own
 */
export async function latestRecord(store: RecordStore, tip: Snapshot, except: string): Promise<RecordAtom | null> {
  let best: RecordAtom | null = null;
  const seen = new Set([except]);
  let next: string | undefined = tip.commit;
  for (let count = 0; next !== undefined && count < mostCommits; count++) {
    const commit: CommitInfo = await store.commitInfo(next);
    if (best !== null && commit.author.at.getTime() < Date.parse(best.created) - skew) break;
    for (const id of await recordsOfCommit(store, commit)) {
      if (seen.has(id) || (best !== null && id < best.id)) continue;
      seen.add(id);
      const record = await findRecord(tip, id);
      if (record?.status === 'finished') best = record;
    }
    next = commit.parents[0];
  }
  return best;
}
