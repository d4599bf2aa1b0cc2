import { constants, readFileSync, statSync } from 'node:fs';
import { copyFile, lstat, mkdir, readdir, readlink, realpath, symlink } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { Problem } from '../../domain/problem.ts';
import type { UserGit } from '../../domain/user-git.ts';
import { type Repository, requireWorkingTree } from '../git/repository.ts';
import type { SourceCapture } from './capture-source.ts';
import { fileMode, readCommitFiles } from './commit-files.ts';
import { call, type Part } from './disk-files.ts';
import { makePrivateGitDir } from './private-git-dir.ts';
import { type SourceEntry, shownPath, treeId } from './tree.ts';
import { createWorkspace, type Workspace } from './workspace.ts';

/**
 * Writes the captured source (tracked and named files, left-out ones too) into an empty folder, as git checks files out,
 * and copies further files of the working tree there as they are now.
 * @param folder absolute; made where it is not there
 * @param further paths relative to the top level, e.g. untracked inputs; those that were captured are written anyway
 * @throws Problem REFUSED where the folder is not empty or a path leads out of it, NOT_FOUND where a further file is missing
 */
export async function checkoutSource(
  capture: SourceCapture,
  folder: string,
  further: readonly string[] = [],
): Promise<void> {
  await requireEmpty(folder);
  // A submodule's folder must be there before git writes into it under a prefix.
  const parts = [...capture.parts, ...capture.namedParts];
  for (const part of parts) await checkOut(capture.git, part, folder, { GIT_LFS_SKIP_SMUDGE: '1' });
  await fillPointers(capture, folder);
  const captured = new Set([...capture.tracked, ...capture.named].map(({ path }) => shownPath(path)));
  for (const path of further) if (!captured.has(path)) await copy(capture.topLevel, folder, path);
}

/**
 * Brings back a recorded source in an empty folder: the commit's files, its submodules', and the patch on top.
 * @param source the id that must come out
 * @param excluded as `finishSource` was told; the files themselves are written all the same
 * @throws Problem NOT_FOUND where the commit is not here, INVALID where the patch does not apply to it, DAMAGED where
 *   another source comes out; then nothing is written
 */
export async function restoreSource(
  git: UserGit,
  repository: Repository,
  { commit, patch, source }: { readonly commit: string; readonly patch: Buffer | null; readonly source: string },
  folder: string,
  isLeftOut: (path: string) => boolean,
): Promise<void> {
  const place = { ...repository, folder: requireWorkingTree(repository) };
  await requireEmpty(folder);
  const workspace = createWorkspace(repository.objectFormat);
  try {
    const { files, notes } = await readCommitFiles(git, workspace, place, commit);
    const part = emptyPart(workspace, place, folder);
    const listed = files.map(({ path, mode, id }) => `${mode} ${id}\t${path}\0`).join('');
    await call(git, part, ['update-index', '-z', '--index-info'], { input: Buffer.from(listed, 'latin1') });
    if (patch !== null && patch.length > 0) await applyPatch(git, part, commit, patch);
    const { stdout } = await call(git, part, ['ls-files', '-s', '-z']);
    const entries = parseEntries(stdout).filter(({ path }) => !isLeftOut(shownPath(path)));
    const restored = treeId(entries, repository.objectFormat);
    if (restored !== source) {
      const why = notes.length > 0 ? ` ${notes.join(' ')}` : '';
      throw new Problem('DAMAGED', `commit ${commit} and its patch give source ${restored}, not ${source}.${why}`);
    }
    await checkOut(git, part, folder);
  } finally {
    workspace.remove();
  }
}

function emptyPart(workspace: Workspace, place: Parameters<typeof makePrivateGitDir>[0], folder: string): Part {
  const gitDir = workspace.newFolder();
  makePrivateGitDir(place, gitDir);
  const environment = {
    GIT_DIR: gitDir,
    GIT_WORK_TREE: folder,
    GIT_OBJECT_DIRECTORY: workspace.objects,
    GIT_INDEX_FILE: join(gitDir, 'restored'),
  };
  return { folder, prefix: '', environment, settings: [] };
}

async function applyPatch(git: UserGit, part: Part, commit: string, patch: Buffer): Promise<void> {
  try {
    await call(git, part, ['apply', '--cached', '--whitespace=nowarn', '-'], { input: patch });
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.code !== 'GIT_FAILED') throw problem;
    throw new Problem('INVALID', `source.patch does not apply to commit ${commit}: ${problem.message}`, {
      cause: problem,
    });
  }
}

function parseEntries(listed: Buffer): SourceEntry[] {
  const items = listed.toString('latin1').split('\0');
  return items
    .filter(item => item !== '')
    .map(item => {
      const tab = item.indexOf('\t');
      return { path: item.slice(tab + 1), mode: fileMode(item.slice(0, 6)), id: item.slice(7, tab - 2) };
    });
}

/** Writes a part's index into `folder`. */
async function checkOut(
  git: UserGit,
  part: Part,
  folder: string,
  environment: Record<string, string> = {},
): Promise<void> {
  const prefix = `${folder}/${shownPath(part.prefix)}`;
  await mkdir(prefix, { recursive: true });
  await call(git, part, ['checkout-index', '-a', '-q', `--prefix=${prefix}`], { environment });
}

const pointer = 'version https://git-lfs.github.com/spec/v1\n';

/** What Git LFS manages is on the user's disk (its store need not have it, where it was changed): it comes from there. */
async function fillPointers({ tracked, named, topLevel }: SourceCapture, folder: string): Promise<void> {
  const attributes = [...tracked, ...named].filter(({ path }) => /(?:^|\/)\.gitattributes$/.test(path));
  if (!attributes.some(({ path }) => readBytes(folder, path).includes('filter=lfs'))) return;
  for (const { path, mode } of [...tracked, ...named]) {
    const at = bytesPath(folder, path);
    if (mode === '120000' || (statSync(at, { throwIfNoEntry: false })?.size ?? 1024) >= 1024) continue;
    if (readFileSync(at, 'latin1').startsWith(pointer)) await copyFile(bytesPath(topLevel, path), at);
  }
}

function readBytes(folder: string, path: string): Buffer {
  const at = bytesPath(folder, path);
  return statSync(at, { throwIfNoEntry: false })?.isFile() ? readFileSync(at) : Buffer.alloc(0);
}

function bytesPath(folder: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(path, 'latin1')]);
}

async function requireEmpty(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) {
    throw new Problem(
      'REFUSED',
      `${folder} is not empty, and a source is only written where nothing is: name another.`,
    );
  }
}

async function copy(from: string, to: string, path: string): Promise<void> {
  if (isAbsolute(path) || path.split('/').includes('..')) {
    throw new Problem('REFUSED', `${path} leads out of ${from}: it cannot be taken along.`);
  }
  const state = await lstat(join(from, path)).catch(cause => {
    throw new Problem('NOT_FOUND', `${path} is not in ${from}: it cannot be taken along.`, { cause });
  });
  const target = join(to, path);
  const folder = dirname(target);
  // Made step by step: a link among the folders would lead the copy elsewhere.
  const inside = await realpath(to);
  let at = inside;
  for (const name of folder.slice(to.length).split('/')) {
    if (name === '') continue;
    at = join(at, name);
    await mkdir(at).catch(problem => {
      if ((problem as NodeJS.ErrnoException).code !== 'EEXIST') throw problem;
    });
    if ((await realpath(at)) !== at) {
      throw new Problem('REFUSED', `${path} would be written through a link, out of ${to}: it cannot be taken along.`);
    }
  }
  const name = target.slice(folder.length + 1);
  if (state.isSymbolicLink()) await symlink(await readlink(join(from, path)), join(at, name));
  else await copyFile(join(from, path), join(at, name), constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
}
