import type { Change, RecordStore, Snapshot } from '../../src/store/record-store.ts';

/** A request's branch, as the flow makes it: a commit on top of `parent`, then the branch. */
export async function propose(store: RecordStore, branch: string, parent: string, change: Change): Promise<Snapshot> {
  const made = await store.commit(parent, change);
  await store.move(branch, null, made.commit);
  return made;
}
