import type { GitHub } from '../github.ts';
import { Refusal, unprocessable } from '../http/refusal.ts';
import type { Account } from '../state/account.ts';
import type { PullRequest } from '../state/pull-request.ts';
import type { Review } from '../state/review.ts';
import { accountView } from '../views/account-view.ts';
import { reviewView, simplePullView } from '../views/pull-view.ts';
import { textThatFits } from './change-issue.ts';
import { tellPull } from './change-ref.ts';
import type { Doer } from './doer.ts';

const states = { APPROVE: 'APPROVED', REQUEST_CHANGES: 'CHANGES_REQUESTED', COMMENT: 'COMMENTED' } as const;
export type ReviewEvent = keyof typeof states;

/** @param commit the one that the reviewer saw; the head, where he does not say */
export function reviewPull(
  github: GitHub,
  pull: PullRequest,
  { event, body, commit = pull.headSha }: { event: ReviewEvent; body: string; commit?: string | undefined },
  by: Doer,
): Review {
  const own = pull.author === by.account;
  if (own && event === 'APPROVE') {
    throw new Refusal(422, 'Unprocessable Entity', { errors: ['Can not approve your own pull request'] });
  }
  if (own && event === 'REQUEST_CHANGES') {
    throw new Refusal(422, 'Unprocessable Entity', { errors: ['Can not request changes on your own pull request'] });
  }
  if (event !== 'APPROVE' && body.trim() === '') {
    throw new Refusal(422, 'Unprocessable Entity', { errors: ["Review body can't be blank"] });
  }
  if (by.account === github.actionsApp.bot && event === 'APPROVE' && !pull.repository.actionsMayOpenPulls) {
    throw unprocessable('GitHub Actions is not permitted to approve pull requests.');
  }
  const review: Review = {
    id: github.nextId(),
    author: by.account,
    commit,
    body: textThatFits('PullRequestReview', body),
    state: states[event],
    submittedAt: github.now(),
  };
  pull.reviews.push(review);
  pull.reviewers.delete(by.account);
  tellReview(github, pull, review, 'submitted', by);
  return review;
}

export function dismissReview(github: GitHub, pull: PullRequest, review: Review, by: Doer): void {
  if (review.state !== 'APPROVED' && review.state !== 'CHANGES_REQUESTED') {
    throw unprocessable('Can not dismiss a commented pull request review');
  }
  review.state = 'DISMISSED';
  tellReview(github, pull, review, 'dismissed', by);
}

export function editReview(github: GitHub, pull: PullRequest, review: Review, body: string, by: Doer): void {
  const from = review.body;
  review.body = textThatFits('PullRequestReview', body);
  tellReview(github, pull, review, 'edited', by, { changes: { body: { from } } });
}

function tellReview(
  github: GitHub,
  pull: PullRequest,
  review: Review,
  action: string,
  { account }: Doer,
  more: { readonly [name: string]: unknown } = {},
): void {
  const view = reviewView(github, pull, review);
  // Webhooks write the state in small letters.
  const shown = { ...view, state: view.state.toLowerCase(), submitted_at: view.submitted_at ?? null };
  const payload = { review: shown, pull_request: simplePullView(github, pull), ...more };
  github.webhooks.tell({
    event: 'pull_request_review',
    action,
    repository: pull.repository,
    sender: account,
    payload,
  });
}

/** Only collaborators can be asked. */
export async function requestReviews(
  github: GitHub,
  pull: PullRequest,
  reviewers: readonly (Account | undefined)[],
  by: Doer,
): Promise<void> {
  for (const reviewer of reviewers) {
    if (reviewer === pull.author) throw unprocessable('Review cannot be requested from pull request author.');
    if (reviewer === undefined || !pull.repository.isCollaborator(reviewer)) {
      throw unprocessable(
        'Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a ' +
          `collaborator of the ${pull.repository.fullName} repository.`,
      );
    }
  }
  for (const reviewer of reviewers as Account[]) {
    if (pull.reviewers.has(reviewer)) continue;
    pull.reviewers.add(reviewer);
    await tellPull(github, pull, 'review_requested', by, { requested_reviewer: accountView(github, reviewer) });
  }
}

export async function removeReviewRequest(
  github: GitHub,
  pull: PullRequest,
  reviewer: Account,
  by: Doer,
): Promise<void> {
  if (!pull.reviewers.delete(reviewer)) return;
  await tellPull(github, pull, 'review_request_removed', by, { requested_reviewer: accountView(github, reviewer) });
}
