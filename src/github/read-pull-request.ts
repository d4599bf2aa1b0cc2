import { Problem } from '../domain/problem.ts';
import {
  type Account,
  type Comment,
  checkNames,
  type OwnCheck,
  type PullRequest,
  type Review,
  type TargetRepository,
} from '../domain/pull-request/pull-request.ts';
import { type Api, ask } from './api.ts';
import { readStamp } from './check-stamp.ts';
import { readAccount } from './read-account.ts';
import { readList } from './read-list.ts';
import type { Received } from './received.ts';

/** This App, as GitHub knows it. */
export interface OwnApp {
  readonly id: number;
  /** Its bot's login is `slug[bot]`. */
  readonly slug: string;
}

/**
 * What GitHub holds of one pull request now. Four calls at most for an ordinary one, three where nobody has written
 * anything; one more for each further hundred comments or reviews.
 * @throws Problem NOT_FOUND where there is none, INVALID where GitHub's answers are not of the shape that it describes
 */
export async function readPullRequest(
  api: Api,
  { owner, name }: TargetRepository,
  number: number,
  own: OwnApp,
): Promise<PullRequest> {
  const at = { owner, repo: name };
  const [{ data: pull }, reviews] = await Promise.all([
    ask(api, 'GET /repos/{owner}/{repo}/pulls/{pull_number}', { ...at, pull_number: number }),
    readList(api, 'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews', { ...at, pull_number: number }),
  ]);
  pull.field('number').equal(number);
  const commit = pull.field('head').field('sha').commit();
  const [comments, checks] = await Promise.all([
    pull.field('comments').count() === 0
      ? { items: [], unread: 0 }
      : readList(api, 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments', { ...at, issue_number: number }),
    readChecks(api, { ...at, ref: commit }, own),
  ]);
  const head = pull.field('head');
  return {
    number,
    url: pull.field('html_url').matching(/^https?:\/\/[^\s"<>]+$/, 'no address'),
    author: readAccount(pull.field('user')),
    isOpen: pull.field('state').matching(/^(?:open|closed)$/, 'neither open nor closed') === 'open',
    isMerged: pull.field('merged').boolean(),
    base: {
      branch: pull.field('base').field('ref').text(),
      defaultBranch: pull.field('base').field('repo').field('default_branch').text(),
    },
    head: {
      commit,
      branch: head.field('ref').text(),
      repository: head.field('repo').isNull ? null : head.field('repo').field('full_name').text(),
    },
    labels: labelsOf(pull),
    reviewers: reviewersOf(pull),
    comments: comments.items.map(comment => readComment(comment, own)),
    reviews: reviews.items.flatMap(readReview),
    unread: comments.unread + reviews.unread,
    checks,
  };
}

const labelsOf = (pull: Received) =>
  pull
    .field('labels')
    .list()
    .map(label => label.field('name').text());

/** Ids of those whose review was asked for; teams aside. */
export const reviewersOf = (pull: Received) =>
  pull
    .field('requested_reviewers')
    .list()
    .map(reviewer => readAccount(reviewer).id);

function readComment(comment: Received, own: OwnApp): Comment {
  const author = readAccount(comment.field('user'));
  const [created, updated] = [comment.field('created_at').time(), comment.field('updated_at').time()];
  return {
    id: comment.field('id').id(),
    author,
    body: textOf(comment.field('body')),
    created,
    isEdited: updated > created,
    isOwn: isOwn(comment, author, own),
  };
}

/** People who act by way of the App are still people: only what its bot wrote is its own. */
function isOwn(comment: Received, author: Account, own: OwnApp): boolean {
  if (!author.isBot) return false;
  const app = comment.field('performed_via_github_app');
  return app.isNull ? author.login === `${own.slug}[bot]` : app.field('id').id() === own.id;
}

const states = {
  APPROVED: 'approved',
  CHANGES_REQUESTED: 'changes-requested',
  DISMISSED: 'dismissed',
  PENDING: 'pending',
} as const;

/** A state that is new to GitHub counts for as much as a comment does: nothing. Those not yet submitted are left out. */
function readReview(review: Received): Review[] {
  const state = review.field('state').text().toUpperCase();
  if (review.field('submitted_at').isNull) return [];
  return [
    {
      id: review.field('id').id(),
      author: readAccount(review.field('user')),
      state: Object.hasOwn(states, state) ? states[state as keyof typeof states] : 'commented',
      body: textOf(review.field('body')),
      commit: review.field('commit_id').isNull ? null : review.field('commit_id').commit(),
      submitted: review.field('submitted_at').time(),
    },
  ];
}

const textOf = (body: Received) => (body.isNull ? '' : body.text());

/**
 * The newest of each name: more than one stands there where two replicas were at work at once. None where the App may not
 * see them: then it may not write them either, and says so where it can.
 */
export async function readChecks(
  api: Api,
  at: { readonly owner: string; readonly repo: string; readonly ref: string },
  own: OwnApp,
): Promise<OwnCheck[]> {
  const parameters = { ...at, app_id: own.id, filter: 'latest', per_page: 100 };
  const answer = await ask(api, 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs', parameters).catch(problem => {
    if (problem instanceof Problem && problem.code === 'FORBIDDEN') return null;
    throw problem;
  });
  if (answer === null) return [];
  const { data } = answer;
  const runs = data
    .field('check_runs')
    .list()
    .filter(run => !run.field('app').isNull && run.field('app').field('id').id() === own.id)
    .map(run => ({ id: run.field('id').id(), name: run.field('name').text(), run }))
    .sort((one, other) => other.id - one.id);
  return checkNames.flatMap(name => {
    const newest = runs.find(run => run.name === name);
    return newest === undefined ? [] : [{ id: newest.id, name, ...readStamp(newest.run) }];
  });
}
