import { parseBranchPath } from '../domain/branch-layout.ts';
import { isRecordId } from '../domain/record-id.ts';
import type { CommitInfo, RecordStore } from '../store/record-store.ts';

/** The ids of the records that a commit of the branch is about, as its message tells, or else what it changed. */
export async function recordsOfCommit(store: RecordStore, { commit, parents, message }: CommitInfo): Promise<string[]> {
  const told = /^Record (\S+): /.exec(message)?.[1];
  if (told !== undefined && isRecordId(told)) return [told];
  const [parent] = parents;
  if (parent === undefined) return [];
  const changed = (await store.differences(parent, commit)).flatMap(({ path }) => {
    const place = parseBranchPath(path);
    return place?.kind === 'record' ? [place.id] : [];
  });
  return changed.sort().reverse();
}
