import { stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../../domain/problem.ts';
import type { Signature } from '../record-store.ts';
import { identityPart } from './commit-object.ts';
import { diskProblem } from './disk-problem.ts';
import { noObject, type Repository, runGit, startGit } from './repository.ts';
import type { Clock } from './writer-lock.ts';

/** A ref lock of git's so old, in milliseconds, was left by a git that was killed: git holds it for a moment only. */
const abandonedAfter = 10_000;

/** For the reflog: why and by whom a branch is moved. */
export interface MoveWords {
  readonly reason: string;
  readonly by?: Signature;
}

export interface RefChange extends MoveWords {
  readonly branch: string;
  /** Null: it must not be there yet. */
  readonly from: string | null;
  /** Null removes it. */
  readonly to: string | null;
}

/** A git that was started ahead and waits to be told what to move: its start takes as long as a small commit. */
export interface WaitingGit {
  /** Its end, once. @throws Problem GIT_FAILED */
  move(ref: string, to: string, from: string): Promise<void>;
  /** Ends it, where it was not needed. */
  dismiss(): void;
}

/** Moves branches with `git update-ref`, which compares with the value that is expected and works with any ref storage. */
export function branchRefs(repository: Repository, clock: Clock) {
  return { update, ready };

  /**
   * @param waiting was made `ready` with the same words
   * @returns whether it was done; false where the branch is not at `from`
   */
  async function update(
    { branch, from, to, reason, by }: RefChange,
    waiting: WaitingGit | null = null,
  ): Promise<boolean> {
    const ref = `refs/heads/${branch}`;
    const none = noObject[repository.objectFormat];
    const change = to === null ? ['-d', ref, from ?? none] : [ref, to, from ?? none];
    let first = waiting;
    for (;;) {
      try {
        if (first !== null && to !== null) await first.move(ref, to, from ?? none);
        else await runGit(repository, [...updateRef({ reason }), ...change], { environment: committer({ by }) });
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
      first = null;
    }
  }

  function ready(words: MoveWords): WaitingGit {
    const git = startGit(repository, [...updateRef(words), '--stdin', '-z'], committer(words));
    let said = '';
    git.stdout.resume();
    git.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString('utf8')).slice(-4096);
    });
    const ended = new Promise<number>((resolve, reject) => {
      git.once('error', reject);
      git.once('close', code => resolve(code ?? 128));
    });
    // Told to whoever moves something.
    ended.catch(() => {});
    return {
      async move(ref, to, from) {
        git.stdin.end(`update ${ref}\0${to}\0${from}\0`);
        const code = await ended.catch(cause => {
          throw new Problem('GIT_FAILED', `git could not be started: ${(cause as Error).message}`, { cause });
        });
        if (code === 0) return;
        const words = said.trim().replace(/^(?:fatal|error): /gm, '');
        throw new Problem('GIT_FAILED', `git update-ref failed (exit ${code}): ${words}`);
      },
      dismiss: () => git.stdin.end(),
    };
  }

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

function updateRef({ reason }: Pick<MoveWords, 'reason'>): string[] {
  return ['update-ref', '-m', `corroborate: ${reason.split('\n')[0]}`];
}

function committer({ by }: { readonly by?: Signature | undefined }): Record<string, string> {
  if (!by) return {};
  return { GIT_COMMITTER_NAME: identityPart(by.name) || 'unknown', GIT_COMMITTER_EMAIL: identityPart(by.email) };
}
