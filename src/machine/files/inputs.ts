import { lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { compileGlobs, type Globs, isLiteral, isNegative } from '../../domain/globs.ts';
import type { Limits } from '../../domain/limits.ts';
import { comparePaths } from '../../domain/path-order.ts';
import { Problem } from '../../domain/problem.ts';
import { whyUnsafe } from '../../domain/safe-path.ts';
import { type CapturedFile, captureFile, readOrNote } from './captured-file.ts';
import { chooseStored, externalPath } from './choose-stored.ts';
import { classifyCommand } from './command-words.ts';
import { sameStamp, stampOf } from './digest.ts';
import { NoteList, quoteName } from './note-list.ts';
import { Pace, type ShowProgress } from './pace.ts';
import { isWithin, realTarget, type Where, walk } from './walk.ts';

export interface InputQuery {
  /** The working tree's top level, absolute and real (no link in it). */
  readonly top: string;
  /** Where the command will run, absolute; its words name files from there. */
  readonly cwd: string;
  readonly command: readonly string[];
  /** `--input`: each must match something. Relative to the top level; a file outside may be named by its absolute path. */
  readonly asked: readonly string[];
  /** `inputs` of corroborate.yml. */
  readonly configured: readonly string[];
  /** Declared outputs: a file that the command names and that they match is what an earlier run left, and no input. */
  readonly outputs: readonly string[];
  readonly limits: Limits;
  readonly keep: readonly string[];
  readonly progress?: ShowProgress;
}

export interface Inputs {
  /** Sorted by path. */
  readonly files: readonly CapturedFile[];
  /**
   * Paths of those that the command may name because it writes them (`-o FILE`, `> FILE`, a file that a declared output
   * matches): what an earlier run left there must not make every repetition a run on other inputs. `settleInputs` tells.
   */
  readonly doubtful: ReadonlySet<string>;
  readonly notes: readonly string[];
}

/** A file that is an input, before it is read. */
interface Source {
  readonly path: string;
  readonly where: Where;
  readonly outside: boolean;
  readonly target: string | null;
  readonly size: number;
}

/**
 * A run's inputs as they are now, before it starts (design, section 8): the regular files that the command names,
 * those that `--input` globs match, and for each configured glob the files it matches, or only those of them that the
 * command names, if it names any. The program and its script are inputs only where a glob says so.
 *
 * A link counts under its own path with the content it leads to. What stands outside the working tree is listed under
 * `external/` by its digest; its content is stored only where `keep` names that path.
 * @throws Problem NOT_FOUND where an `--input` glob matches nothing, INVALID where a glob is none
 */
export async function findInputs(query: InputQuery): Promise<Inputs> {
  const notes = new NoteList();
  const pace = new Pace(query.progress);
  const sources = new Map<string, Source>();
  const take = (source: Source) => sources.set(source.path, source);
  const takeSurely = (source: Source) => {
    take(source);
    doubtful.delete(source.path);
  };

  const named = namedByCommand(query, notes);
  for (const { source } of named) take(source);
  const spokenOf = new Set(named.filter(one => !one.written).map(one => one.source.path));
  const doubtful = new Set(named.filter(one => one.written || one.declared).map(one => one.source.path));

  const inside = query.asked.filter(glob => !isOutside(glob));
  for (const path of query.asked.filter(isOutside)) takeSurely(outsideFile(query, path));
  const globs = [
    ...inside.map(text => ({ text, globs: compileGlobs([text]), asked: true, found: [] as Source[] })),
    ...query.configured.map(text => ({ text, globs: compileGlobs([text]), asked: false, found: [] as Source[] })),
  ];
  const negative = query.configured.filter(isNegative);
  const less = compileGlobs(negative.map(glob => glob.slice(1)));
  await findByGlobs(query, globs, notes, pace);
  for (const { text, asked, found } of globs) {
    if (asked) {
      if (found.length === 0) throw nothingMatches(query, text);
      for (const source of found) takeSurely(source);
      continue;
    }
    if (negative.includes(text)) continue;
    const left = found.filter(source => !less.matches(source.path));
    if (left.length === 0) notes.add(`no file matches the configured inputs`, quoteName(text));
    const spoken = left.filter(source => spokenOf.has(source.path));
    for (const source of spoken.length > 0 ? spoken : left) takeSurely(source);
  }

  const wanted = [...sources.values()].sort((one, other) => comparePaths(one.path, other.path));
  const candidates = chooseStored(wanted, query.limits, query.keep);
  pace.doing = 'reading files';
  pace.ofBytes = wanted.reduce((sum, source) => sum + source.size, 0);
  const files: CapturedFile[] = [];
  for (const source of wanted) {
    const keep = candidates.has(source) ? source.size : -1;
    const file = await captureFile({ ...source, top: query.top, name: quoteName(source.path), keep }, notes, pace);
    if (file) files.push(file);
    if (source.outside) {
      notes.add(
        'inputs stand outside the working tree; content is stored only where `keep` names it',
        quoteName(source.path),
      );
    }
  }
  return { files, doubtful, notes: notes.all() };
}

/**
 * The inputs as the run's end shows them, with notes on what became of them: a doubtful one that the run wrote is an
 * output alone, one that it did not write was read; any other that the run wrote is both, as it was at the start and
 * as it was at the end.
 */
export async function settleInputs(
  inputs: Inputs,
  outputs: readonly CapturedFile[],
): Promise<{ files: CapturedFile[]; notes: string[] }> {
  const notes = new NoteList();
  const pace = new Pace();
  const written = new Set(outputs.map(output => output.path));
  const files = inputs.files.filter(input => !(inputs.doubtful.has(input.path) && written.has(input.path)));
  for (const input of files) {
    const name = quoteName(input.path);
    const now = statOrNull(input.where);
    if (now === null) {
      notes.add('inputs were removed while the run went on; they are recorded as they were at the start', name);
    } else if (written.has(input.path)) {
      notes.add('are inputs as they were at the start, and outputs as they were at the end', name);
    } else if (!sameStamp(stampOf(now), input.stamp)) {
      const digest = await readOrNote(input.where, name, { keep: -1, follow: true }, notes, pace);
      if (digest !== null && digest.sha256 !== input.sha256) {
        notes.add('inputs were changed while the run went on; they are recorded as they were at the start', name);
      }
    }
  }
  return { files, notes: [...inputs.notes, ...notes.all()] };
}

interface Named {
  readonly source: Source;
  /** The word before it says that it is written. */
  readonly written: boolean;
  /** A declared output matches it. */
  readonly declared: boolean;
}

function namedByCommand(query: InputQuery, notes: NoteList): Named[] {
  const { programs, named, written } = classifyCommand(query.command);
  const inTree = (word: string) => treePath(query.top, resolve(query.cwd, word));
  const program = new Set(programs.flatMap(word => [resolve(query.cwd, word), inTree(word) ?? []].flat()));
  const outputs = compileGlobs(query.outputs);
  const inputs = compileGlobs([...query.asked.filter(glob => !isOutside(glob)), ...query.configured]);
  const found = new Map<string, Named>();
  for (const word of new Set([...named, ...written])) {
    if (word === '' || word.includes('\0')) continue;
    const absolute = resolve(query.cwd, word);
    const path = inTree(word);
    const stats = statOrNull(absolute);
    if (stats === null || program.has(absolute) || (path !== null && program.has(path))) continue;
    if (stats.isDirectory() && !written.includes(word)) {
      noteFolder(path, word, absolute, inputs, outputs, notes);
    }
    if (!stats.isFile() || (path === null && /^\/(?:proc|sys|dev)\//.test(absolute))) continue;
    if (path !== null && `/${path}/`.includes('/.git/')) continue;
    const source = sourceAt(query.top, path ?? externalPath(absolute), absolute, stats);
    const unsafe = whyUnsafe(source.path);
    if (unsafe !== null) {
      notes.add(`inputs cannot be listed because of their names (${unsafe})`, quoteName(source.path));
      continue;
    }
    const one = { source, written: written.includes(word), declared: path !== null && outputs.matches(path) };
    // Named twice, once to be read, it is read.
    if (!found.has(source.path) || !one.written) found.set(source.path, one);
  }
  return [...found.values()];
}

/** A folder may be where inputs are or where outputs go: only a glob can tell, so its absence is said. */
function noteFolder(
  path: string | null,
  word: string,
  absolute: string,
  declared: Globs,
  outputs: Globs,
  notes: NoteList,
): void {
  if (path === '') return;
  if (path !== null && (declared.mayHold(path) || outputs.mayHold(path))) return;
  try {
    if (readdirSync(absolute).length === 0) return;
  } catch {
    // It cannot be looked into: then neither can it be said that it is empty.
  }
  notes.add(
    'folders are named on the command line; what they hold is no input unless `--input` or `inputs` says so',
    quoteName(word),
  );
}

async function findByGlobs(
  query: InputQuery,
  globs: readonly { readonly globs: Globs; readonly found: Source[] }[],
  notes: NoteList,
  pace: Pace,
): Promise<void> {
  if (globs.length === 0) return;
  const { top } = query;
  await walk(
    top,
    {
      mayHold: folder => globs.some(one => one.globs.mayHold(folder)),
      wants: path => globs.some(one => one.globs.matches(path)),
      followFolders: true,
      notes,
      pace,
    },
    found => {
      // Without a path that a record can hold it can neither be matched nor listed.
      if (found.path === null) {
        if (found.unsafe !== null && typeof found.where === 'string') {
          notes.add(`inputs cannot be listed because of their names (${found.unsafe})`, found.name);
        }
        return;
      }
      const stats = found.kind === 'link' ? statOrNull(found.where) : found.stats;
      if (!stats?.isFile()) {
        notes.add(
          found.kind === 'link' ? 'are links that lead to no file' : 'are no regular files, so they are not recorded',
          found.name,
        );
        return;
      }
      const source = sourceAt(top, found.path, found.where, stats);
      for (const one of globs) if (one.globs.matches(found.path)) one.found.push(source);
    },
  );
}

function outsideFile(query: InputQuery, path: string): Source {
  const absolute = resolve(query.top, path);
  const inside = treePath(query.top, absolute);
  const stats = statOrNull(absolute);
  if (!stats?.isFile()) {
    throw new Problem(
      'NOT_FOUND',
      `--input ${JSON.stringify(path)}: there is no file ${absolute}. Outside the working tree name each file by itself, without wildcards.`,
    );
  }
  const source = sourceAt(query.top, inside ?? externalPath(absolute), absolute, stats);
  const unsafe = whyUnsafe(source.path);
  if (unsafe === null) return source;
  throw new Problem('INVALID', `--input ${JSON.stringify(path)} cannot be recorded: ${unsafe}. Give it another name.`);
}

function nothingMatches(query: InputQuery, glob: string): Problem {
  const folder = relative(query.top, query.cwd);
  let hint = `Globs are relative to the top level, ${query.top}.`;
  if (folder !== '' && isLiteral(glob) && statOrNull(join(query.cwd, glob)) !== null) {
    hint = `Globs are relative to the top level: write ${JSON.stringify(`${folder}/${glob}`)}.`;
  }
  return new Problem('NOT_FOUND', `--input ${JSON.stringify(glob)} matches no file. ${hint}`);
}

function sourceAt(top: string, path: string, where: Where, stats: Stats): Source {
  const target = realTarget(where);
  return { path, where, outside: target === null || !isWithin(top, target), target, size: stats.size };
}

function isOutside(glob: string): boolean {
  return isAbsolute(glob) || glob.split('/').includes('..');
}

/** A path relative to the top, '' for the top itself, null outside; by its words, with the links of its folder resolved. */
function treePath(top: string, absolute: string): string | null {
  for (const path of [absolute, throughRealFolder(absolute)]) {
    if (path !== null && isWithin(top, path)) return relative(top, path);
  }
  return null;
}

function throughRealFolder(absolute: string): string | null {
  try {
    return join(realpathSync(join(absolute, '..')), absolute.slice(absolute.lastIndexOf('/') + 1));
  } catch {
    return null;
  }
}

/** Of the file that a link leads to. */
function statOrNull(where: Where): Stats | null {
  try {
    return lstatSync(where).isSymbolicLink() ? statSync(where) : lstatSync(where);
  } catch {
    return null;
  }
}
