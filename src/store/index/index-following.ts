import type { DatabaseSync } from 'node:sqlite';
import { parseBranchPath } from '../../domain/branch-layout.ts';
import { Problem } from '../../domain/problem.ts';
import type { RecordStore, Snapshot } from '../record-store.ts';
import { type IndexState, readState, resetTables, writeState } from './index-schema.ts';
import { IndexWriter } from './index-writer.ts';
import type { Progress } from './record-index.ts';
import { changedRecords, readRecords } from './record-reading.ts';
import { whenFree } from './sqlite.ts';

/** Whether nothing is to be done: the one comparison that every command makes. */
export function standsAt(database: DatabaseSync, store: RecordStore, tip: Snapshot): boolean {
  const state = readState(database);
  return state?.branch === store.branch && state.commit === tip.commit;
}

/**
 * Brings the tables to `tip`, all in one transaction: whoever reads meanwhile, and whoever comes after a crash, sees
 * them as they were. Processes that follow at once take turns, and those who waited find the work done.
 */
export async function followBranch(
  database: DatabaseSync,
  store: RecordStore,
  tip: Snapshot,
  { tries, progress }: { readonly tries: number; readonly progress: Progress | undefined },
): Promise<void> {
  await whenFree(() => database.exec('BEGIN IMMEDIATE'), tries);
  try {
    const state = readState(database);
    const step = await nextStep(state, store, tip);
    if (step) await take(step, database, store, progress);
    await whenFree(() => database.exec('COMMIT'), tries);
  } catch (cause) {
    try {
      database.exec('ROLLBACK');
    } catch {
      // SQLite has rolled back by itself, as it does after some errors; what it said first is what matters.
    }
    throw cause;
  }
}

interface Step {
  /** null: everything anew */
  readonly from: string | null;
  readonly to: Snapshot;
}

/** Forward along the branch where it only grew; anew where it was rewritten; nothing where it is there already. */
async function nextStep(state: IndexState | null, store: RecordStore, tip: Snapshot): Promise<Step | null> {
  if (state?.branch !== store.branch) return { from: null, to: tip };
  const { commit } = state;
  if (commit === tip.commit) return null;
  try {
    if (await store.isAncestor(commit, tip.commit)) return { from: commit, to: tip };
    if (await store.isAncestor(tip.commit, commit)) {
      // Either another process was quicker and the branch has moved on, or the branch was set back by force.
      const now = await store.tip();
      if (now?.commit === commit) return null;
      if (now && (await store.isAncestor(commit, now.commit))) return { from: commit, to: now };
    }
  } catch (cause) {
    // Git has the commit no more: the branch was rewritten and cleaned up.
    if (!(cause instanceof Problem)) throw cause;
  }
  return { from: null, to: tip };
}

async function take({ from, to }: Step, database: DatabaseSync, store: RecordStore, progress?: Progress) {
  const { written, removed } = await changedRecords(store, from, to.commit);
  if (from === null) resetTables(database);
  const writer = new IndexWriter(database, from === null);
  for (const { path } of removed) {
    const place = parseBranchPath(path);
    if (place?.kind === 'record') writer.remove(place.id);
  }
  let done = 0;
  let complete = true;
  for await (const batch of readRecords(store, written)) {
    for (const stored of batch.records) writer.put(stored);
    complete &&= batch.complete;
    done += batch.records.length;
    progress?.(done, written.length);
  }
  writer.finish();
  writeState(database, complete ? { branch: store.branch, commit: to.commit } : null);
}
