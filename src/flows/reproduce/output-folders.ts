import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { RecordAtom } from '../../domain/generated/shapes.ts';
import { Problem } from '../../domain/problem.ts';
import { placeFolderOf } from '../../machine/files/place-file.ts';

/**
 * Makes the folders in which the recorded outputs stood: many programs expect theirs to be there, and git keeps no empty
 * folder. No record tells whether the run made it.
 * @returns those that were not there, relative to the top
 */
export async function makeOutputFolders({ outputs }: RecordAtom, top: string): Promise<string[]> {
  const folders = new Set(outputs.map(({ path }) => posix.dirname(path)));
  const made: string[] = [];
  for (const folder of [...folders].sort()) {
    if (folder === '.' || existsSync(join(top, folder))) continue;
    try {
      await placeFolderOf(top, `${folder}/any`);
      made.push(folder);
    } catch (cause) {
      // Where a link of the source leads elsewhere, nothing is made for the program.
      if (!(cause instanceof Problem)) throw cause;
    }
  }
  return made;
}
