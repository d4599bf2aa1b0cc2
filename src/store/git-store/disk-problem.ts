import { Problem } from '../../domain/problem.ts';

/** git often keeps the system's reason to itself; that a write failed which could be begun is a full disk or quota. */
const full = /No space left on device|[Qq]uota exceeded|Out of diskspace|couldn't write|unable to (?:write|append)/;

/** What an error of the file system, or git's words about one, means to the user; null where it is something else. */
export function diskProblem(cause: unknown, folder: string): Problem | null {
  const code = (cause as NodeJS.ErrnoException | null)?.code ?? '';
  const words = cause instanceof Problem && cause.code === 'GIT_FAILED' ? cause.message : '';
  if (['ENOSPC', 'EDQUOT'].includes(code) || full.test(words)) {
    return new Problem(
      'NO_SPACE',
      `no space is left to write into ${folder}: make room there and try again. The branch is as it was.`,
      { cause },
    );
  }
  if (['EACCES', 'EPERM', 'EROFS'].includes(code) || /Permission denied|Read-only file system/.test(words)) {
    return new Problem(
      'READ_ONLY',
      `${folder} cannot be written to: see who owns it and whether its disk is mounted read-only. The branch is as it was.`,
      { cause },
    );
  }
  return null;
}
