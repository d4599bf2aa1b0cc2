import { hash } from 'node:crypto';
import { readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, relative, sep } from 'node:path';
import { comparePaths } from '../../domain/path-order.ts';
import { Problem } from '../../domain/problem.ts';
import { readOrNote } from './captured-file.ts';
import { codeOf, NoteList, whyUnreadable } from './note-list.ts';
import { Pace, type ShowProgress } from './pace.ts';
import { isWithin, readlink, realTarget, type Where, walk } from './walk.ts';

export interface ListedFile {
  /** Relative to the folder, with forward slashes. */
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
  /**
   * The bytes, read when asked for.
   * @throws Problem UNREADABLE where they are not those of `sha256` any more, or cannot be read
   */
  read(): Buffer;
}

export interface Listing {
  /** Sorted by path. */
  readonly files: readonly ListedFile[];
  /** What is there and could not be listed, sorted by path: nothing is known of its content. */
  readonly leftOut: readonly { readonly path: string; readonly because: string }[];
  readonly notes: readonly string[];
}

/**
 * All files of a folder, or the one file, with their digests, for `corroborate compare FOLDER FOLDER`. Everything that
 * is there but `.git`; links count with the content they lead to, where that is inside of the folder, else they are left out and noted.
 * Names that no record can hold are listed, too: nothing here is stored. Sockets, pipes and devices are noted alone.
 * A single file is listed under its own name.
 * @throws Problem NOT_FOUND where there is nothing, UNREADABLE where the folder (or the file) cannot be read at all
 */
export async function filesOfFolder(path: string, progress?: ShowProgress): Promise<Listing> {
  const notes = new NoteList();
  const pace = new Pace(progress);
  let stats: Stats;
  try {
    stats = statSync(path);
  } catch (cause) {
    const code = codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR' ? 'NOT_FOUND' : 'UNREADABLE';
    throw new Problem(
      code,
      `${path} could not be read: ${code === 'NOT_FOUND' ? 'there is nothing of that name' : whyUnreadable(cause)}.`,
      { cause },
    );
  }
  const found: { path: string; name: string; where: Where; size: number }[] = [];
  const leftOut: { path: string; because: string }[] = [];
  if (stats.isDirectory()) {
    const top = realpathSync(path);
    const missed = (folder: string, because: string) => leftOut.push({ path: folder, because });
    await walk(
      top,
      { mayHold: () => true, wants: () => true, followFolders: true, everything: true, notes, pace, missed },
      ({ path: safe, name, where, kind, stats: own }) => {
        // A name that is no UTF-8 stands for itself as notes show it.
        const below = safe ?? (typeof where === 'string' ? relative(top, where).replaceAll(sep, '/') : name);
        if (kind === 'other') notes.add('are no regular files (sockets, pipes, devices), so they are left out', name);
        else if (kind === 'link') {
          const target = realTarget(where);
          if (target !== null && isWithin(top, target)) found.push({ path: below, name, where: target, size: 0 });
          else {
            leftOut.push({ path: below, because: 'it is a link to nothing or to outside of the folder' });
            notes.add(
              'are links to nothing or to outside of the folder, so they are left out',
              `${name} -> ${readlink(where)}`,
            );
          }
        } else found.push({ path: below, name, where, size: own.size });
      },
    );
  } else if (stats.isFile()) {
    const where = realpathSync(path);
    found.push({ path: basename(path), name: path, where, size: stats.size });
  } else {
    throw new Problem('UNREADABLE', `${path} is neither a file nor a folder.`);
  }
  found.sort((one, other) => comparePaths(one.path, other.path));
  pace.doing = 'reading files';
  pace.ofBytes = found.reduce((sum, file) => sum + file.size, 0);
  const files: ListedFile[] = [];
  for (const { path: below, name, where } of found) {
    const digest = await readOrNote(where, name, { keep: -1, follow: false }, notes, pace);
    if (digest === null) {
      leftOut.push({ path: below, because: 'it could not be read' });
      continue;
    }
    const { sha256, size } = digest;
    files.push({ path: below, sha256, size, read: () => readAgain(where, sha256) });
  }
  if (files.length === 0 && notes.all().length > 0) {
    throw new Problem('UNREADABLE', `nothing in ${path} could be read: ${notes.all().join('; ')}.`);
  }
  leftOut.sort((one, other) => comparePaths(one.path, other.path));
  return { files, leftOut, notes: notes.all() };
}

function readAgain(where: Where, sha256: string): Buffer {
  let bytes: Buffer;
  try {
    bytes = readFileSync(where);
  } catch (cause) {
    throw new Problem('UNREADABLE', `${where} could not be read: ${whyUnreadable(cause)}.`, { cause });
  }
  if (hash('sha256', bytes, 'hex') === sha256) return bytes;
  throw new Problem('UNREADABLE', `${where} changed while it was compared. Try again once nothing writes to it.`);
}
