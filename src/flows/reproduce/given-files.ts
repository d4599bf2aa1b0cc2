import { access, constants, stat } from 'node:fs/promises';
import { Problem } from '../../domain/problem.ts';

/**
 * Sees to it that every file that was given can be read, before anything is fetched.
 * @param given the flag as it was written, and its absolute path
 * @throws Problem NOT_FOUND, UNREADABLE
 */
export async function requireFiles(given: readonly { readonly flag: string; readonly file: string }[]): Promise<void> {
  for (const { flag, file } of given) {
    try {
      const isFolder = (await stat(file)).isDirectory();
      if (isFolder) throw new Problem('UNREADABLE', `${flag}: ${file} is a folder; name a file.`);
      await access(file, constants.R_OK);
    } catch (cause) {
      if (cause instanceof Problem) throw cause;
      const { code, message } = cause as NodeJS.ErrnoException;
      const isMissing = code === 'ENOENT' || code === 'ENOTDIR';
      throw new Problem(
        isMissing ? 'NOT_FOUND' : 'UNREADABLE',
        `${flag}: ${file} ${isMissing ? 'is not there' : `cannot be read (${message})`}, so nothing was run. Check the path.`,
        { cause },
      );
    }
  }
}
