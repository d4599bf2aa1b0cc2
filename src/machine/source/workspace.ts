import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { Problem } from '../../domain/problem.ts';
import type { ObjectFormat } from '../git/repository.ts';

/**
 * A git repository of its own in a temporary folder, which sees the user's objects and writes none of its own
 * among them: the user's repository never notices that it was looked at.
 */
export interface Workspace {
  readonly folder: string;
  /** An object directory (for GIT_OBJECT_DIRECTORY) in which all is seen: for reading. */
  readonly objects: string;
  /**
   * One that holds nothing but what was written here: for writing. Git does not write an object that it sees already, but
   * gives the file that has it a new mtime, and that file would be the user's.
   */
  readonly newObjects: string;
  /** A fresh folder in it. */
  newFolder(): Promise<string>;
  /** Objects of another repository become readable. */
  borrow(objectsDir: string): Promise<void>;
  writeTree(id: string, content: Buffer): Promise<void>;
  remove(): Promise<void>;
}

/** @throws Problem NO_SPACE or READ_ONLY where the temporary folder takes nothing */
export async function createWorkspace(format: ObjectFormat, parent = tmpdir()): Promise<Workspace> {
  const folder = await mkdtemp(join(parent, 'corroborate-source-')).catch(cause => {
    throw unwritable(parent, cause as NodeJS.ErrnoException);
  });
  const objects = join(folder, 'objects');
  const newObjects = join(folder, 'new-objects');
  const borrowed = [newObjects];
  let listed: Promise<void> = Promise.resolve();
  let count = 0;
  await Promise.all([
    mkdir(join(objects, 'info'), { recursive: true }),
    mkdir(join(newObjects, 'pack'), { recursive: true }),
    mkdir(join(folder, 'refs')),
    writeFile(join(folder, 'HEAD'), 'ref: refs/heads/none\n'),
    writeFile(
      join(folder, 'config'),
      `[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectFormat = ${format}\n`,
    ),
  ]).catch(async problem => {
    await rm(folder, { recursive: true, force: true });
    throw unwritable(parent, problem);
  });
  return {
    folder,
    objects,
    newObjects,
    async newFolder() {
      count += 1;
      const made = join(folder, `part-${count}`);
      await mkdir(made);
      return made;
    },
    borrow(objectsDir) {
      if (!borrowed.includes(objectsDir)) {
        borrowed.push(objectsDir);
        const list = `${borrowed.map(quotePath).join('\n')}\n`;
        // One after the other and by renaming: another git may be reading the list meanwhile.
        listed = listed.then(async () => {
          await writeFile(join(folder, 'alternates'), list);
          await rename(join(folder, 'alternates'), join(objects, 'info/alternates'));
        });
      }
      return listed;
    },
    async writeTree(id, content) {
      const shard = join(objects, id.slice(0, 2));
      await mkdir(shard, { recursive: true });
      const loose = deflateSync(Buffer.concat([Buffer.from(`tree ${content.length}\0`), content]), { level: 1 });
      await writeFile(join(shard, id.slice(2)), loose);
    },
    async remove() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function unwritable(parent: string, cause: NodeJS.ErrnoException): Problem {
  const full = cause.code === 'ENOSPC' || cause.code === 'EDQUOT';
  return new Problem(
    full ? 'NO_SPACE' : 'READ_ONLY',
    `the source cannot be taken down in the temporary folder ${parent}: ${cause.message}. ${full ? 'Make room there' : 'Make it writable'}, or name another in TMPDIR.`,
    { cause },
  );
}

/** As git reads one line of `alternates`: C-style where the path holds what would be misread. */
function quotePath(path: string): string {
  if (!/["\\\n]|^#/.test(path)) return path;
  return `"${path.replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n')}"`;
}
