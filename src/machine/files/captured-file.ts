import { Problem } from '../../domain/problem.ts';
import { isSecretFile } from '../../domain/secret-name.ts';
import { type Digest, digestFile, type Stamp } from './digest.ts';
import { type NoteList, whyUnreadable } from './note-list.ts';
import type { Pace } from './pace.ts';
import { isInGitFolder, type Where } from './walk.ts';

/** A file of a record, as it was when it was read. */
export interface CapturedFile {
  /** As the record lists it. */
  readonly path: string;
  /** 64 hex digits. */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  /** Its bytes, where it might be stored (see `chooseStored`). */
  readonly content: Buffer | null;
  /** It stands outside the working tree (or is a link to there): never stored unless `keep` names it. */
  readonly outside: boolean;
  readonly where: Where;
  /** Its state then, to tell later whether it changed. */
  readonly stamp: Stamp;
}

interface Capture {
  /** The working tree's top level. */
  readonly top: string;
  readonly path: string;
  readonly name: string;
  readonly where: Where;
  readonly outside: boolean;
  /** Where a link leads to, absolute and real; null for a file of its own. */
  readonly target: string | null;
  /** Largest size, in bytes, whose content is kept in memory. */
  readonly keep: number;
}

/** Reads one file into a record; what hinders is noted, and then there is none. */
export async function captureFile(capture: Capture, notes: NoteList, pace: Pace): Promise<CapturedFile | null> {
  const { top, path, name, where, outside, target } = capture;
  // A remote's address in git's own folder may hold a password.
  const secret = isSecretFile(path) || (target !== null && (isSecretFile(target) || isInGitFolder(top, target)));
  const options = { keep: secret ? -1 : capture.keep, follow: target !== null };
  const digest = await readOrNote(where, name, options, notes, pace);
  if (digest === null) return null;
  if (secret) notes.add('have the names of files that hold secrets, so their content is never stored', name);
  return {
    path,
    sha256: digest.sha256,
    size: digest.size,
    content: digest.content,
    outside,
    where,
    stamp: digest.stamp,
  };
}

/** A digest, or a note that says why there is none. */
export async function readOrNote(
  where: Where,
  name: string,
  options: { readonly keep: number; readonly follow: boolean },
  notes: NoteList,
  pace: Pace,
): Promise<Digest | null> {
  try {
    const digest = await digestFile(where, { ...options, pace });
    if (digest.unsteady) {
      notes.add('were being written while they were read, so they are recorded as they were read', name);
    }
    return digest;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.code === 'NOT_FOUND') notes.add('were gone before they could be read, so they are not recorded', name);
    else notes.add(`could not be read (${whyUnreadable(error)}), so they are not recorded`, name);
    return null;
  }
}
