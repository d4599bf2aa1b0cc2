import { Problem } from '../../domain/problem.ts';
import type { UserGit } from '../../domain/user-git.ts';
import type { Workshop } from '../proposing-store.ts';
import { gitStore } from './git-store.ts';
import { type Repository, runGit } from './repository.ts';
import type { Clock } from './writer-lock.ts';

/** A repository to be reached over HTTP with a token. */
export interface TokenRemote {
  /** Without credentials. */
  readonly url: string;
  /** The value of the header `authorization`; null for none. */
  readonly authorization: string | null;
}

export interface WorkshopOptions {
  readonly git: UserGit;
  /** Empty, or not there yet; whoever made it removes it. */
  readonly folder: string;
  readonly branch: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly clock: Clock;
  /** Whose records branch is built on, and where the proposals go. */
  readonly target: TokenRemote;
  readonly destination: TokenRemote;
}

/** Every exit code: each is read before it is judged. */
const anyCode = Array.from({ length: 255 }, (_, index) => index + 1);

/** A bare repository of our own, so that nothing happens to the user's, and none of his settings for it count here. */
export async function openWorkshop(options: WorkshopOptions): Promise<Workshop> {
  const { git, folder, branch, environment, clock, target, destination } = options;
  const repository: Repository = { git, gitDir: folder, objectFormat: 'sha1', environment };
  await git.run(['init', '-q', '--bare', '--object-format=sha1', folder]);
  const store = gitStore({ git, gitDir: folder, branch, objectFormat: 'sha1', environment, clock, warn: () => {} });

  async function talk(remote: TokenRemote, args: readonly string[], doing: string): Promise<string> {
    const { code, stderr, stdout } = await runGit(repository, args, {
      accept: anyCode,
      environment: settingsFor(remote, environment),
    });
    if (code === 0) return stdout.toString('utf8');
    const said = `${stdout.toString('utf8')}\n${stderr}`.trim();
    if (/\[rejected\]|\[remote rejected\].*(?:already exists|failed to update ref)/.test(said)) {
      throw new Problem('BRANCH_MOVED', `${doing}: there is one already (git: ${JSON.stringify(said.slice(0, 500))}).`);
    }
    const isRefused = /error: 40[13]|Permission .* denied|Write access .* not granted|Authentication failed/i.test(
      said,
    );
    throw new Problem(
      isRefused ? 'FORBIDDEN' : 'REMOTE_FAILED',
      `git could not ${doing} (git: ${JSON.stringify(said.slice(0, 500))}).${isRefused ? ' The token needs the permission `contents: write` there.' : ''}`,
    );
  }

  return {
    store,
    async fetch(commit) {
      // Not by --depth: what was cut off, even where there is nothing before it, cannot be pushed to whoever lacks it.
      const args = ['fetch', '-q', '--no-tags', '--no-write-fetch-head', target.url, commit];
      await talk(target, args, `fetch the commit ${commit} from ${target.url}`);
    },
    async push(commit, name) {
      // Nothing is expected there: a branch that somebody else made stays his.
      const ref = `refs/heads/${name}`;
      const args = ['push', '-q', '--porcelain', `--force-with-lease=${ref}:`, destination.url, `${commit}:${ref}`];
      await talk(destination, args, `push the branch ${name} to ${destination.url}`);
    },
  };
}

/**
 * The token as git's own settings, handed over in its environment: a command line is there for everybody to read. What
 * the user has set for the same address (a header, a helper, a prompt) does not count beside it.
 */
function settingsFor({ url, authorization }: TokenRemote, environment: NodeJS.ProcessEnv): { [name: string]: string } {
  const header = `http.${new URL(url).origin}/.extraheader`;
  const settings: [string, string][] = [
    ['credential.helper', ''],
    ['http.extraheader', ''],
    [header, ''],
    ...(authorization === null ? [] : [[header, `AUTHORIZATION: ${authorization}`] as [string, string]]),
  ];
  const before = Number(environment.GIT_CONFIG_COUNT ?? 0) || 0;
  const variables: { [name: string]: string } = {
    GIT_CONFIG_COUNT: String(before + settings.length),
    GIT_TERMINAL_PROMPT: '0',
  };
  for (const [index, [key, value]] of settings.entries()) {
    variables[`GIT_CONFIG_KEY_${before + index}`] = key;
    variables[`GIT_CONFIG_VALUE_${before + index}`] = value;
  }
  return variables;
}
