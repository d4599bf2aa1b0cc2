import { stat } from 'node:fs/promises';
import { isAbsolute, join, posix } from 'node:path';
import { classifyCommand } from '../../machine/files/command-words.ts';
import { placeFile } from '../../machine/files/place-file.ts';

export interface FoundPrograms {
  readonly command: readonly string[];
  /** What was taken from the working tree, in sentences. */
  readonly notes: readonly string[];
}

/**
 * Programs that the command names by a path in the tree and that are no source (`.venv/bin/python`, `build/sim`), from the
 * user's working tree. The first word is called where it stands, since a virtual environment goes by that (Table 1 looks
 * at the words behind it); others are copied to where the command names them.
 * @param folder the one that the command runs in, relative to the top
 * @param top the labelled directory
 * @param workingTree the user's; null where there is none
 */
export async function takeUntrackedPrograms(
  command: readonly string[],
  folder: string,
  top: string,
  workingTree: string | null,
): Promise<FoundPrograms> {
  const words = [...command];
  const notes: string[] = [];
  if (workingTree === null) return { command: words, notes };
  for (const word of new Set(classifyCommand(command).programs)) {
    if (isAbsolute(word) || (word === command[0] && !word.includes('/'))) continue;
    const path = posix.join(folder, word);
    if (path.startsWith('../') || (await isFile(join(top, path))) || !(await isFile(join(workingTree, path)))) continue;
    if (word === command[0]) words[0] = join(workingTree, path);
    else await placeFile(top, path, { copyOf: join(workingTree, path) });
    notes.push(`the program ${path} is no part of the source: the one in the working tree is taken`);
  }
  return { command: words, notes };
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    stats => stats.isFile(),
    () => false,
  );
}
