import * as nodeFiles from 'node:fs/promises';
import { dirname } from 'node:path';

/** What is used of the file system; handed in so that a full or read-only disk can be had without one. */
export type Disk = Pick<typeof nodeFiles, 'open' | 'rename' | 'mkdir' | 'stat' | 'unlink' | 'chmod'>;

export const realDisk: Disk = nodeFiles;

/** Files that are written at the same time. */
const atOnce = 32;

/**
 * The file system that isomorphic-git writes loose objects to. By itself it writes straight to an object's final path
 * and believes whatever stands there, so that a writer killed half way would leave a truncated object which all later
 * writes skip. Here its writes are staged; `land` writes them all together under names that git's own gc cleans up
 * (`tmp_obj_…`), flushes each to the disk, and only then gives them their final names.
 * @param unique text for a file name that nobody else takes
 */
export function objectFolder(gitDir: string, disk: Disk, unique: () => string) {
  const staged = new Map<string, Uint8Array>();
  const absent = () => Promise.reject(Object.assign(new Error('not there'), { code: 'ENOENT' }));
  const unused = (operation: string) => () => Promise.reject(new Error(`an object writer has no ${operation}`));

  /** As isomorphic-git asks for it. */
  const files = {
    async stat(path: string) {
      if (path === gitDir) return { isDirectory: () => true, isFile: () => false };
      if (staged.has(path)) return {};
      const found = await disk.stat(path).catch(absent);
      // A power loss may leave an empty file under an object's name: it is no object, and is written anew.
      return found.size === 0 ? absent() : found;
    },
    async writeFile(path: string, bytes: Uint8Array) {
      staged.set(path, bytes);
    },
    readFile: absent,
    lstat: unused('lstat'),
    mkdir: unused('mkdir'),
    rmdir: unused('rmdir'),
    unlink: unused('unlink'),
    readdir: unused('readdir'),
    readlink: unused('readlink'),
    symlink: unused('symlink'),
  };

  async function write(temporary: string, bytes: Uint8Array): Promise<void> {
    const file = await disk.open(temporary, 'wx', 0o444);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async function writeInFolder(temporary: string, bytes: Uint8Array): Promise<void> {
    try {
      await write(temporary, bytes);
    } catch (problem) {
      if ((problem as NodeJS.ErrnoException).code !== 'ENOENT') throw problem;
      await makeShard(dirname(temporary));
      await write(temporary, bytes);
    }
  }

  /** A shard is as open as the object folder itself, which is how `core.sharedRepository` is told here. */
  async function makeShard(folder: string): Promise<void> {
    try {
      await disk.mkdir(folder);
    } catch (problem) {
      if ((problem as NodeJS.ErrnoException).code === 'EEXIST') return;
      throw problem;
    }
    const { mode } = await disk.stat(dirname(folder));
    await disk.chmod(folder, mode & 0o7777);
  }

  return {
    fs: { promises: files },
    async land(): Promise<void> {
      const all = [...staged].map(([path, bytes]) => ({
        path,
        bytes,
        temporary: `${dirname(path)}/tmp_obj_${unique()}`,
      }));
      staged.clear();
      try {
        await eachAtOnce(all, atOnce, ({ temporary, bytes }) => writeInFolder(temporary, bytes));
        await eachAtOnce(all, atOnce, ({ temporary, path }) => disk.rename(temporary, path));
      } catch (problem) {
        await eachAtOnce(all, atOnce, ({ temporary }) => disk.unlink(temporary).catch(() => {}));
        throw problem;
      }
    },
  };
}

/** Does `work` for every item, a few at a time; when one fails the others under way are waited for, then it is thrown. */
async function eachAtOnce<T>(items: readonly T[], count: number, work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < items.length) await work(items[next++]!);
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(count, items.length) }, worker));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
