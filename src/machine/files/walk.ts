import { type Dirent, lstatSync, readdirSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { whyUnsafe } from '../../domain/safe-path.ts';
import { isEnvironmentFolder, isLitter, marksEnvironment } from './litter.ts';
import { codeOf, escapeBytes, type NoteList, quoteName, whyUnreadable } from './note-list.ts';
import type { Pace } from './pace.ts';

/** Where a file is, for the system: a Buffer where its name is no UTF-8. */
export type Where = string | Buffer;

/** A file or link that was found. */
export interface Found {
  /** Relative to the top, with forward slashes; null where a record cannot hold it, see `unsafe`. */
  readonly path: string | null;
  /** Why a record cannot hold its path; null where it can. */
  readonly unsafe: string | null;
  /** Its path as a note shows it. */
  readonly name: string;
  readonly where: Where;
  readonly kind: 'file' | 'link' | 'other';
  /** Of the thing itself, not of what a link points at. */
  readonly stats: Stats;
}

export interface WalkOptions {
  /** Whether to go into a folder. */
  readonly mayHold: (folder: string) => boolean;
  /** Whether to look at a file at all. Not asked for paths that no record can hold: what they are called is unknown. */
  readonly wants: (path: string) => boolean;
  /** Whether the state of a file is of interest; spares judging the names of the many that are not. */
  readonly wantsState?: (stats: Stats) => boolean;
  /** Follow links to folders inside the top, showing what they hold under the link's path. */
  readonly followFolders: boolean;
  /** Take what editors leave and package environments hold, too (not `.git`). */
  readonly everything?: boolean;
  readonly notes: NoteList;
  readonly pace: Pace;
  /** Told of each folder that is there and not gone into, which a note says, too. */
  readonly missed?: (folder: string, because: string) => void;
}

/**
 * Visits the files under a folder, in no order. Goes into no `.git` and no package environment, passes litter over;
 * folders that cannot be read are noted. Reads are synchronous, which is several times faster than promises, and give
 * way every 50 ms.
 * @param top absolute, and no link itself
 */
export async function walk(top: string, options: WalkOptions, visit: (found: Found) => void): Promise<void> {
  const { mayHold, wants, wantsState = () => true, followFolders, everything = false, notes, pace, missed } = options;
  const real = realpathSync(top);
  const folders: { path: string; where: Where; exact: boolean; through: readonly string[] }[] = [];
  folders.push({ path: '', where: top, exact: true, through: [] });
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    let entries: readonly Entry[];
    try {
      entries = await readFolder(folder.where);
    } catch (error) {
      // A folder that was removed meanwhile holds nothing; any other may hold what is looked for.
      if (codeOf(error) !== 'ENOENT') {
        notes.add(`folders could not be looked into (${whyUnreadable(error)})`, quoteName(folder.path || '.'));
        missed?.(folder.path || '.', `the folder could not be looked into (${whyUnreadable(error)})`);
      }
      continue;
    }
    if (!everything && folder.path !== '' && entries.some(entry => marksEnvironment(entry.label))) continue;
    for (const { label, name, entry } of entries) {
      if (label === '.git' || (!everything && isLitter(label))) continue;
      const path = folder.path === '' ? label : `${folder.path}/${label}`;
      const where = below(folder.where, name);
      const exact = folder.exact && typeof name === 'string';
      if (entry.isDirectory()) {
        if (!everything && isEnvironmentFolder(label)) continue;
        if (mayHold(path)) folders.push({ path, where, exact, through: folder.through });
        continue;
      }
      const link = entry.isSymbolicLink();
      const wanted = !exact || wants(path);
      if (!wanted && !(link && mayHold(path))) continue;
      let stats: Stats;
      try {
        stats = lstatSync(where);
      } catch (error) {
        // Deleted again: it was of use while the program ran, and is no output.
        if (codeOf(error) !== 'ENOENT') notes.add(`could not be looked at (${whyUnreadable(error)})`, quoteName(path));
        continue;
      }
      if (stats.isDirectory()) {
        // A file system that does not tell in its listings what an entry is.
        if (mayHold(path)) folders.push({ path, where, exact, through: folder.through });
        continue;
      }
      if (link && mayHold(path)) {
        const target = followedFolder(where);
        if (target !== null && !isWithin(real, target)) {
          notes.add(
            'are links to folders outside the working tree, which are not followed: what the run reads or writes there is not recorded',
            `${quoteName(path)} -> ${quoteName(readlink(where))}`,
          );
          missed?.(path, 'it is a link to a folder outside, which is not followed');
          continue;
        }
        if (target !== null) {
          // A link to a folder above itself, or one met on the way here, would go round for ever.
          const here = realpathSync(folder.where as string);
          const round = isWithin(target, here) || folder.through.includes(target);
          if (followFolders && !round && !isInGitFolder(real, target)) {
            folders.push({ path, where, exact, through: [...folder.through, target] });
          }
          continue;
        }
      }
      if (!wanted || !wantsState(stats)) continue;
      const unsafe = exact ? whyUnsafe(path) : 'its name is no UTF-8';
      visit({
        path: unsafe === null ? path : null,
        unsafe,
        name: exact ? quoteName(path) : `"${path}"`,
        where,
        kind: stats.isFile() ? 'file' : stats.isSymbolicLink() ? 'link' : 'other',
        stats,
      });
    }
    if (pace.due) await pace.rest();
  }
}

/** Whether a real path leads into git's own folder; a working directory that stands in one is no part of it. */
export function isInGitFolder(top: string, target: string): boolean {
  return `${isWithin(top, target) ? target.slice(top.length) : target}/`.includes('/.git/');
}

/** Whether a path is a folder or inside of it; both absolute and real. */
export function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** Where a link ends, or null where that is nothing. */
export function realTarget(where: Where): string | null {
  try {
    return realpathSync(where as string);
  } catch {
    return null;
  }
}

export function readlink(where: Where): string {
  try {
    return readlinkSync(where as string);
  } catch {
    return '?';
  }
}

function followedFolder(where: Where): string | null {
  try {
    return statSync(where).isDirectory() ? realpathSync(where as string) : null;
  } catch {
    return null;
  }
}

interface Entry {
  /** Its name; escaped where it is no UTF-8. */
  readonly label: string;
  readonly name: string | Buffer;
  readonly entry: Dirent<string> | Dirent<Buffer>;
}

async function readFolder(where: Where): Promise<Entry[]> {
  for (let tries = 0; ; tries++) {
    try {
      if (typeof where === 'string') {
        const entries = readdirSync(where, { withFileTypes: true });
        // Node replaces what is no UTF-8 by U+FFFD, under which nothing would be found.
        if (!entries.some(entry => entry.name.includes('\ufffd'))) {
          return entries.map(entry => ({ label: entry.name, name: entry.name, entry }));
        }
      }
      return readdirSync(where, { withFileTypes: true, encoding: 'buffer' }).map(entry => {
        const text = entry.name.toString('utf8');
        if (Buffer.from(text, 'utf8').equals(entry.name)) return { label: text, name: text, entry };
        return { label: escapeBytes(entry.name).slice(1, -1), name: entry.name, entry };
      });
    } catch (error) {
      if (!['EMFILE', 'ENFILE'].includes(codeOf(error)) || tries === 40) throw error;
      await sleep(50);
    }
  }
}

function below(folder: Where, name: string | Buffer): Where {
  if (typeof folder === 'string' && typeof name === 'string') return `${folder}/${name}`;
  return Buffer.concat([Buffer.from(folder), Buffer.from('/'), Buffer.from(name)]);
}
