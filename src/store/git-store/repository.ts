import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { GitAnswer, GitOptions, UserGit } from '../../domain/user-git.ts';

/** The clone that holds the branch, and what may be asked of it. */
export interface Repository {
  readonly git: UserGit;
  /** The common git folder, absolute: linked worktrees share its objects and branches. */
  readonly gitDir: string;
  readonly objectFormat: 'sha1' | 'sha256';
  /** What Corroborate was started with; for the git processes that stay open, which `UserGit` cannot give. */
  readonly environment: NodeJS.ProcessEnv;
}

/** `git replace` must not change what an id means. */
const plain = { GIT_NO_REPLACE_OBJECTS: '1' };

/** Runs the user's git on this repository, wherever the user stands. */
export function runGit(repository: Repository, args: readonly string[], options: GitOptions = {}): Promise<GitAnswer> {
  return repository.git.run([`--git-dir=${repository.gitDir}`, ...args], {
    ...options,
    environment: { ...plain, ...options.environment },
  });
}

export type GitProcess = ChildProcessByStdio<Writable, Readable, Readable>;

/** Nothing that the repository's settings name is run: no hook, no monitor (reading the index starts one). */
const always = ['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false'];

/** Starts a git whose output is read while it runs. */
export function startGit(
  repository: Repository,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): GitProcess {
  const child = spawn('git', [...always, `--git-dir=${repository.gitDir}`, ...args], {
    cwd: repository.gitDir,
    detached: repository.git.apart === true,
    env: { ...repository.environment, ...plain, GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C', ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // A git that ends before it has read everything says why itself.
  child.stdin.on('error', () => {});
  return child;
}

const idForms = { sha1: /^[0-9a-f]{40}$/, sha256: /^[0-9a-f]{64}$/ };

export function isObjectId(repository: Repository, text: string): boolean {
  return idForms[repository.objectFormat].test(text);
}

export const noObject = { sha1: '0'.repeat(40), sha256: '0'.repeat(64) };
