import { mkdirSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

/**
 * A folder for what makes later calls quicker, where programs keep such things by the XDG base directory specification;
 * made where it is not there. Null where there is none that is the user's alone: what stands there is run.
 */
export function cacheFolder({ XDG_CACHE_HOME: cache, HOME: home }: NodeJS.ProcessEnv): string | null {
  const base = cache && isAbsolute(cache) ? cache : home && isAbsolute(home) ? join(home, '.cache') : null;
  if (base === null) return null;
  const folder = join(base, 'corroborate');
  try {
    for (const one of [base, folder]) makeFolder(one);
    const { uid, mode } = statSync(folder);
    return uid === process.getuid?.() && (mode & 0o022) === 0 ? folder : null;
  } catch {
    return null;
  }
}

/** Alone, since a home folder that is not there is nobody's to make. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (problem) {
    const { code } = problem as NodeJS.ErrnoException;
    // A system that may not be written to says so even of a folder that is there.
    if (code !== 'EEXIST' && code !== 'EROFS') throw problem;
  }
}
