import { compileGlobs } from '../../domain/globs.ts';
import type { Limits } from '../../domain/limits.ts';
import { comparePaths } from '../../domain/path-order.ts';
import { isSecretFile } from '../../domain/secret-name.ts';

/** GitHub refuses a file over this, in bytes, so not even `keep` stores one. */
export const largestKept = 100 * 1024 * 1024;

/** In characters: a path on the branch has at most 4096 of them, and up to 50 are those of the record's folder. */
const longestStored = 4000;

/**
 * Which files' content stands beside the record (design, section 3): those that `keep` globs name, whatever the limits
 * say; of the others, smallest first and then by path, those within the limit of a file, as long as their sum is
 * within the limit of the record. Files of equal content count each (git stores them once all the same). Never a file
 * whose name says that it holds a secret, nor one from outside the working tree that `keep` does not name.
 * Given more files, it never chooses one that it left out among fewer.
 * @param files inputs and outputs together; a file that is both is given twice and counts twice
 */
export function chooseStored<File extends { readonly path: string; readonly size: number; readonly outside?: boolean }>(
  files: readonly File[],
  limits: Limits,
  keep: readonly string[],
): Set<File> {
  const kept = compileGlobs(keep);
  const chosen = new Set<File>();
  const rest: File[] = [];
  for (const file of files) {
    if (isSecretFile(file.path) || file.size > largestKept || file.path.length > longestStored) continue;
    if (kept.matches(file.path)) chosen.add(file);
    else if (file.size <= limits.file && !file.outside) rest.push(file);
  }
  rest.sort((one, other) => one.size - other.size || comparePaths(one.path, other.path));
  let sum = 0;
  for (const file of rest) {
    sum += file.size;
    if (sum > limits.record) break;
    chosen.add(file);
  }
  return chosen;
}

/** Inputs from outside the working tree are listed as `external/` and their absolute path. */
export function externalPath(absolute: string): string {
  return `external/${absolute.replace(/^\/+/, '')}`;
}
