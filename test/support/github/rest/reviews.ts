import { doer } from '../deeds/doer.ts';
import { dismissReview, editReview, removeReviewRequest, requestReviews, reviewPull } from '../deeds/review-pull.ts';
import { created, ok } from '../http/answer.ts';
import { listed } from '../http/pagination.ts';
import { notFound, Refusal, unprocessable } from '../http/refusal.ts';
import { onRepository, type RepositoryCall, type Routes } from '../http/route-handler.ts';
import { needs } from '../permissions.ts';
import type { Review } from '../state/review.ts';
import { accountView } from '../views/account-view.ts';
import { reviewView, simplePullView } from '../views/pull-view.ts';
import { pullOf } from './pulls.ts';

const reads = needs('pull_requests', 'read');
const anyone = needs('pull_requests', 'write', { asPerson: 'read' });
const writers = needs('pull_requests', 'write');

function reviewOf(call: RepositoryCall): Review {
  const review = pullOf(call).reviews.find(({ id }) => id === Number(call.path.review_id));
  if (review === undefined) throw notFound();
  return review;
}

export const reviewRoutes: Routes = {
  'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews': onRepository(reads, call => {
    const pull = pullOf(call);
    return listed(call, pull.reviews, review => reviewView(call.github, pull, review));
  }),
  'POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews': onRepository(anyone, async call => {
    const { github, repository, actor, body } = call;
    const pull = pullOf(call);
    if (body.event === undefined) throw unprocessable('The GitHub for tests keeps no pending reviews: give an event.');
    if (body.commit_id !== undefined && (await repository.git.commit(body.commit_id)) === undefined) {
      throw unprocessable('No commit found for the ref');
    }
    const { event, body: text = '', commit_id: commit } = body;
    return ok(reviewView(github, pull, reviewPull(github, pull, { event, body: text, commit }, doer(actor))));
  }),
  'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}': onRepository(reads, call =>
    ok(reviewView(call.github, pullOf(call), reviewOf(call))),
  ),
  'PUT /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}': onRepository(anyone, call => {
    const [pull, review] = [pullOf(call), reviewOf(call)];
    if (call.actor.account !== review.author) throw new Refusal(403, 'You must be the author of the review.');
    editReview(call.github, pull, review, call.body.body, doer(call.actor));
    return ok(reviewView(call.github, pull, review));
  }),
  'PUT /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/dismissals': onRepository(writers, call => {
    const [pull, review] = [pullOf(call), reviewOf(call)];
    dismissReview(call.github, pull, review, doer(call.actor));
    return ok(reviewView(call.github, pull, review));
  }),
  'GET /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers': onRepository(reads, call =>
    ok({ users: [...pullOf(call).reviewers].map(account => accountView(call.github, account)), teams: [] }),
  ),
  'POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers': onRepository(writers, async call => {
    const { github, body, actor } = call;
    const pull = pullOf(call);
    const reviewers = (body.reviewers ?? []).map((login: string) => github.account(login));
    await requestReviews(github, pull, reviewers, doer(actor));
    return created(simplePullView(github, pull));
  }),
  'DELETE /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers': onRepository(writers, async call => {
    const { github, body, actor } = call;
    const pull = pullOf(call);
    for (const login of body.reviewers) {
      const account = github.account(login);
      if (account !== undefined) await removeReviewRequest(github, pull, account, doer(actor));
    }
    return ok(simplePullView(github, pull));
  }),
};
