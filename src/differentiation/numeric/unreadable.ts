import { Problem } from '../../domain/problem.ts';

/** A file that a reader cannot read; the message completes the sentence "<side> …". The method makes a finding of it. */
export function unreadable(because: string, cause?: unknown): Problem {
  return new Problem('UNREADABLE', because, { cause });
}

/** A file that is whole but more than is compared; with a larger budget the answer might be another. */
export function beyondBudget(because: string): Problem {
  return new Problem('UNSUPPORTED', because);
}

/** The package that reads a format is not there. */
export function packageMissing(format: string, name: string, cause: unknown): Problem {
  return new Problem('NOT_FOUND', `is ${format}, which the optional package ${name} reads: npm install ${name}`, {
    cause,
  });
}
