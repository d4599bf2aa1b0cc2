import type { UserGit } from '../../domain/user-git.ts';
import { type ObjectFormat, type Repository, requireWorkingTree } from '../git/repository.ts';
import { readCommitFiles } from './commit-files.ts';
import { type Part, readDiskFiles } from './disk-files.ts';
import { byPath, type SourceEntry } from './tree.ts';
import { findNamedFiles, hashFiles } from './untracked-files.ts';
import { createWorkspace, type Workspace } from './workspace.ts';

/**
 * The source as it was when a run started. It holds a temporary folder: `release` it at the end,
 * whatever happened.
 */
export interface SourceCapture {
  readonly git: UserGit;
  readonly format: ObjectFormat;
  readonly topLevel: string;
  readonly startedAt: Date;
  /** HEAD's own files; none before the first commit. Sorted by path, as are the others. */
  readonly committed: readonly SourceEntry[];
  /** The tracked files as they were on disk. */
  readonly tracked: readonly SourceEntry[];
  /** The untracked files that `source:` globs name. */
  readonly named: readonly SourceEntry[];
  readonly notes: readonly string[];
  /** The repository and its submodules; their private indexes hold `tracked`. */
  readonly parts: readonly Part[];
  /** Indexes that hold `named`. */
  readonly namedParts: readonly Part[];
  readonly workspace: Workspace;
  release(): Promise<void>;
}

export interface CaptureOptions {
  /** `source:` globs: untracked files that are source, relative to the top level. */
  readonly globs?: readonly string[];
  readonly startedAt: Date;
  /** Where its folder is made; the system's temporary place unless told. */
  readonly temporaryFolder?: string;
}

/**
 * Takes down the source (design, section 4) before a run may change it, without touching the user's index, objects,
 * files, refs or hooks. Costs three git processes at once where the working tree is as the index knows it; two more, one
 * after the other, where it is not; the same again for each submodule.
 * @throws Problem NOT_A_REPOSITORY without a working tree, UNREADABLE, NO_SPACE, GIT_FAILED
 */
export async function captureSource(
  git: UserGit,
  repository: Repository,
  { globs = [], startedAt, temporaryFolder }: CaptureOptions,
): Promise<SourceCapture> {
  const topLevel = requireWorkingTree(repository);
  const place = { ...repository, folder: topLevel };
  const workspace = await createWorkspace(repository.objectFormat, temporaryFolder);
  try {
    const { commit } = repository;
    const reads = await Promise.allSettled([
      readDiskFiles(git, workspace, place),
      commit === null ? { files: [], notes: [] } : readCommitFiles(git, workspace, place, commit),
    ]);
    const [disk, head] = [settled(reads[0]), settled(reads[1])];
    const known = globs.length > 0 ? new Set(disk.files.map(({ path }) => path)) : new Set<string>();
    const paths = await findNamedFiles(topLevel, globs, path => known.has(path));
    const named = await hashFiles(git, workspace, disk.parts, paths);
    return {
      git,
      format: repository.objectFormat,
      topLevel,
      startedAt,
      committed: head.files,
      tracked: disk.files,
      named: named.files,
      notes: [...new Set([...disk.notes, ...head.notes])],
      parts: disk.parts,
      namedParts: named.parts,
      workspace,
      release: () => workspace.remove(),
    };
  } catch (problem) {
    await workspace.remove();
    throw problem;
  }
}

/** Both reads are over before a failure of one takes their folder away. */
function settled<Value>(result: PromiseSettledResult<Value>): Value {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

/** All that is source so far, sorted by path. */
export function capturedFiles(capture: SourceCapture): readonly SourceEntry[] {
  return capture.named.length === 0 ? capture.tracked : [...capture.tracked, ...capture.named].sort(byPath);
}
