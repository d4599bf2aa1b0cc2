import { constants, readFileSync, statSync } from 'node:fs';
import { copyFile, lstat, mkdir, readdir, readlink, realpath, symlink } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { Problem } from '../../domain/problem.ts';
import type { UserGit } from '../../domain/user-git.ts';
import type { SourceCapture } from './capture-source.ts';
import { call, type Part } from './disk-files.ts';
import { shownPath } from './tree.ts';

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
