import { whyUnsafe } from './safe-path.ts';

const form = /^it ran in the folder (.+)$/s;

/** A record has no field for the folder that its command ran in: where that was not the top, a note tells. */
export function runFolderNote(folder: string): string {
  return `it ran in the folder ${folder}`;
}

/** The folder that a record's notes tell, relative to the top; null where none does, or it is no path to be gone to. */
export function runFolderIn(notes: readonly string[]): string | null {
  const folders = notes.flatMap(note => form.exec(note)?.[1] ?? []);
  return folders.find(folder => whyUnsafe(folder) === null) ?? null;
}
