import { parseBranchPath } from '../domain/branch-layout.ts';
import type { CommitReader, Snapshot } from '../store/record-store.ts';

/** As much of the records branch as is looked at. */
export interface Branch extends CommitReader {
  tip(): Promise<Snapshot | null>;
}

/**
 * Says on the head of a pull request that may not be read what is lacking, where its commit is a diff request that waits:
 * one on top of the records branch that adds a diff which the branch does not have. All of that is git's to tell.
 * @returns whether it was said
 */
export async function tellUnreadRequest(
  store: Branch,
  head: string | null,
  tell: (commit: string) => Promise<void>,
): Promise<boolean> {
  const tip = head === null ? null : await store.tip();
  if (head === null || tip === null || !(await waits(store, tip, head))) return false;
  await tell(head);
  return true;
}

async function waits(store: CommitReader, tip: Snapshot, head: string): Promise<boolean> {
  const [parent, ...others] = (await store.commitInfo(head)).parents;
  if (parent === undefined || others.length > 0 || !(await store.isAncestor(parent, tip.commit))) return false;
  const changes = await store.differences(parent, head);
  const diffs = changes.filter(({ path }) => parseBranchPath(path)?.kind === 'diff');
  const there = await tip.readAll(diffs.map(({ path }) => path));
  return diffs.length > 0 && there.every(bytes => bytes === null);
}
