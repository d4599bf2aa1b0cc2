import { Problem } from '../problem.ts';
import { isGitHubUser, isPerson } from '../user.ts';
import type { Asking, Attempt } from './attempt.ts';
import { commentOf } from './comment.ts';
import type { JudgedRequest } from './judged-request.ts';
import { labelsOf } from './labels.ts';
import { ownerAgreementCheck } from './owner-agreement-check.ts';
import type { PullRequest, TargetRepository } from './pull-request.ts';
import type { PullRequestView } from './pull-request-view.ts';
import { repliesTo } from './replies.ts';
import type { Stage } from './stage.ts';
import { table1Check } from './table-1-check.ts';

/** All that the view of a pull request is made from. */
export interface Shown {
  readonly repository: TargetRepository;
  readonly pull: PullRequest;
  readonly judged: JudgedRequest;
  readonly stage: Stage;
  readonly attempts: readonly Attempt[];
  readonly askings: readonly Asking[];
  /** Whether the comment mentions whoever is asked to answer, because GitHub will not ask for a review. */
  readonly mentions: boolean;
  /** Short and equal for equal texts only. */
  readonly digestOf: (text: string) => string;
}

/**
 * How a diff request stands on GitHub (design, sections 7 and 8): a function of what is known, so that showing it twice
 * changes nothing. All text from outside is shown as text, and all of it fits GitHub's limits.
 * @throws Problem DEFECT where another commit was judged than the one it would be shown on
 */
export function pullRequestView(shown: Shown): PullRequestView {
  const { repository, pull, judged, stage, attempts, askings, mentions, digestOf } = shown;
  if (judged.commit !== pull.head.commit) {
    throw new Problem(
      'DEFECT',
      `the verdict on ${judged.commit} cannot be shown on ${pull.head.commit}: judge it first.`,
    );
  }
  const checks = [table1Check(judged), ownerAgreementCheck(repository, pull, judged, stage)];
  return {
    checks: checks.map(check => ({ ...check, digest: digestOf(JSON.stringify(check)) })),
    comment: commentOf(repository, pull, judged, stage, mentions),
    labels: labelsOf(stage, judged),
    replies: repliesTo(attempts, askings, stage, judged),
    reviewer: reviewerOf(pull, judged, stage),
    closes: stage.is === 'denied' && pull.isOpen,
  };
}

/** Nobody can review a pull request of his own, and nobody is asked twice. */
function reviewerOf({ author, reviewers, reviews }: PullRequest, { answerer }: JudgedRequest, stage: Stage) {
  if (stage.is !== 'waiting' || answerer === null || !isGitHubUser(answerer) || !isPerson(answerer)) return null;
  const { login, id } = answerer;
  if (author.id === id || reviewers.includes(id) || reviews.some(review => review.author.id === id)) return null;
  return { login, id };
}
