import { writeCommit } from '../git/commit.ts';
import type { GitHub } from '../github.ts';
import { Refusal } from '../http/refusal.ts';
import type { PullRequest } from '../state/pull-request.ts';
import { changeRef, markMerged } from './change-ref.ts';
import { gitHubSignature, signatureOf } from './commit-files.ts';
import type { Doer } from './doer.ts';

/** The green button. @param sha what the head must still be */
export async function mergePull(
  github: GitHub,
  pull: PullRequest,
  {
    sha,
    method = 'merge',
    title,
    message,
  }: {
    readonly sha?: string | undefined;
    readonly method?: 'merge' | 'squash' | 'rebase';
    readonly title?: string | undefined;
    readonly message?: string | undefined;
  },
  by: Doer,
): Promise<string> {
  const { repository } = pull;
  const refusal = repository.protections.get(pull.baseBranch);
  if (refusal !== undefined && refusal.pushers?.has(by.account.id) === false) {
    throw new Refusal(405, "You're not authorized to push to this branch.");
  }
  const update = await changeRef(github, repository, `refs/heads/${pull.baseBranch}`, by, async before => {
    if (pull.state === 'closed' || before === null) throw new Refusal(405, 'Pull Request is not mergeable');
    if (sha !== undefined && sha !== pull.headSha) {
      throw new Refusal(409, 'Head branch was modified. Review and try the merge again.');
    }
    const tree = await repository.git.mergeTrees(before, pull.headSha);
    if (tree === undefined) throw new Refusal(405, 'Pull Request is not mergeable');
    const head = `${pull.headRepository.owner.login}/${pull.headBranch}`;
    const heading =
      title ??
      (method === 'merge' ? `Merge pull request #${pull.number} from ${head}` : `${pull.title} (#${pull.number})`);
    const commit = await writeCommit(repository.git.objects, {
      tree,
      parents: method === 'merge' ? [before, pull.headSha] : [before],
      author: signatureOf(by.account, github.now()),
      committer: gitHubSignature(github.now()),
      message: `${heading}\n\n${message ?? pull.title}`,
    });
    repository.signed.add(commit);
    return commit;
  });
  // Nothing of the head is in a squash: the branch does not show that it was merged.
  if (pull.merged === null) await markMerged(github, pull, update.after!, by);
  return update.after!;
}
