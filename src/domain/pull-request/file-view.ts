import { recordFolder } from '../branch-layout.ts';
import { whyUnsafe } from '../safe-path.ts';
import { wellFormed } from '../well-formed.ts';
import type { JudgedRequest } from './judged-request.ts';
import type { PullRequest, TargetRepository } from './pull-request.ts';

/* Addresses in GitHub's file view. A fork's commit is shown in the target's repository too, once a pull request asks for it. */

/** `raw` is the content itself, `blob` the page of a file, `tree` that of a folder; null where no such path can be. */
export function fileAddress(
  { url }: TargetRepository,
  view: 'raw' | 'blob' | 'tree',
  revision: string,
  path: string,
): string | null {
  if (whyUnsafe(path) !== null) return null;
  return `${url}/${view}/${encodedPath(revision)}/${encodedPath(path)}`;
}

/** Where the folder of either record is looked at: on the branch where it stands there, since nothing on it changes. */
export function folderAddress(
  repository: TargetRepository,
  pull: PullRequest,
  { commit, fromOnBranch, diff }: JudgedRequest,
  side: 'from' | 'toward',
): string | null {
  if (diff === null) return null;
  const isOnBranch = side === 'toward' || fromOnBranch;
  return fileAddress(repository, 'tree', isOnBranch ? pull.base.branch : commit, recordFolder(diff[side]));
}

/** Every segment percent-encoded, also what ends a link or an attribute. */
function encodedPath(path: string): string {
  return path
    .split('/')
    .map(segment =>
      encodeURIComponent(wellFormed(segment)).replace(
        /[!'()*]/g,
        character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
      ),
    )
    .join('/');
}
