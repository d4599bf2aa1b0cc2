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
