import picomatch from 'picomatch/posix.js';
import { Problem } from './problem.ts';

/**
 * Globs as corroborate.yml and the command line have them: forward slashes, relative to the top level of the working
 * tree, case-sensitive.
 *
 * - `*` and `?` stay within one name, `**` crosses folders, `{a,b}`, `[ab]` and `+(a|b)` as in Bash; `\*` is a plain star.
 * - Wildcards match dotfiles too: an output that nobody sees is still an output.
 * - A glob whose last name has no wildcard means that file, or everything under that folder: `Data`, `Data/`, `runs/*\/out`.
 *   With a slash at its end any glob means everything under the folders it matches. `.` means everything.
 * - A name that has wildcard characters of its own (`data[1].txt`) is matched by itself as well.
 * - A glob that begins with `!` takes away what the other globs of its list match.
 */
export interface Globs {
  /** Whether a file's path is meant. */
  matches(path: string): boolean;
  /** Whether a folder may hold files that are meant; false only where that is certain. `''` is the top level. */
  mayHold(folder: string): boolean;
  /** Whether all that a folder may ever hold is meant; true only where that is certain. */
  holdsAll(folder: string): boolean;
}

interface Glob {
  readonly text: string;
  readonly names: readonly Name[];
  readonly matches: (path: string) => boolean;
  readonly whole: (folder: string) => boolean;
}

/** One name of a glob: a plain name, a pattern for one name, or `**` (any number of names). */
interface Name {
  readonly text: string;
  readonly plain: boolean;
  readonly any: boolean;
  readonly matches: (name: string) => boolean;
}

// The `s` flag: a newline is a character of a name like any other.
const options = { dot: true, nonegate: true, strictSlashes: true, flags: 's' } as const;

/** @throws Problem INVALID where a glob is empty, absolute or leaves the working tree */
export function compileGlobs(globs: readonly string[]): Globs {
  const meant: Glob[] = [];
  const less: Glob[] = [];
  for (const text of globs) {
    if (isNegative(text)) less.push(compile(text.slice(1)));
    else meant.push(compile(text));
  }
  return {
    matches: path => meant.some(glob => glob.matches(path)) && !less.some(glob => glob.matches(path)),
    mayHold: folder => {
      const parts = folder === '' ? [] : folder.split('/');
      return meant.some(glob => mayReach(glob, parts));
    },
    holdsAll: folder => less.length === 0 && meant.some(glob => glob.whole(folder)),
  };
}

/** Whether no path can be meant by both lists; false where it cannot be proven, also on systems that ignore case. */
export function areDisjoint(one: readonly string[], other: readonly string[]): boolean {
  const fold = (glob: string) => compile(glob.normalize('NFC').toLowerCase());
  const others = other.filter(glob => !isNegative(glob)).map(fold);
  return one
    .filter(glob => !isNegative(glob))
    .every(glob => others.every(rival => apart(fold(glob).names, rival.names)));
}

/** Whether two runs in one directory might write the same files. A run that declares no outputs may write anything. */
export function declaredOutputsOverlap(one: readonly string[], other: readonly string[]): boolean {
  return one.length === 0 || other.length === 0 || !areDisjoint(one, other);
}

/** The folder (or the file) that a glob cannot leave: `Data` for `Data/**`, `''` for `*.csv`. */
export function literalPrefix(glob: string): string {
  const names: string[] = [];
  for (const name of compile(isNegative(glob) ? glob.slice(1) : glob).names) {
    if (!name.plain) break;
    names.push(name.text);
  }
  return names.join('/');
}

/** Whether it names one file or folder and not a set of them. */
export function isLiteral(glob: string): boolean {
  return (
    !isNegative(glob) && compile(glob).names.every((name, at, all) => name.plain || (name.any && at === all.length - 1))
  );
}

/** `!(a|b)` is a pattern of its own, `!a` takes `a` away. */
export function isNegative(glob: string): boolean {
  return glob.startsWith('!') && glob[1] !== '(' && glob.length > 1;
}

function compile(given: string): Glob {
  const say = (why: string) =>
    new Problem(
      'INVALID',
      `the glob ${JSON.stringify(given)} ${why}: write it relative to the top level of the working tree.`,
    );
  if (given.trim() === '') throw say('is empty');
  if (given.length > 4096) throw say('is longer than 4096 characters');
  if (given.startsWith('/')) throw say('is absolute');
  if (given.includes('\0')) throw say('holds a NUL character');
  const folder = given.endsWith('/') || given === '.';
  const parts = namesOf(given).filter(part => part !== '' && part !== '.');
  if (parts.includes('..')) throw say('leaves the working tree');
  if (folder || parts.length === 0) parts.push('**');
  const names = parts.map(compileName);
  const text = parts.join('/');
  const itself = picomatch(text, options);
  const under = names.at(-1)!.plain ? picomatch(`${text}/**`, options) : () => false;
  // `runs/**` takes in all of `runs`, and of every folder below.
  const open =
    parts.at(-1) !== '**' || text.includes('(')
      ? null
      : picomatch(parts.length === 1 ? text : [text, parts.slice(0, -1).join('/')], options);
  const plainText = names.map(name => name.text).join('/');
  return {
    text,
    names: names.at(-1)!.plain ? [...names, compileName('**')] : names,
    whole: path => under(path) || (names.at(-1)!.plain && itself(path)) || open?.(path) === true,
    matches: path => itself(path) || path === text || path === plainText || under(path),
  };
}

/** Split at slashes outside of brackets; from the first name whose brackets hold a slash on, anything may come. */
function namesOf(glob: string): string[] {
  const names: string[] = [];
  let name = '';
  let depth = 0;
  for (let at = 0; at < glob.length; at++) {
    const letter = glob[at]!;
    if (letter === '\\') {
      name += letter + (glob[++at] ?? '');
      continue;
    }
    if (letter === '/' && depth === 0) {
      names.push(name);
      name = '';
      continue;
    }
    if ('{[('.includes(letter)) depth++;
    else if ('}])'.includes(letter) && depth > 0) depth--;
    name += letter;
  }
  return [...names, name];
}

function compileName(text: string): Name {
  // picomatch reads `!(a)` otherwise within a path than alone.
  if (text === '**' || text.includes('/') || text.includes('!('))
    return { text, plain: false, any: true, matches: () => true };
  if (!/[*?[{(]/.test(text.replace(/\\./g, ''))) {
    const name = text.replace(/\\(.)/g, '$1');
    return { text: name, plain: true, any: false, matches: other => other === name };
  }
  const pattern = picomatch(text, options);
  return { text, plain: false, any: false, matches: other => other === text || pattern(other) };
}

function mayReach(glob: Glob, folder: readonly string[]): boolean {
  for (const [at, part] of folder.entries()) {
    const name = glob.names[at];
    if (name === undefined) return false;
    if (name.any) return true;
    if (!name.matches(part)) return false;
  }
  return glob.names.length > folder.length;
}

function apart(one: readonly Name[], other: readonly Name[]): boolean {
  for (let at = 0; ; at++) {
    const a = one[at];
    const b = other[at];
    if (a === undefined || b === undefined) return false;
    if (a.any || b.any) return false;
    if (a.plain && b.plain) {
      if (a.text !== b.text) return true;
    } else if (a.plain !== b.plain) {
      const [plain, pattern] = a.plain ? [a, b] : [b, a];
      // Folding the case of `[A-Z]` or `[[:upper:]]` changes what it means.
      if (!pattern.text.includes('[') && !pattern.matches(plain.text)) return true;
    }
  }
}
