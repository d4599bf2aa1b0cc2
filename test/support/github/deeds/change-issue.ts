import type { GitHub } from '../github.ts';
import { invalid, Refusal } from '../http/refusal.ts';
import type { Comment } from '../state/comment.ts';
import { Issue } from '../state/issue.ts';
import type { Label } from '../state/label.ts';
import { PullRequest } from '../state/pull-request.ts';
import type { Repository } from '../state/repository.ts';
import { commentView, issueView } from '../views/issue-view.ts';
import { labelView } from '../views/label-view.ts';
import { closePull, tellPull } from './change-ref.ts';
import type { Doer } from './doer.ts';
import { nextNumber } from './open-pull.ts';

/** Characters of a comment, and of the body of an issue or pull request. */
export const longestText = 65_536;

export function textThatFits(resource: string, text: string): string {
  if (text.length > longestText)
    throw invalid(resource, `body is too long (maximum is ${longestText} characters)`, 'body');
  return text;
}

export function openIssue(
  github: GitHub,
  repository: Repository,
  { title, body }: { readonly title: string; readonly body: string | null },
  by: Doer,
): Issue {
  const number = nextNumber(repository);
  const at = github.now();
  const issue = new Issue({
    id: github.nextId(),
    number,
    repository,
    author: by.account,
    app: by.app,
    createdAt: at,
    title,
    body,
  });
  repository.issues.set(number, issue);
  tellIssue(github, issue, 'issues', 'opened', by);
  return issue;
}

function tellIssue(
  github: GitHub,
  issue: Issue,
  event: string,
  action: string,
  { account }: Doer,
  more: { readonly [name: string]: unknown } = {},
): void {
  const payload = { issue: issueView(github, issue), ...more };
  github.webhooks.tell({ event, action, repository: issue.repository, sender: account, payload });
}

export function addComment(github: GitHub, issue: Issue, body: string, by: Doer): Comment {
  if (body.trim() === '') throw invalid('IssueComment', "body can't be blank", 'body');
  if (issue.locked) throw new Refusal(403, 'Unable to create comment because issue is locked.');
  const at = github.now();
  const comment: Comment = {
    id: github.nextId(),
    issue,
    author: by.account,
    app: by.app,
    createdAt: at,
    updatedAt: at,
    body: textThatFits('IssueComment', body),
  };
  issue.repository.comments.set(comment.id, comment);
  issue.updatedAt = at;
  tellIssue(github, issue, 'issue_comment', 'created', by, { comment: commentView(github, comment) });
  return comment;
}

export function editComment(github: GitHub, comment: Comment, body: string, by: Doer): void {
  const from = comment.body;
  comment.body = textThatFits('IssueComment', body);
  // GitHub's times are in seconds, and nobody edits within the second that he wrote in, but in a test.
  comment.updatedAt = new Date(Math.max(github.now().getTime(), comment.createdAt.getTime() + 1000));
  tellIssue(github, comment.issue, 'issue_comment', 'edited', by, {
    changes: { body: { from } },
    comment: commentView(github, comment),
  });
}

export function deleteComment(github: GitHub, comment: Comment, by: Doer): void {
  comment.issue.repository.comments.delete(comment.id);
  tellIssue(github, comment.issue, 'issue_comment', 'deleted', by, { comment: commentView(github, comment) });
}

export const labelKey = (name: string) => name.toLowerCase();

export function makeLabel(
  github: GitHub,
  repository: Repository,
  { name, color = 'ededed', description = null }: { name: string; color?: string; description?: string | null },
): Label {
  if (repository.labels.has(labelKey(name))) {
    throw new Refusal(422, 'Validation Failed', {
      errors: [{ resource: 'Label', code: 'already_exists', field: 'name' }],
    });
  }
  if (name.length > 50) throw invalid('Label', 'name is too long (maximum is 50 characters)', 'name');
  if ((description ?? '').length > 100) {
    throw invalid('Label', 'description is too long (maximum is 100 characters)', 'description');
  }
  const label = { id: github.nextId(), name, color, description };
  repository.labels.set(labelKey(name), label);
  return label;
}

/** Puts labels on; one that the repository does not have is made. */
export async function addLabels(github: GitHub, issue: Issue, names: readonly string[], by: Doer): Promise<void> {
  const { repository } = issue;
  for (const name of names) {
    const key = labelKey(name);
    if (issue.labels.has(key)) continue;
    const label = repository.labels.get(key) ?? makeLabel(github, repository, { name });
    issue.labels.add(key);
    await tellLabel(github, issue, 'labeled', label, by);
  }
}

export async function removeLabel(github: GitHub, issue: Issue, name: string, by: Doer): Promise<void> {
  const label = issue.repository.labels.get(labelKey(name));
  if (label === undefined || !issue.labels.delete(labelKey(name))) throw new Refusal(404, 'Label does not exist');
  await tellLabel(github, issue, 'unlabeled', label, by);
}

async function tellLabel(github: GitHub, issue: Issue, action: string, label: Label, by: Doer): Promise<void> {
  const more = { label: labelView(github, issue.repository, label) };
  if (issue instanceof PullRequest) await tellPull(github, issue, action, by, more);
  else tellIssue(github, issue, 'issues', action, by, more);
}

export async function closeIssue(github: GitHub, issue: Issue, by: Doer): Promise<void> {
  if (issue.state === 'closed') return;
  if (issue instanceof PullRequest) return closePull(github, issue, by);
  issue.closedAt = github.now();
  tellIssue(github, issue, 'issues', 'closed', by);
}

export async function reopenIssue(github: GitHub, issue: Issue, by: Doer): Promise<void> {
  if (issue.state === 'open') return;
  if (issue instanceof PullRequest) {
    if (issue.merged !== null || issue.headRepository.branch(issue.headBranch) === undefined) {
      throw invalid('PullRequest', 'state cannot be changed. The pull request cannot be reopened.', 'state');
    }
    const base = issue.repository.branch(issue.baseBranch);
    if (base === undefined || (await issue.repository.git.isAncestor(issue.headSha, base))) {
      const why = `There are no new commits between ${issue.baseBranch} and ${issue.headBranch}.`;
      throw invalid('PullRequest', `state cannot be changed. ${why}`, 'state');
    }
    issue.closedAt = null;
    await tellPull(github, issue, 'reopened', by);
  } else {
    issue.closedAt = null;
    tellIssue(github, issue, 'issues', 'reopened', by);
  }
}
