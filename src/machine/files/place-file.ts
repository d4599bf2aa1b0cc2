import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, realpath, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Problem } from '../../domain/problem.ts';
import { whyUnsafe } from '../../domain/safe-path.ts';

/** What is to stand at a path: bytes, or a copy of a file. */
export type Placed = { readonly bytes: Uint8Array } | { readonly copyOf: string };

/**
 * Puts a file into a folder under a path that somebody's record names, in place of what stands there: a link at its
 * end is replaced, one on the way is followed inside the folder only.
 * @throws Problem REFUSED where the path leads out of the folder
 */
export async function placeFile(top: string, path: string, content: Placed): Promise<void> {
  const folder = await placeFolderOf(top, path);
  const target = join(folder, basename(path));
  const before = await lstat(target).catch(() => null);
  if (before?.isDirectory()) throw new Problem('REFUSED', `${path} is not written: the source has a folder there.`);
  await rm(target, { force: true });
  const mode = before?.isFile() ? before.mode & 0o777 : 0o644;
  if ('bytes' in content) await writeFile(target, content.bytes, { mode, flag: 'wx' });
  else await copyFile(content.copyOf, target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
}

/**
 * Makes the folder that a file of that path stands in, likewise, where it is not there.
 * @returns where it is
 * @throws Problem REFUSED where the path leads out of the folder
 */
export async function placeFolderOf(top: string, path: string): Promise<string> {
  const unsafe = whyUnsafe(path);
  if (unsafe !== null) throw new Problem('REFUSED', `${JSON.stringify(path)} is not written: ${unsafe}.`);
  const inside = await realpath(top);
  let folder = inside;
  for (const name of dirname(path).split('/')) {
    if (name === '.') continue;
    folder = join(folder, name);
    await mkdir(folder).catch(cause => {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    });
    // A link of the source's to another of its folders is a folder; one that leads elsewhere is not followed.
    folder = await realpath(folder);
    const isInside =
      folder === inside || (folder.startsWith(`${inside}/`) && !`${folder}/`.includes('/.git/', inside.length));
    if (!isInside || !(await lstat(folder)).isDirectory()) {
      throw new Problem(
        'REFUSED',
        `${path} is not written: ${name} is no folder of the source, but leads to ${folder}.`,
      );
    }
  }
  return folder;
}
