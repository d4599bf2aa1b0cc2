import { Problem } from '../../domain/problem.ts';
import type { GitAnswer } from '../../domain/user-git.ts';
import { type Repository, runGit } from './repository.ts';

/** A branch and where it stands. */
export interface BranchTip {
  readonly name: string;
  readonly commit: string;
}

/** What a remote has, as it was fetched. */
export interface RemoteTips {
  /** The tip of the remote's records branch; null where it has none. */
  readonly records: string | null;
  /** The remote's open requests: names below `diffs/` and their tips. */
  readonly diffs: readonly BranchTip[];
}

export interface Exchange {
  /**
   * The remote to exchange with: the one told; else the one that the records branch, then the branch that is checked
   * out, follows; else `origin`; else the only one.
   * @throws Problem NOT_FOUND where there is none, or no such; AMBIGUOUS where none of several stands out
   */
  remote(told?: string): Promise<string>;
  /**
   * Fetches the records branch and the requests into `refs/remotes/<remote>/`, and forgets there what the remote does
   * not have any more. No tags, no FETCH_HEAD, nothing of the user's own.
   * @throws Problem REMOTE_FAILED
   */
  fetchBranch(remote: string): Promise<RemoteTips>;
  /**
   * Pushes branches under their own names: all or none, never by force.
   * @throws Problem BRANCH_MOVED where the remote has what is not here yet (pull, then push again), REMOTE_FAILED
   */
  pushBranch(remote: string, branches: readonly string[]): Promise<void>;
  /**
   * Removes those of the branches from the remote that stand there at the very commit that is told; leaves all others.
   * @returns the names of those removed, and why git left any that did stand there
   * @throws Problem REMOTE_FAILED where the remote cannot be asked
   */
  removeBranches(remote: string, branches: readonly BranchTip[]): Promise<{ removed: string[]; left: string | null }>;
}

/** Every exit code: here each is read before it is judged. */
const anyCode = Array.from({ length: 255 }, (_, index) => index + 1);

/**
 * Exchanges the records branch with remotes through the user's own git, which knows the user's keys and credentials.
 * @param interactive let git prompt and show its progress on the terminal
 */
export function exchange(repository: Repository, branch: string, interactive: boolean): Exchange {
  async function names(): Promise<string[]> {
    const { stdout } = await runGit(repository, ['remote']);
    return stdout.toString('utf8').split('\n').filter(Boolean);
  }

  /** The remote that a branch follows, if it follows one. */
  async function followed(name: string): Promise<string> {
    const { stdout } = await runGit(repository, ['config', '--get', `branch.${name}.remote`], { accept: [1] });
    return stdout.toString('utf8').trim();
  }

  async function current(): Promise<string> {
    // In the user's folder: a linked worktree has a branch of its own.
    const { stdout } = await repository.git.run(['symbolic-ref', '-q', '--short', 'HEAD'], { accept: [1, 128] });
    return stdout.toString('utf8').trim();
  }

  return {
    async remote(told) {
      const all = await names();
      if (told !== undefined) {
        if (all.includes(told)) return told;
        throw new Problem('NOT_FOUND', `there is no remote ${told} here: \`git remote -v\` lists those there are.`);
      }
      if (all.length === 0) {
        throw new Problem(
          'NOT_FOUND',
          'this clone has no remote to exchange records with: `git remote add origin URL` adds one.',
        );
      }
      const branches = [branch, await current()].filter(Boolean);
      const candidates = [...(await Promise.all(branches.map(followed))), 'origin'];
      const found = candidates.find(name => all.includes(name)) ?? (all.length === 1 ? all[0] : undefined);
      if (found !== undefined) return found;
      throw new Problem(
        'AMBIGUOUS',
        `this clone has the remotes ${all.join(', ')} and nothing says which has the records: \`git config branch.${branch}.remote ${all[0]}\` does.`,
      );
    },

    async fetchBranch(remote) {
      const at = `refs/remotes/${remote}/`;
      // A pattern, because naming a branch that the remote does not have is an error; it may take others along whose
      // names begin so, as any `git fetch` does.
      const wanted = [`+refs/heads/${branch}*:${at}${branch}*`, `+refs/heads/diffs/*:${at}diffs/*`];
      const quiet = ['--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--no-auto-gc', '--refmap='];
      const show = interactive ? [] : ['--quiet'];
      const answer = await runGit(repository, ['fetch', ...show, ...quiet, '--prune', remote, ...wanted], {
        interactive,
        accept: anyCode,
      });
      if (answer.code !== 0) throw failed('fetch from', remote, answer);
      const { stdout } = await runGit(repository, [
        'for-each-ref',
        '--format=%(refname) %(objectname)',
        `${at}${branch}`,
        `${at}diffs/`,
      ]);
      const tips = stdout
        .toString('utf8')
        .split('\n')
        .filter(Boolean)
        .map(line => line.slice(at.length).split(' '))
        .map(([name, commit]) => ({ name: name!, commit: commit! }));
      return {
        records: tips.find(({ name }) => name === branch)?.commit ?? null,
        diffs: tips.filter(({ name }) => name.startsWith('diffs/')),
      };
    },

    async pushBranch(remote, branches) {
      if (branches.length === 0) return;
      const specs = branches.map(name => `refs/heads/${name}:refs/heads/${name}`);
      const push = ['push', '--porcelain', '--no-follow-tags', '--recurse-submodules=no'];
      const options = { interactive, accept: anyCode };
      const answer = await runGit(repository, [...push, '--atomic', remote, ...specs], options);
      if (answer.code === 0) return;
      const said = `${answer.stdout.toString('utf8')}\n${answer.stderr}`;
      if (/does not support --atomic/.test(said)) {
        const again = await runGit(repository, [...push, remote, ...specs], options);
        if (again.code === 0) return;
        throw pushProblem(remote, again);
      }
      throw pushProblem(remote, answer);
    },

    async removeBranches(remote, branches) {
      if (branches.length === 0) return { removed: [], left: null };
      const options = { interactive, accept: anyCode };
      const listing = await runGit(repository, ['ls-remote', '--heads', remote, 'refs/heads/diffs/*'], options);
      if (listing.code !== 0) throw failed('list the branches of', remote, listing);
      const there = new Set(listing.stdout.toString('utf8').split('\n').filter(Boolean));
      const found = branches.filter(({ name, commit }) => there.has(`${commit}\trefs/heads/${name}`));
      if (found.length === 0) return { removed: [], left: null };
      const answer = await runGit(
        repository,
        [
          ...['push', '--porcelain', '--recurse-submodules=no'],
          // With an expected value each: should one have moved since, the remote keeps it.
          ...found.map(({ name, commit }) => `--force-with-lease=refs/heads/${name}:${commit}`),
          remote,
          ...found.map(({ name }) => `:refs/heads/${name}`),
        ],
        options,
      );
      const lines = answer.stdout.toString('utf8').split('\n');
      const removed = found
        .map(({ name }) => name)
        .filter(name => lines.some(line => line.startsWith(`-\t:refs/heads/${name}\t`)));
      if (removed.length === found.length) return { removed, left: null };
      return { removed, left: failed('remove branches from', remote, answer, refusedIn(answer)).message };
    },
  };
}

/** Words of git that mean: somebody else was quicker. */
const overtaken =
  /\((?:fetch first|non-fast-forward|stale info|needs force)\)|failed to update ref|cannot lock ref|incorrect old value|failed to lock/;

function pushProblem(remote: string, answer: GitAnswer): Problem {
  const refused = refusedIn(answer);
  if (refused.some(line => overtaken.test(line))) {
    return new Problem(
      'BRANCH_MOVED',
      `${remote} has records that are not here yet: \`corroborate pull\` brings them, then push again.`,
    );
  }
  return failed('push to', remote, answer, refused);
}

/** Lines of --porcelain are a flag, `from:to` and the reason: those that were refused, without the flag. */
function refusedIn(answer: GitAnswer): string[] {
  const lines = answer.stdout.toString('utf8').split('\n');
  return lines.filter(line => line.startsWith('!')).map(line => line.split('\t').slice(1).join(' '));
}

function failed(what: string, remote: string, answer: GitAnswer, reasons: readonly string[] = []): Problem {
  const words = [...reasons, answer.stderr.trim()].filter(Boolean).join('; ');
  const said = words === '' ? `git says why above (exit ${answer.code})` : words;
  return new Problem(
    'REMOTE_FAILED',
    `git could not ${what} ${remote}: ${said}. Nothing was changed here; \`git remote get-url ${remote}\` and \`git ls-remote ${remote}\` show whether it can be reached and whether you may.`,
  );
}
