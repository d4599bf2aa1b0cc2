import { stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../../domain/problem.ts';
import type { Signature } from '../record-store.ts';
import { identityPart } from './commit-object.ts';
import { diskProblem } from './disk-problem.ts';
import { noObject, type Repository, runGit } from './repository.ts';
import type { Clock } from './writer-lock.ts';

/** A ref lock of git's so old, in milliseconds, was left by a git that was killed: git holds it for a moment only. */
const abandonedAfter = 10_000;

export interface RefChange {
  readonly branch: string;
  /** Null: it must not be there yet. */
  readonly from: string | null;
  /** Null removes it. */
  readonly to: string | null;
  /** For the reflog. */
  readonly reason: string;
  readonly by?: Signature;
}

/** Moves branches with `git update-ref`, which compares with the value that is expected and works with any ref storage. */
export function branchRefs(repository: Repository, clock: Clock) {
  /** @returns whether it was done; false where the branch is not at `from` */
  return async function update({ branch, from, to, reason, by }: RefChange): Promise<boolean> {
    const ref = `refs/heads/${branch}`;
    const none = noObject[repository.objectFormat];
    const change = to === null ? ['-d', ref, from ?? none] : [ref, to, from ?? none];
    for (;;) {
      try {
        await runGit(repository, ['update-ref', '-m', `corroborate: ${reason.split('\n')[0]}`, ...change], {
          environment: by
            ? { GIT_COMMITTER_NAME: identityPart(by.name) || 'unknown', GIT_COMMITTER_EMAIL: identityPart(by.email) }
            : {},
        });
        return true;
      } catch (cause) {
        if (!(cause instanceof Problem) || cause.code !== 'GIT_FAILED') throw cause;
        const words = cause.message;
        if (/File exists/.test(words)) {
          await awaitRefLock(join(repository.gitDir, `${ref}.lock`), cause);
        } else if (
          /is at [0-9a-f]+ but expected|already exists|unable to resolve reference|is missing but/.test(words)
        ) {
          return false;
        } else if (/exists; cannot create/.test(words)) {
          throw new Problem(
            'FOREIGN_BRANCH',
            `the branch ${branch} cannot be made: git keeps no branch beside one whose name is a folder of it (${words}). Rename the other with \`git branch -m\`.`,
            { cause },
          );
        } else throw diskProblem(cause, join(repository.gitDir, 'refs')) ?? cause;
      }
    }
  };

  /** Waits for the git that holds a ref; removes what a killed one left. */
  async function awaitRefLock(lock: string, cause: Problem): Promise<void> {
    const touched = await stat(lock).then(
      found => found.mtimeMs,
      () => null,
    );
    if (touched === null) {
      // Gone by now, or it is another lock (packed-refs, reftable) that is held: git's own words say which.
      if (!cause.message.includes(lock)) {
        throw new Problem('BUSY', `another git holds the branches of this clone: ${cause.message}`, { cause });
      }
      return;
    }
    if (clock.now().getTime() - touched >= abandonedAfter) await unlink(lock).catch(() => {});
    else await clock.sleep(20 + clock.random() * 80);
  }
}
