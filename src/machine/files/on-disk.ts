import { statfs } from 'node:fs/promises';
import { Problem, type ProblemCode } from '../../domain/problem.ts';

/** What the file system says when it does not take what is written. */
const codes: Readonly<{ [code: string]: ProblemCode }> = {
  ENOSPC: 'NO_SPACE',
  EDQUOT: 'NO_SPACE',
  EROFS: 'READ_ONLY',
  EACCES: 'READ_ONLY',
  EPERM: 'READ_ONLY',
};

/**
 * Does something that writes files.
 * @param what is written, and where, for the sentence
 * @throws Problem NO_SPACE or READ_ONLY in the place of the system's error
 */
export async function onDisk<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const code = codes[(cause as NodeJS.ErrnoException).code ?? ''];
    if (cause instanceof Problem || code === undefined) throw cause;
    const advice = code === 'NO_SPACE' ? 'Make room there' : 'Make it writable';
    throw new Problem(code, `${what} cannot be written: ${(cause as Error).message}. ${advice}.`, { cause });
  }
}

/** Bytes left on a disk with which a program says only that it cannot write. */
const tooLittle = 1024 ** 2;

/**
 * The same where git writes there, too, which does not tell why it cannot.
 * @param folder where it is written
 */
export async function withRoom<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await onDisk(folder, work);
  } catch (cause) {
    if (!(cause instanceof Problem) || cause.code !== 'GIT_FAILED') throw cause;
    const left = await statfs(folder).then(
      ({ bavail, bsize }) => bavail * bsize,
      () => Number.POSITIVE_INFINITY,
    );
    if (left >= tooLittle) throw cause;
    throw new Problem('NO_SPACE', `${folder} cannot be written: its disk is full. Make room there.`, { cause });
  }
}
