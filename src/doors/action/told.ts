import { Problem } from '../../domain/problem.ts';

/** What went wrong, in a sentence for people. */
export function sentenceOf(cause: unknown): string {
  if (cause instanceof Problem) return cause.message;
  const error = cause instanceof Error ? cause : new Error(String(cause));
  return `a defect of Corroborate's own: ${error.message}. Please report it with these lines: ${error.stack ?? ''}`;
}

/** As a shell does where a command is not there, or is none; else 1, as every Action. */
export function exitCodeOf(cause: unknown): number {
  if (cause instanceof Problem && cause.code === 'COMMAND_NOT_FOUND') return 127;
  if (cause instanceof Problem && cause.code === 'COMMAND_NOT_EXECUTABLE') return 126;
  return 1;
}

/**
 * Whether nothing could be stored for want of leave, as in a fork's pull request: then the record is kept as a file, and
 * nothing has failed. A token that GitHub does not take at all is another thing.
 */
export function isReadOnly(cause: unknown): boolean {
  for (let at = cause; at instanceof Error; at = at.cause) {
    if ((at as { status?: unknown }).status === 401) return false;
  }
  return cause instanceof Problem && cause.code === 'FORBIDDEN';
}
