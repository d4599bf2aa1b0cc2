import { relative, resolve } from 'node:path';
import { compileGlobs } from '../../domain/globs.ts';
import type { CapturedFile } from '../../machine/files/captured-file.ts';
import { classifyCommand } from '../../machine/files/command-words.ts';
import { quoteName } from '../../machine/files/note-list.ts';
import type { Outputs } from '../../machine/files/outputs.ts';
import type { SourceCapture } from '../../machine/source/capture-source.ts';
import type { SourceEntry } from '../../machine/source/tree.ts';
import type { RunWords } from './run-words.ts';

/** Where a run works, and what it was told that bears on which files are what. */
interface WorkPlace {
  readonly words: Pick<RunWords, 'command' | 'outputs' | 'asked' | 'configured'>;
  readonly cwd: string;
  readonly top: string;
}

/**
 * Tracked files that were written while the run went on, where nobody declared what its outputs are. The program itself and
 * what it was seen to load stay source, as they were at the start: it is far likelier that somebody edits the next version
 * than that a simulation writes itself, and without them two different programs would count as the same source. Any other
 * may be a result that is kept in git, or source: it is an output, and a note says what that means.
 * @param tracked their paths, as text
 * @param loaded absolute paths that probes saw the program load
 */
export function separateSource(
  { words, cwd, top }: WorkPlace,
  { files, notes }: Outputs,
  tracked: ReadonlySet<string>,
  loaded: readonly (string | Buffer)[],
  noteOfResults = 'are tracked and were written while the run went on: they are recorded as outputs and so are no part of its source; `outputs` in corroborate.yml (or --output) says what is which',
): Outputs {
  if (words.outputs.length > 0) return { files, notes };
  const programs = classifyCommand(words.command).programs.map(word => resolve(cwd, word));
  const run = new Set([...programs, ...loaded.map(String)].map(file => relative(top, file)));
  const asked = words.asked.filter(glob => !glob.startsWith('/') && !glob.split('/').includes('..'));
  const known = compileGlobs([...words.configured, ...asked]);
  const changed = files.filter(({ path }) => tracked.has(path) && !known.matches(path));
  const source = new Set(changed.filter(({ path }) => run.has(path)));
  const results = changed.filter(file => !source.has(file));
  return {
    files: files.filter(file => !source.has(file)),
    notes: [
      ...notes,
      ...listed(
        [...source],
        'are source and were written while the run went on: they are recorded as source, as they were at the start',
      ),
      ...listed(results, noteOfResults),
    ],
  };
}

/** The tracked files of a capture, as text. */
export function trackedPaths({ tracked }: SourceCapture): Set<string> {
  return new Set(tracked.map(asText));
}

/** Those of them that a listing of the commit alone does not name: added since, or a submodule's. */
export async function notInCommit({ tracked, committed, parts }: SourceCapture): Promise<string[]> {
  const listed = new Set(parts.length > 1 ? [] : (await committed()).files.map(({ path }) => path));
  return tracked.filter(({ path }) => !listed.has(path)).map(asText);
}

function asText({ path }: SourceEntry): string {
  return Buffer.from(path, 'latin1').toString('utf8');
}

/** More names than this are counted. */
const shown = 20;

function listed(files: readonly CapturedFile[], about: string): string[] {
  if (files.length === 0) return [];
  const names = files.slice(0, shown).map(({ path }) => quoteName(path));
  const rest = files.length > shown ? ` and ${files.length - shown} more` : '';
  return [`${about}: ${names.join(', ')}${rest}`];
}
