import { type GitHubFailure, leavesOpen } from '../../domain/github-failure.ts';
import { Problem } from '../../domain/problem.ts';
import type { Change } from '../record-store.ts';
import { type GitHubCalls, textAt } from './github-calls.ts';
import { isId } from './smart-http/object-id.ts';

const mutation = `mutation ($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid tree { oid } } }
}`;

/** Bytes of files in one such commit: GitHub takes 40 MB, in base64. */
export const largestCommit = 29 * 1024 * 1024;

/** The new commit, or why there is none. */
export type Added =
  | { readonly is: 'added'; readonly commit: string; readonly tree: string }
  /** The branch is not at `tip`; `unsure` where that may be because it was done. */
  | { readonly is: 'moved'; readonly unsure: boolean }
  /** GitHub takes it in so many milliseconds at the earliest. */
  | { readonly is: 'limited'; readonly wait: number; readonly failure: GitHubFailure }
  /** It may have been done, or not. */
  | { readonly is: 'unknown'; readonly problem: Problem };

/**
 * Adds a commit to a branch that stands at `tip`, in one call; GitHub signs it. The call is no safer to repeat than any
 * that adds: whoever gets 'unknown' looks at the branch first.
 */
export async function createCommitOnBranch(
  calls: GitHubCalls,
  repository: string,
  branch: string,
  tip: string,
  change: Change,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<Added> {
  const [headline = '', ...rest] = change.message.trim().split('\n');
  const additions = [...files].map(([path, bytes]) => ({ path, contents: Buffer.from(bytes).toString('base64') }));
  const input = {
    branch: { repositoryNameWithOwner: repository, branchName: branch },
    expectedHeadOid: tip,
    message: { headline, body: rest.join('\n').trim() },
    fileChanges: { additions },
  };
  const doing = `add a commit to the branch ${branch}`;
  const outcome = await calls.tryGraphql(mutation, { parameters: { input }, doing, repeatable: false, waits: false });
  if ('done' in outcome) {
    const oid = (...path: string[]) => textAt(outcome.done, 'createCommitOnBranch', 'commit', ...path);
    const added = { is: 'added' as const, commit: oid('oid'), tree: oid('tree', 'oid') };
    if (!isId(added.commit) || !isId(added.tree)) throw new Problem('REMOTE_FAILED', 'GitHub answered with no ids.');
    return added;
  }
  const { failed, unsure, wait } = outcome;
  if (wait !== null) return { is: 'limited', wait, failure: failed };
  if (failed.types.includes('STALE_DATA') || /expected branch to point to|no such branch/i.test(failed.message)) {
    return { is: 'moved', unsure };
  }
  const problem = calls.problem(failed, doing);
  if (leavesOpen(failed)) return { is: 'unknown', problem };
  throw problem;
}
