import { patchPath } from '../../domain/branch-layout.ts';
import { configurationPath, readConfiguration } from '../../domain/configuration.ts';
import type { Configuration, RecordAtom } from '../../domain/generated/shapes.ts';
import { compileGlobs, isNegative } from '../../domain/globs.ts';
import { Problem } from '../../domain/problem.ts';
import type { UserGit } from '../../domain/user-git.ts';
import type { Repository } from '../../machine/git/repository.ts';
import { makeRecordedClone, type RecordedClone } from '../../machine/source/recorded-clone.ts';
import type { Snapshot } from '../../store/record-store.ts';

export interface RestoredSource {
  readonly clone: RecordedClone;
  /** The corroborate.yml by which the source has the recorded id. */
  readonly configuration: Configuration;
  /** What is otherwise than it was recorded, in sentences. */
  readonly notes: readonly string[];
}

/**
 * Brings a record's source back in a clone of its own, and proves it by the recorded id before anything of it can run.
 * Which files are no source corroborate.yml says, which is no source itself: that of the recorded commit counts, else the
 * present one.
 * @param git works in `folder`
 * @param present corroborate.yml of the user's working tree
 * @throws Problem NOT_FOUND, REFUSED, REMOTE_FAILED, INVALID as `makeRecordedClone`, DAMAGED where another source comes out
 */
export async function restoreRecordedSource(
  git: UserGit,
  user: Repository,
  tip: Snapshot,
  record: RecordAtom,
  present: Configuration,
  folder: string,
  interactive: boolean,
): Promise<RestoredSource> {
  const { program } = record;
  const { commit, repository: remote, dirty } = program.version_control;
  const patch = dirty ? await tip.read(patchPath(record.id)) : null;
  if (dirty && patch === null) {
    throw new Problem(
      'NOT_FOUND',
      `the source of ${record.id} cannot be had: it was not what commit ${commit.slice(0, 10)} has, and no source.patch was kept.${saidOfSource(record)} Ask its owner to run it again from a commit.`,
    );
  }
  const clone = await makeRecordedClone(git, user, { commit, remote, patch }, folder, interactive);
  const committed = await clone.committed(configurationPath);
  const candidates = [readableConfiguration(committed), present];
  const at = candidates.findIndex(
    configuration => configuration !== null && clone.sourceLess(leftOut(configuration, record)) === program.source,
  );
  if (at < 0) throw otherSource(clone, record, candidates[0] ?? present, patch !== null);
  await clone.checkOut();
  const notes = [
    ...clone.notes,
    ...(at === 0
      ? []
      : ['which files are no source the present corroborate.yml says, not that of the recorded commit']),
  ];
  return { clone, configuration: candidates[at]!, notes };
}

/** Null where that of the commit is not valid: then the run did not go by it. */
function readableConfiguration(bytes: Uint8Array | null): Configuration | null {
  try {
    return readConfiguration(bytes);
  } catch (cause) {
    if (cause instanceof Problem) return null;
    throw cause;
  }
}

/** What is no source (design, section 4), with this configuration and the record's own inputs and outputs. */
function leftOut(configuration: Configuration, record: RecordAtom): (path: string) => boolean {
  const { inputs = [], outputs = [], ignore = [] } = configuration;
  const globs = compileGlobs([...inputs, ...outputs, ...ignore].filter(glob => !isNegative(glob)));
  const own = new Set([...record.inputs, ...record.outputs].map(({ path }) => path));
  return path => path === configurationPath || path.startsWith('.github/') || own.has(path) || globs.matches(path);
}

function otherSource(
  clone: RecordedClone,
  record: RecordAtom,
  configuration: Configuration,
  patched: boolean,
): Problem {
  const { commit } = record.program.version_control;
  const got = clone.sourceLess(leftOut(configuration, record));
  const why = clone.notes.length > 0 ? ` ${clone.notes.join(' ')}` : '';
  return new Problem(
    'DAMAGED',
    `the source of ${record.id} cannot be brought back, so nothing was run: commit ${commit.slice(0, 10)}${patched ? ' with source.patch' : ''} gives source ${got}, and the record says ${record.program.source}.${why}${saidOfSource(record)} Where corroborate.yml was another then, put that into place and try again.`,
  );
}

/** What the record itself says of its source. */
function saidOfSource(record: RecordAtom): string {
  const said = record.notes.filter(note => /source|submodule/.test(note));
  return said.length === 0 ? '' : ` The record notes: ${said.slice(0, 5).join('; ')}.`;
}
