import type { GitHub } from '../github.ts';
import type { Account } from '../state/account.ts';
import type { Comment } from '../state/comment.ts';
import type { Issue } from '../state/issue.ts';
import { PullRequest } from '../state/pull-request.ts';
import type { Repository } from '../state/repository.ts';
import { accountView } from './account-view.ts';
import { appView } from './app-view.ts';
import { labelsOf } from './label-view.ts';
import { nodeId } from './node-id.ts';
import { repositoryUrl } from './repository-view.ts';

export function association(repository: Repository, account: Account): string {
  if (account === repository.owner) return 'OWNER';
  if (repository.collaborators.has(account.id)) {
    return repository.owner.type === 'Organization' ? 'MEMBER' : 'COLLABORATOR';
  }
  return 'NONE';
}

export function reactions(url: string) {
  const none = { '+1': 0, '-1': 0, laugh: 0, hooray: 0, confused: 0, heart: 0, rocket: 0, eyes: 0 };
  return { url: `${url}/reactions`, total_count: 0, ...none };
}

export const time = (date: Date | null) => (date === null ? null : date.toISOString().replace(/\.\d+Z$/, 'Z'));

/** `issue`; a pull request is one too */
export function issueView(github: GitHub, issue: Issue) {
  const { repository } = issue;
  const url = `${repositoryUrl(github, repository)}/issues/${issue.number}`;
  const isPull = issue instanceof PullRequest;
  const html = `${github.origin}/${repository.fullName}/${isPull ? 'pull' : 'issues'}/${issue.number}`;
  const pull = `${repositoryUrl(github, repository)}/pulls/${issue.number}`;
  return {
    url,
    repository_url: repositoryUrl(github, repository),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: html,
    id: issue.id,
    node_id: nodeId(isPull ? 'PullRequest' : 'Issue', issue.id),
    number: issue.number,
    title: issue.title,
    user: accountView(github, issue.author),
    labels: labelsOf(github, issue),
    state: issue.state,
    locked: issue.locked,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: [...repository.comments.values()].filter(comment => comment.issue === issue).length,
    created_at: time(issue.createdAt)!,
    updated_at: time(issue.updatedAt)!,
    closed_at: time(issue.closedAt),
    author_association: association(repository, issue.author),
    active_lock_reason: null,
    body: issue.body,
    reactions: reactions(url),
    timeline_url: `${url}/timeline`,
    performed_via_github_app: issue.app === null ? null : appView(github, issue.app),
    state_reason: issue.state === 'closed' ? 'completed' : null,
    ...(isPull
      ? {
          draft: issue.draft,
          pull_request: {
            url: pull,
            html_url: html,
            diff_url: `${html}.diff`,
            patch_url: `${html}.patch`,
            merged_at: time(issue.merged?.at ?? null),
          },
        }
      : {}),
  };
}

/** `issue-comment` */
export function commentView(github: GitHub, comment: Comment) {
  const { issue } = comment;
  const { repository } = issue;
  const url = `${repositoryUrl(github, repository)}/issues/comments/${comment.id}`;
  const kind = issue instanceof PullRequest ? 'pull' : 'issues';
  return {
    url,
    html_url: `${github.origin}/${repository.fullName}/${kind}/${issue.number}#issuecomment-${comment.id}`,
    issue_url: `${repositoryUrl(github, repository)}/issues/${issue.number}`,
    id: comment.id,
    node_id: nodeId('IssueComment', comment.id),
    user: accountView(github, comment.author),
    created_at: time(comment.createdAt)!,
    updated_at: time(comment.updatedAt)!,
    author_association: association(repository, comment.author),
    body: comment.body,
    reactions: reactions(url),
    performed_via_github_app: comment.app === null ? null : appView(github, comment.app),
  };
}
