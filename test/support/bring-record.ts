import { join } from 'node:path';
import { recordFolder } from '../../src/domain/branch-layout.ts';
import type { Scientist, ShownRequest } from './scientist.ts';

/**
 * Makes a request that was opened in a clone fit to be sent to a repository whose branch lacks the record that it comes
 * from: the record's folder is put into its commit, as the Action does it.
 * @returns the new commit, which the request's branch has then
 */
export function bringRecord(someone: Scientist, { branch, from }: ShownRequest): string {
  const parent = someone.git('rev-parse', `${branch}^`);
  const environment = { GIT_INDEX_FILE: join(someone.folder, 'index-of-request') };
  const folder = recordFolder(from);
  const git = (...args: string[]) => someone.gitWith({ environment }, ...args).trim();
  git('read-tree', branch);
  git('read-tree', `--prefix=${folder.replace(/\/$/, '')}/`, `records:${folder.replace(/\/$/, '')}`);
  const tree = git('write-tree');
  const commit = git('commit-tree', tree, '-p', parent, '-m', 'the request, with its record');
  git('update-ref', `refs/heads/${branch}`, commit);
  return commit;
}
