import { Problem } from '../../domain/problem.ts';
import type { UserGit } from '../../domain/user-git.ts';

/** What git may speak to for a record's sake; never `ext::` and its like, which run a command. */
const protocols = 'https:http:ssh:git:file';

/**
 * Why an address that somebody's record names is not handed to git; null where it may be. What is left is `https://`,
 * `http://`, `ssh://`, `git://`, `file://`, `user@host:path` and absolute paths.
 */
export function whyNoRemote(address: string): string | null {
  if (address.startsWith('-')) return 'it looks like an option';
  if (/[\u0000-\u0020\u007f]/.test(address)) return 'it holds a space or a control character';
  if (address.includes('::')) return 'it names a program to run';
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(address)?.[1];
  if (scheme !== undefined) {
    return protocols.split(':').includes(scheme.toLowerCase()) ? null : `${scheme} is none of ${protocols}`;
  }
  if (address.startsWith('/') || /^[^/:]+:./.test(address)) return null;
  return 'it is neither a URL nor an absolute path';
}

/** Whether a repository has a commit, without asking its remotes. */
export async function hasCommit(git: UserGit, commit: string): Promise<boolean> {
  const asked = await git.run(['cat-file', '-e', `${commit}^{commit}`], {
    accept: [1, 128],
    environment: { GIT_NO_LAZY_FETCH: '1' },
  });
  return asked.code === 0;
}

/**
 * Fetches exactly one commit, without its history, into the repository that `git` works in; where the other side gives
 * only what its branches lead to, all of those. No tags, no submodules, no ref of anybody's is moved.
 * @param address a remote's, as a record names it
 * @param interactive the user may be asked for a password
 * @throws Problem REFUSED for an address that is none, REMOTE_FAILED with git's words, NOT_FOUND where it is not there
 */
export async function fetchCommit(git: UserGit, address: string, commit: string, interactive: boolean): Promise<void> {
  const why = whyNoRemote(address);
  if (why !== null) {
    throw new Problem(
      'REFUSED',
      `commit ${commit} would have to be fetched from ${JSON.stringify(address)}, which is not done: ${why}. Fetch the commit yourself (\`git fetch URL ${commit}\`) if you trust that place.`,
    );
  }
  const fetch = ['fetch', '-q', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head', '--no-auto-gc'];
  const options = {
    accept: [1, 128],
    interactive,
    environment: { GIT_ALLOW_PROTOCOL: protocols, ...(interactive ? {} : { GIT_TERMINAL_PROMPT: '0' }) },
  };
  const exactly = await git.run([...fetch, '--depth=1', '--', address, commit], options);
  if (exactly.code === 0 && (await hasCommit(git, commit))) return;
  const all = await git.run([...fetch, '--', address, '+refs/*:refs/corroborate/fetched/*'], options);
  if (all.code !== 0) {
    const said = (all.stderr || exactly.stderr).trim().replace(/^fatal: /gm, '');
    throw new Problem(
      'REMOTE_FAILED',
      `commit ${commit} is not here and could not be fetched from ${address}${said === '' ? '' : `: ${said}`}. Can you reach that repository (\`git ls-remote\`), and may you read it?`,
    );
  }
  if (await hasCommit(git, commit)) return;
  throw new Problem(
    'NOT_FOUND',
    `commit ${commit} is neither here nor in ${address}: it was never pushed, or is gone from there. Ask the record's owner for it.`,
  );
}
