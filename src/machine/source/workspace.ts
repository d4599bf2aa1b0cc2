import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  newFolder(): string;
  /** Objects of another repository become readable. */
  borrow(objectsDir: string): void;
  remove(): void;
}

/**
 * At once, with no turn of the event loop for each of a dozen small files: the start of a run waits for them.
 * @throws Problem NO_SPACE or READ_ONLY where the temporary folder takes nothing
 */
export function createWorkspace(format: ObjectFormat, parent = tmpdir()): Workspace {
  const folder = emptyRepository(format, parent);
  const objects = join(folder, 'objects');
  const newObjects = join(folder, 'new-objects');
  const borrowed = [newObjects];
  let count = 0;
  return {
    folder,
    objects,
    newObjects,
    newFolder() {
      count += 1;
      const made = join(folder, `part-${count}`);
      mkdirSync(made);
      return made;
    },
    borrow(objectsDir) {
      if (borrowed.includes(objectsDir)) return;
      borrowed.push(objectsDir);
      // By renaming: another git may be reading the list meanwhile.
      writeFileSync(join(folder, 'alternates'), `${borrowed.map(quotePath).join('\n')}\n`);
      renameSync(join(folder, 'alternates'), join(objects, 'info/alternates'));
    },
    remove() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function emptyRepository(format: ObjectFormat, parent: string): string {
  let folder: string | null = null;
  try {
    folder = mkdtempSync(join(parent, 'corroborate-source-'));
    mkdirSync(join(folder, 'objects/info'), { recursive: true });
    mkdirSync(join(folder, 'new-objects/pack'), { recursive: true });
    mkdirSync(join(folder, 'refs'));
    writeFileSync(join(folder, 'HEAD'), 'ref: refs/heads/none\n');
    const core = '[core]\n\trepositoryformatversion = 1\n\tbare = true\n';
    writeFileSync(join(folder, 'config'), `${core}[extensions]\n\tobjectFormat = ${format}\n`);
    return folder;
  } catch (cause) {
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
    throw unwritable(parent, cause as NodeJS.ErrnoException);
  }
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
