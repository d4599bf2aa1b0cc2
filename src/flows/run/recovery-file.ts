import { rmSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Limits } from '../../domain/limits.ts';
import type { StartMark } from '../../machine/files/file-clock.ts';
import type { ProjectWords } from '../start-project.ts';
import type { ContainerOfRun, RecordDraft } from './store-state.ts';

/** What `recover` needs of a run whose recorder died, beside its heartbeat and outside the history. */
export interface Recovery {
  /** As it was when the run started: it may have died before that was committed. */
  readonly draft: RecordDraft;
  readonly project: ProjectWords;
  /** As of a run's world. */
  readonly origin: string | null;
  readonly mark: StartMark;
  readonly top: string;
  readonly cwd: string;
  /** `--input` and the configured inputs: tracked files that they match are no source. */
  readonly asked: readonly string[];
  readonly configured: readonly string[];
  /** Tracked files that the record's commit does not list; those that it does are not kept twice. */
  readonly alsoTracked: readonly string[];
  readonly outputs: readonly string[];
  readonly ignore: readonly string[];
  readonly keep: readonly string[];
  readonly limits: Limits;
  readonly container: ContainerOfRun;
  /** Of the source at the start, base64; null where that was clean, or holds a secret. */
  readonly patch: string | null;
  /** Whether there are secrets that nobody but the recorder knew: then no content can be told to be free of them. */
  readonly hides: boolean;
  /** What is known at the start that could not be captured. */
  readonly notes: readonly string[];
}

function pathOf(folder: string, id: string): string {
  return join(folder, `${id}.recovery`);
}

/** Whole or not at all: half of it would be of no use to `recover`. */
export async function writeRecovery(folder: string, recovery: Recovery): Promise<void> {
  const path = pathOf(folder, recovery.draft.id);
  await writeFile(`${path}.new`, JSON.stringify(recovery));
  await rename(`${path}.new`, path);
}

/** Null where there is none. */
export async function readRecovery(folder: string, id: string): Promise<Recovery | null> {
  try {
    return JSON.parse(await readFile(pathOf(folder, id), 'utf8')) as Recovery;
  } catch {
    return null;
  }
}

export function removeRecovery(folder: string, id: string): void {
  for (const path of [pathOf(folder, id), `${pathOf(folder, id)}.new`]) rmSync(path, { force: true });
}
