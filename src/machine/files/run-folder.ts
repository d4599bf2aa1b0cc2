import { posix } from 'node:path';
import { classifyCommand } from './command-words.ts';

export interface RunFolder {
  /** Relative to the top: '' or `sub/folder`. */
  readonly folder: string;
  /** Other folders that the words of the command would fit as well. */
  readonly others: readonly string[];
}

/**
 * The folder that a recorded command ran in, which a record does not tell: the one from which its words name the most
 * files of the source and the inputs. The program and its script count first, since without them it could not have run.
 * Pure.
 * @param paths all files that stood there, relative to the top
 */
export function findRunFolder(command: readonly string[], paths: Iterable<string>): RunFolder {
  const known = new Set(paths);
  const { programs, named } = classifyCommand(command);
  const isRelative = (word: string) => word !== '' && !word.startsWith('/') && !word.includes('\0');
  const scripts = programs.filter(isRelative).map(word => posix.normalize(word));
  const others = named.filter(isRelative).map(word => posix.normalize(word));
  const candidates = new Set(['']);
  for (const word of new Set([...scripts, ...others])) {
    // `../model.py` is named from a folder beside or below: all folders there are.
    for (const path of known) {
      if (word.startsWith('../')) for (const folder of foldersOf(path)) candidates.add(folder);
      else if (path.endsWith(`/${word}`)) candidates.add(path.slice(0, -word.length - 1));
    }
  }
  const has = (folder: string) => (word: string) => known.has(posix.join(folder, word));
  const score = (folder: string) => scripts.filter(has(folder)).length * 1_000 + others.filter(has(folder)).length;
  const scored = [...candidates].map(folder => ({ folder, score: score(folder) }));
  const best = Math.max(...scored.map(one => one.score));
  const fitting = scored
    .filter(one => one.score === best)
    .map(one => one.folder)
    .sort((one, other) => one.length - other.length || (one < other ? -1 : 1));
  // Where no word names a file there is nothing to tell by: the top, as most runs.
  return { folder: fitting[0]!, others: best === 0 ? [] : fitting.slice(1) };
}

function foldersOf(path: string): string[] {
  const folders: string[] = [];
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) folders.push(path.slice(0, at));
  return folders;
}
