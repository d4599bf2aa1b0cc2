import type { RecordStore } from './record-store.ts';

/** A git folder of one's own in which a proposal is made. */
export interface Workshop {
  /** Its objects. */
  readonly store: RecordStore;
  /** Brings a commit of the target over, with its past: a root has none. */
  fetch(commit: string): Promise<void>;
  /** Makes a branch of that name where proposals go. @throws Problem BRANCH_MOVED where there is one already */
  push(commit: string, branch: string): Promise<void>;
}

/**
 * A target's records branch, on which one cannot write, with commits of one's own on top of it: these are made and read
 * here, everything else is read there, and a branch for them is made where one can write.
 */
export function proposingStore(target: RecordStore, workshop: Workshop): RecordStore {
  const own = new Set<string>();
  const { store } = workshop;
  const holding = (commit: string) => (own.has(commit) ? store : target);
  return {
    ...target,
    snapshot: commit => holding(commit).snapshot(commit),
    commitInfo: commit => holding(commit).commitInfo(commit),
    differences: (before, after) => holding(after).differences(before, after),
    async commit(parent, change) {
      await workshop.fetch(parent);
      const made = await store.commit(parent, change);
      own.add(made.commit);
      return made;
    },
    move: (branch, from, to) =>
      own.has(to) && from === null ? workshop.push(to, branch) : target.move(branch, from, to),
    async close() {
      await Promise.all([store.close(), target.close()]);
    },
  };
}
