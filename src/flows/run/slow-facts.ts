import type { RecordAtom } from '../../domain/generated/shapes.ts';
import type { StartMark } from '../../machine/files/file-clock.ts';
import { knownDigest } from '../../machine/files/known-digest.ts';
import { readTag } from '../../machine/git/tag.ts';
import type { Executable } from '../../machine/process/executable.ts';
import { lateChanges } from '../../machine/source/late-changes.ts';
import { describeSystem } from '../../machine/system.ts';
import { excludedFrom, type PreparedRun } from './going-run.ts';

/** Facts that are read while the simulation runs, so that nobody waits for them. */
export interface SlowFacts {
  readonly executable: { readonly path: string; readonly sha256: string | null };
  readonly system: RecordAtom['system'];
  readonly tag: string | null;
  /** Notes on files of the source that changed right before the start. */
  readonly late: readonly string[];
}

export async function readSlowFacts(prepared: PreparedRun, mark: StartMark): Promise<SlowFacts> {
  const { world, executable } = prepared;
  const { git, folder, repository, environment } = world;
  const [digest, system, tag] = await Promise.all([
    describeExecutable(executable, world),
    describeSystem(environment),
    readTag(git, folder, repository),
  ]);
  return { executable: digest, system, tag, late: await lateNotes(prepared, mark) };
}

/** Into a directory of its own the source was written as it was read. */
export async function lateNotes(
  { words, capture, inputs, clocks }: PreparedRun,
  mark: StartMark,
): Promise<readonly string[]> {
  return clocks === null ? [] : lateChanges(capture, mark, excludedFrom(words, inputs.files));
}

async function describeExecutable(
  { realPath }: Executable,
  { cacheFolder, chance }: PreparedRun['world'],
): Promise<SlowFacts['executable']> {
  try {
    return { path: realPath, sha256: await knownDigest(realPath, cacheFolder, () => chance.now().getTime()) };
  } catch {
    // It can be executed and not read: that is a fact and no failure.
    return { path: realPath, sha256: null };
  }
}
