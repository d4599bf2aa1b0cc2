import type { UserGit } from '../../domain/user-git.ts';
import { type ObjectFormat, type Repository, requireWorkingTree } from '../git/repository.ts';
import { readCommitFiles } from './commit-files.ts';
import { type Part, readDiskFiles } from './disk-files.ts';
import { byPath, type SourceEntry, treeId } from './tree.ts';
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
  /** HEAD's own files; none before the first commit. Sorted by path, as are the others. A commit never changes: read late. */
  committed(): Promise<CommittedFiles>;
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

export interface CommittedFiles {
  readonly files: readonly SourceEntry[];
  readonly notes: readonly string[];
}

export interface CaptureOptions {
  /** `source:` globs: untracked files that are source, relative to the top level. */
  readonly globs?: readonly string[];
  readonly startedAt: Date;
  /** Where its folder is made; the system's temporary place unless told. */
  readonly temporaryFolder?: string;
  /** A program's words, to be run in the meantime: by the process that starts git, since starting takes us long. */
  readonly beside?: readonly string[] | null;
}

/**
 * Takes down the source (design, section 4) before a run may change it, without touching the user's index, objects,
 * files, refs or hooks. Costs two git processes at once where the working tree is as the index knows it; two more, one after
 * the other, where it is not; the same again for each submodule; and later one more where it is not HEAD's own tree.
 * @throws Problem NOT_A_REPOSITORY without a working tree, UNREADABLE, NO_SPACE, GIT_FAILED
 */
export async function captureSource(
  git: UserGit,
  repository: Repository,
  { globs = [], startedAt, temporaryFolder, beside = null }: CaptureOptions,
): Promise<SourceCapture> {
  const topLevel = requireWorkingTree(repository);
  const place = { ...repository, folder: topLevel };
  const workspace = createWorkspace(repository.objectFormat, temporaryFolder);
  try {
    const { commit, tree } = repository;
    const disk = await readDiskFiles(git, workspace, place, '', beside);
    let committed: Promise<CommittedFiles> | null = null;
    const readCommitted = (): Promise<CommittedFiles> => {
      if (commit === null) return Promise.resolve({ files: [], notes: [] });
      // The trees of equal ids are equal.
      if (tree !== null && treeId(disk.files, repository.objectFormat) === tree) {
        return Promise.resolve({ files: disk.files, notes: [] });
      }
      return readCommitFiles(git, workspace, place, commit);
    };
    // A commit that cannot be read is told before the run.
    if (commit !== null && tree === null) committed = Promise.resolve(await readCommitted());
    const known = globs.length > 0 ? new Set(disk.files.map(({ path }) => path)) : new Set<string>();
    const paths = await findNamedFiles(topLevel, globs, path => known.has(path));
    const named = await hashFiles(git, workspace, disk.parts, paths);
    return {
      git,
      format: repository.objectFormat,
      topLevel,
      startedAt,
      committed: () => {
        committed ??= readCommitted();
        return committed;
      },
      tracked: disk.files,
      named: named.files,
      notes: disk.notes,
      parts: disk.parts,
      namedParts: named.parts,
      workspace,
      release: async () => {
        await committed?.catch(() => {});
        workspace.remove();
      },
    };
  } catch (problem) {
    workspace.remove();
    throw problem;
  }
}

/** All that is source so far, sorted by path. */
export function capturedFiles(capture: SourceCapture): readonly SourceEntry[] {
  return capture.named.length === 0 ? capture.tracked : [...capture.tracked, ...capture.named].sort(byPath);
}
