import { compileGlobs } from '../../domain/globs.ts';
import { digestFile } from './digest.ts';
import { NoteList } from './note-list.ts';
import { Pace, type ShowProgress } from './pace.ts';
import { walk } from './walk.ts';

export interface WantedContent {
  readonly sha256: string;
  readonly size: number;
}

/** The file's sha256 where it can be read, else null. */
export async function digestOrNull(where: string): Promise<string | null> {
  return digestFile(where, { follow: true }).then(
    ({ sha256 }) => sha256,
    () => null,
  );
}

/**
 * Looks for contents among the files of a folder, whatever they are called there: only files of a wanted size are read.
 * @param top absolute, and no link
 * @returns a file for each sha256 that was found
 */
export async function findByDigest(
  top: string,
  wanted: readonly WantedContent[],
  progress?: ShowProgress,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  if (wanted.length === 0) return found;
  const sizes = new Set(wanted.map(({ size }) => size));
  const digests = new Set(wanted.map(({ sha256 }) => sha256));
  const candidates: string[] = [];
  const all = compileGlobs(['**']);
  await walk(
    top,
    {
      mayHold: () => true,
      wants: path => all.matches(path),
      wantsState: stats => stats.isFile() && sizes.has(stats.size),
      followFolders: false,
      everything: true,
      notes: new NoteList(),
      pace: new Pace(progress),
    },
    ({ kind, where }) => {
      if (kind === 'file' && typeof where === 'string') candidates.push(where);
    },
  );
  for (const where of candidates) {
    if (found.size === digests.size) break;
    const sha256 = await digestOrNull(where);
    if (sha256 !== null && digests.has(sha256) && !found.has(sha256)) found.set(sha256, where);
  }
  return found;
}
