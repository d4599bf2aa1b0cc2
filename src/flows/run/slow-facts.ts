import type { RecordAtom } from '../../domain/generated/shapes.ts';
import { digestFile } from '../../machine/files/digest.ts';
import { readTag } from '../../machine/git/repository.ts';
import type { Executable } from '../../machine/process/executable.ts';
import { describeSystem } from '../../machine/system.ts';
import type { RunWorld } from './run-world.ts';

/** Facts that are read while the simulation runs, so that nobody waits for them. */
export interface SlowFacts {
  readonly executable: { readonly path: string; readonly sha256: string | null };
  readonly system: RecordAtom['system'];
  readonly tag: string | null;
}

export async function readSlowFacts(
  { git, folder, environment }: RunWorld,
  executable: Executable,
): Promise<SlowFacts> {
  const [digest, system, tag] = await Promise.all([
    describeExecutable(executable),
    describeSystem(environment),
    readTag(git, folder),
  ]);
  return { executable: digest, system, tag };
}

async function describeExecutable({ realPath }: Executable): Promise<SlowFacts['executable']> {
  try {
    return { path: realPath, sha256: (await digestFile(realPath, { keep: -1, follow: false })).sha256 };
  } catch {
    // It can be executed and not read: that is a fact and no failure.
    return { path: realPath, sha256: null };
  }
}
