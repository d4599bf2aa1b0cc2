import { lstatSync } from 'node:fs';
import type { StartMark } from '../files/file-clock.ts';
import { NoteList, quoteName } from '../files/note-list.ts';
import { Pace } from '../files/pace.ts';
import { capturedFiles, type SourceCapture } from './capture-source.ts';
import { shownPath } from './tree.ts';

/**
 * Files of the source that changed between the first look at the clocks and the start of the run: git may have read them
 * before that, and the program after it. A change of a later time is for `findOutputs` to see. Costs an lstat a file, so
 * it is meant for while the simulation runs.
 * @param mark of clocks that were asked before the source was captured
 * @param excluded what is no source; inputs are looked at again when they are settled
 * @returns notes for the record
 */
export async function lateChanges(
  capture: SourceCapture,
  mark: StartMark,
  excluded: (path: string) => boolean,
): Promise<string[]> {
  const notes = new NoteList();
  const pace = new Pace();
  for (const { path } of capturedFiles(capture)) {
    const at = Buffer.from(`${Buffer.from(capture.topLevel).toString('latin1')}/${path}`, 'latin1');
    const stats = lstatSync(at, { throwIfNoEntry: false });
    const clock = stats && mark.clocks.find(({ devices }) => devices.includes(stats.dev));
    const isLate = clock && stats.ctimeMs > clock.before && stats.ctimeMs < clock.after;
    if (isLate && !excluded(shownPath(path))) {
      notes.add(
        'changed right before the start, while the source was read: the source may have them as they were before, the run as they were after',
        quoteName(shownPath(path)),
      );
    }
    if (pace.due) await pace.rest();
  }
  return notes.all();
}
