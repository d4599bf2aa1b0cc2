import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordAtom } from '../domain/generated/shapes.ts';
import { Problem } from '../domain/problem.ts';
import {
  listWorkingDirectories,
  removeWorkingDirectory,
  type WorkingDirectory,
} from '../machine/files/working-directory.ts';
import { listHeartbeats } from '../machine/process/heartbeat.ts';
import type { RecordStore } from '../store/record-store.ts';
import { findRecord } from './branch-documents.ts';

/** The working directory of an isolated run that has ended. */
export interface LeftDirectory extends WorkingDirectory {
  /** Why it holds what nothing else does, in words; null where the branch has all of its outputs. */
  readonly unstored: string | null;
}

const going: ReadonlySet<string> = new Set(['started', 'paused']);

/** The working directories of isolated runs that do not go on any more, each with what would be lost with it. */
export async function leftDirectories(
  store: RecordStore,
  workFolder: string,
  runsFolder: string,
): Promise<LeftDirectory[]> {
  const directories = await listWorkingDirectories(workFolder);
  if (directories.length === 0) return [];
  // Looked at after the directories: a run that began since then has none of these.
  const { heartbeats } = await listHeartbeats(runsFolder);
  const busy = new Set(heartbeats.map(({ id }) => id));
  const left: LeftDirectory[] = [];
  for (const directory of directories) {
    if (!busy.has(directory.id)) left.push({ ...directory, unstored: await unstoredIn(store, directory) });
  }
  return left;
}

async function unstoredIn(store: RecordStore, { id, path }: WorkingDirectory): Promise<string | null> {
  const tip = await store.tip();
  let record: RecordAtom | null;
  try {
    record = tip && (await findRecord(tip, id));
  } catch (cause) {
    if (cause instanceof Problem) return 'its record cannot be read';
    throw cause;
  }
  if (!record) return 'the branch has no such record';
  if (going.has(record.status)) return `its record is ${record.status}`;
  const unstored = await unstoredOutputs(record, path);
  if (unstored.length === 0) return null;
  const others = unstored.length > 1 ? ` and ${unstored.length - 1} more` : '';
  return `its output ${unstored[0]}${others} is not stored`;
}

/** Outputs that a run's working directory holds and the branch does not. */
export async function unstoredOutputs(record: RecordAtom, directory: string): Promise<string[]> {
  const unstored: string[] = [];
  for (const { path, stored } of record.outputs) {
    if (!stored && (await lstat(join(directory, path)).catch(() => null))) unstored.push(path);
  }
  return unstored;
}

/** Removes those of which the branch has all outputs. @returns those that are left, with why */
export async function cleanDirectories(
  left: readonly LeftDirectory[],
): Promise<{ removed: LeftDirectory[]; left: LeftDirectory[] }> {
  const removed: LeftDirectory[] = [];
  const kept: LeftDirectory[] = [];
  for (const directory of left) {
    if (directory.unstored !== null) {
      kept.push(directory);
      continue;
    }
    try {
      await removeWorkingDirectory(directory);
      removed.push(directory);
    } catch (cause) {
      if (!(cause instanceof Problem)) throw cause;
      kept.push({ ...directory, unstored: cause.message });
    }
  }
  return { removed, left: kept };
}
