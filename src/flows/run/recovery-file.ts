import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Limits } from '../../domain/limits.ts';
import type { StartMark } from '../../machine/files/file-clock.ts';
import type { ProjectWords } from '../start-project.ts';
import type { RecordDraft } from './store-state.ts';

/** What `recover` needs of a run whose recorder died, beside its heartbeat and outside the history. */
export interface Recovery {
  /** As it was at the start. */
  readonly record: RecordDraft;
  /** How the project is called where the branch has to be made first. */
  readonly project: ProjectWords;
  readonly mark: StartMark;
  readonly top: string;
  readonly outputs: readonly string[];
  readonly ignore: readonly string[];
  readonly keep: readonly string[];
  readonly limits: Limits;
  /** Of the source at the start, base64; null where that was clean. */
  readonly patch: string | null;
}

function pathOf(folder: string, id: string): string {
  return join(folder, `${id}.recovery`);
}

/** It is there whole or not at all, whenever its writer dies. */
export async function writeRecovery(folder: string, recovery: Recovery): Promise<void> {
  const path = pathOf(folder, recovery.record.id);
  await writeFile(unfinished(path), JSON.stringify(recovery));
  await rename(unfinished(path), path);
}

function unfinished(path: string): string {
  return `${path}.new`;
}

/** Null where there is none, or it cannot be read. */
export async function readRecovery(folder: string, id: string): Promise<Recovery | null> {
  try {
    return JSON.parse(await readFile(pathOf(folder, id), 'utf8')) as Recovery;
  } catch {
    return null;
  }
}

export async function removeRecovery(folder: string, id: string): Promise<void> {
  const path = pathOf(folder, id);
  await Promise.all([path, unfinished(path)].map(each => rm(each, { force: true })));
}
