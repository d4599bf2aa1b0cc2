import { statSync } from 'node:fs';
import { compileGlobs } from '../../domain/globs.ts';
import type { Limits } from '../../domain/limits.ts';
import { comparePaths } from '../../domain/path-order.ts';
import { type CapturedFile, captureFile, readOrNote } from './captured-file.ts';
import { chooseStored } from './choose-stored.ts';
import { sameStamp, stampOf } from './digest.ts';
import { changedSince, type StartMark } from './file-clock.ts';
import { NoteList, quoteName } from './note-list.ts';
import { Pace, type ShowProgress } from './pace.ts';
import { type Found, isWithin, readlink, realTarget, walk } from './walk.ts';

export interface OutputQuery {
  /** The working tree's top level (or that of the run's own directory), absolute and real. */
  readonly top: string;
  /** From right before the run, settled after it. */
  readonly mark: StartMark;
  /** `--output`, or `outputs` of corroborate.yml; none: whatever the run wrote. */
  readonly declared: readonly string[];
  readonly ignore: readonly string[];
  readonly inputs: readonly CapturedFile[];
  readonly limits: Limits;
  readonly keep: readonly string[];
  /** Whether git tracks a path. */
  readonly isTracked: (path: string) => boolean;
  /**
   * Whether a tracked file held these very bytes at the start; asked only for one whose inode changed and whose time of
   * writing did not. Where nobody can tell, it is taken as unchanged (`chmod`, `ln`).
   */
  readonly heldAtStart?: (path: string, sha256: string) => Promise<boolean>;
  readonly progress?: ShowProgress;
}

export interface Outputs {
  /** Sorted by path. */
  readonly files: readonly CapturedFile[];
  readonly notes: readonly string[];
}

type Output = {
  readonly found: Found;
  readonly path: string;
  readonly size: number;
  readonly outside: boolean;
  readonly target: string | null;
};

/**
 * The files that a run wrote and left, even with equal bytes (design, section 8): all whose inode changed since the mark,
 * under the declared globs if there are any, less `ignore` and litter.
 *
 * Told apart from what was merely renamed in place, linked or given another mode: a tracked file, and an input, whose
 * time of writing and bytes are those of the start. Another old file whose mode the run changed counts as written.
 * A link that the run made counts under its own path with the content it leads to, if that is inside the tree; nested
 * repositories are folders like any other, less their `.git`. What a record cannot hold (odd names, sockets, links to
 * outside) is noted, files with their size and sha256.
 */
export async function findOutputs(query: OutputQuery): Promise<Outputs> {
  const { top, mark, inputs, declared } = query;
  const notes = new NoteList();
  const pace = new Pace(query.progress);
  const globs = compileGlobs(declared.length > 0 ? declared : ['**']);
  const ignore = compileGlobs(query.ignore);
  const inputAt = new Map(inputs.map(input => [input.path, input]));

  const outputs: Output[] = [];
  const oddlyNamed: Found[] = [];
  const unsure: { output: Output; input: CapturedFile | undefined }[] = [];
  const look = (found: Found) => {
    const { rewritten, known } = changedSince(mark, found.stats);
    if (!known) {
      notes.add(
        'stand on another file system than the working tree, whose clock was taken to be the same; name their folder in `outputs` to have it asked',
        found.name,
      );
    }
    if (found.kind === 'other') {
      notes.add(
        'were made by the run, but are no regular files (sockets, pipes, devices), so they are not recorded',
        found.name,
      );
    } else if (found.path === null) oddlyNamed.push(found);
    else if (found.kind === 'link') {
      const target = realTarget(found.where);
      if (target !== null && isWithin(top, target)) {
        outputs.push({ found, path: found.path, size: sizeOf(target), outside: false, target });
      } else {
        notes.add(
          `are links to ${target === null ? 'nothing' : 'outside the working tree'}, so they are not recorded`,
          `${found.name} -> ${quoteName(readlink(found.where))}`,
        );
      }
    } else {
      const output = { found, path: found.path, size: found.stats.size, outside: false, target: null };
      const input = inputAt.get(found.path);
      if (!rewritten && (query.isTracked(found.path) || (input && sameStamp(input.stamp, stampOf(found.stats))))) {
        unsure.push({ output, input });
      } else outputs.push(output);
    }
  };
  await walk(
    top,
    {
      mayHold: folder => globs.mayHold(folder) && !ignore.holdsAll(folder),
      wants: path => globs.matches(path) && !ignore.matches(path),
      wantsState: stats => changedSince(mark, stats).changed,
      followFolders: declared.length > 0,
      notes,
      pace,
    },
    look,
  );

  pace.doing = 'reading files';
  pace.ofBytes = outputs.reduce((sum, output) => sum + output.size, 0);
  for (const { output, input } of unsure) {
    const digest = await readOrNote(output.found.where, output.found.name, { keep: -1, follow: false }, notes, pace);
    if (digest === null) continue;
    const held = input
      ? input.sha256 === digest.sha256
      : ((await query.heldAtStart?.(output.path, digest.sha256)) ?? true);
    if (!held) outputs.push(output);
  }
  outputs.sort((one, other) => comparePaths(one.path, other.path));
  // Only what might be stored is kept in memory; inputs can only make it less.
  const candidates = chooseStored(outputs, query.limits, query.keep);
  const files: CapturedFile[] = [];
  for (const output of outputs) {
    const { found, path, outside, target } = output;
    const keep = candidates.has(output) ? Math.max(output.size, query.limits.file) : -1;
    const file = await captureFile(
      { top, path, name: found.name, where: found.where, outside, target, keep },
      notes,
      pace,
    );
    if (file) files.push(file);
  }
  for (const { name, where, unsafe } of oddlyNamed) {
    const digest = await readOrNote(where, name, { keep: -1, follow: false }, notes, pace);
    if (digest !== null) {
      notes.add(
        `were written by the run, but cannot be listed because of their names (${unsafe})`,
        `${name} (${digest.size} bytes, sha256 ${digest.sha256})`,
      );
    }
  }
  return { files, notes: [...mark.notes, ...notes.all()] };
}

function sizeOf(target: string): number {
  return statSync(target, { throwIfNoEntry: false })?.size ?? 0;
}
