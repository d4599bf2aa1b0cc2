import { join } from 'node:path';
import { diffPath, recordFolder } from '../../src/domain/branch-layout.ts';
import type { Scientist, ShownRequest } from './scientist.ts';

/**
 * Makes a request that was opened in a clone fit to be sent to a repository whose branch lacks the record that it comes
 * from: the record's folder is put into its commit, as the Action does it.
 * @param edit changes the diff request's file, e.g. to name a workflow run
 * @returns the new commit, which the request's branch has then
 */
export function bringRecord(
  someone: Scientist,
  { id, branch, from }: Pick<ShownRequest, 'id' | 'branch' | 'from'>,
  edit: (diff: string) => string = diff => diff,
): string {
  const parent = someone.git('rev-parse', `${branch}^`);
  const environment = { GIT_INDEX_FILE: join(someone.folder, 'index-of-request') };
  const folder = recordFolder(from);
  const git = (...args: string[]) => someone.gitWith({ environment }, ...args).trim();
  git('read-tree', branch);
  git('read-tree', `--prefix=${folder.replace(/\/$/, '')}/`, `records:${folder.replace(/\/$/, '')}`);
  const path = diffPath(id);
  const blob = someone.gitWith({ input: edit(someone.onBranch(path, branch)) }, 'hash-object', '-w', '--stdin').trim();
  git('update-index', '--add', '--cacheinfo', `100644,${blob},${path}`);
  const tree = git('write-tree');
  const commit = git('commit-tree', tree, '-p', parent, '-m', 'the request, with its record');
  git('update-ref', `refs/heads/${branch}`, commit);
  return commit;
}
