import type { GitHub } from '../github.ts';
import type { PullRequest } from '../state/pull-request.ts';
import type { Repository } from '../state/repository.ts';
import type { Review } from '../state/review.ts';
import { accountView } from './account-view.ts';
import { association, time } from './issue-view.ts';
import { labelsOf } from './label-view.ts';
import { nodeId } from './node-id.ts';
import { repositoryUrl, repositoryView } from './repository-view.ts';

function side(github: GitHub, repository: Repository, ref: string, sha: string) {
  return {
    label: `${repository.owner.login}:${ref}`,
    ref,
    sha,
    user: accountView(github, repository.owner),
    repo: repositoryView(github, repository),
  };
}

/** `pull-request-simple`, as lists and most webhooks have it */
export function simplePullView(github: GitHub, pull: PullRequest) {
  const { repository } = pull;
  const url = `${repositoryUrl(github, repository)}/pulls/${pull.number}`;
  const issue = `${repositoryUrl(github, repository)}/issues/${pull.number}`;
  const html = `${github.origin}/${repository.fullName}/pull/${pull.number}`;
  const statuses = `${repositoryUrl(github, repository)}/statuses/${pull.headSha}`;
  return {
    url,
    id: pull.id,
    node_id: nodeId('PullRequest', pull.id),
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: issue,
    number: pull.number,
    state: pull.state,
    locked: pull.locked,
    title: pull.title,
    user: accountView(github, pull.author),
    body: pull.body,
    created_at: time(pull.createdAt)!,
    updated_at: time(pull.updatedAt)!,
    closed_at: time(pull.closedAt),
    merged_at: time(pull.merged?.at ?? null),
    merge_commit_sha: pull.merged?.commit ?? null,
    assignee: null,
    assignees: [],
    requested_reviewers: [...pull.reviewers].map(account => accountView(github, account)),
    requested_teams: [],
    labels: labelsOf(github, pull),
    milestone: null,
    draft: pull.draft,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${repositoryUrl(github, repository)}/pulls/comments{/number}`,
    comments_url: `${issue}/comments`,
    statuses_url: statuses,
    head: side(github, pull.headRepository, pull.headBranch, pull.headSha),
    base: side(github, repository, pull.baseBranch, pull.baseSha),
    _links: {
      self: { href: url },
      html: { href: html },
      issue: { href: issue },
      comments: { href: `${issue}/comments` },
      review_comments: { href: `${url}/comments` },
      review_comment: { href: `${repositoryUrl(github, repository)}/pulls/comments{/number}` },
      commits: { href: `${url}/commits` },
      statuses: { href: statuses },
    },
    author_association: association(repository, pull.author),
    auto_merge: null,
    active_lock_reason: null,
  };
}

/** The commit that the branch and the head come from: what a pull request's diff begins at. */
export async function diffBase(pull: PullRequest): Promise<string> {
  const { git } = pull.repository;
  const tip = pull.merged === null ? pull.repository.branch(pull.baseBranch) : undefined;
  return (await git.mergeBase(tip ?? pull.baseSha, pull.headSha)) ?? pull.baseSha;
}

/** `pull-request` */
export async function pullView(github: GitHub, pull: PullRequest) {
  const { git } = pull.repository;
  const tip = pull.repository.branch(pull.baseBranch);
  const base = await diffBase(pull);
  const [files, commits, tree] = await Promise.all([
    git.changes(base, pull.headSha),
    git.count(base, pull.headSha),
    tip === undefined || pull.state === 'closed' ? undefined : git.mergeTrees(tip, pull.headSha),
  ]);
  const mergeable = pull.state === 'closed' ? null : tree !== undefined;
  return {
    ...simplePullView(github, pull),
    merged: pull.merged !== null,
    mergeable,
    rebaseable: mergeable,
    mergeable_state: mergeable === null ? 'unknown' : mergeable ? 'clean' : 'dirty',
    merged_by: pull.merged === null ? null : accountView(github, pull.merged.by),
    comments: [...pull.repository.comments.values()].filter(({ issue }) => issue === pull).length,
    review_comments: 0,
    maintainer_can_modify: pull.maintainerCanModify,
    commits,
    additions: files.reduce((sum, file) => sum + file.additions, 0),
    deletions: files.reduce((sum, file) => sum + file.deletions, 0),
    changed_files: files.length,
  };
}

/** `pull-request-review` */
export function reviewView(github: GitHub, pull: PullRequest, review: Review) {
  const url = `${repositoryUrl(github, pull.repository)}/pulls/${pull.number}`;
  const html = `${github.origin}/${pull.repository.fullName}/pull/${pull.number}#pullrequestreview-${review.id}`;
  return {
    id: review.id,
    node_id: nodeId('PullRequestReview', review.id),
    user: accountView(github, review.author),
    body: review.body,
    state: review.state,
    html_url: html,
    pull_request_url: url,
    author_association: association(pull.repository, review.author),
    _links: { html: { href: html }, pull_request: { href: url } },
    ...(review.submittedAt === null ? {} : { submitted_at: time(review.submittedAt)! }),
    commit_id: review.commit,
  };
}

/** `pull-request-minimal`, as check runs and workflow runs hold it */
export function minimalPullView(github: GitHub, pull: PullRequest) {
  const repo = (repository: Repository) => ({
    id: repository.id,
    url: repositoryUrl(github, repository),
    name: repository.name,
  });
  return {
    id: pull.id,
    number: pull.number,
    url: `${repositoryUrl(github, pull.repository)}/pulls/${pull.number}`,
    head: { ref: pull.headBranch, sha: pull.headSha, repo: repo(pull.headRepository) },
    base: { ref: pull.baseBranch, sha: pull.baseSha, repo: repo(pull.repository) },
  };
}
