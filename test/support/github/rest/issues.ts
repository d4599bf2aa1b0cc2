import { addLabels, closeIssue, openIssue, reopenIssue, textThatFits } from '../deeds/change-issue.ts';
import { doer } from '../deeds/doer.ts';
import { created, ok } from '../http/answer.ts';
import { listed } from '../http/pagination.ts';
import { notFound } from '../http/refusal.ts';
import { onRepository, type RepositoryCall, type Routes } from '../http/route-handler.ts';
import { needs } from '../permissions.ts';
import type { Issue } from '../state/issue.ts';
import { issueView } from '../views/issue-view.ts';
import { demandAuthorOrWriter } from './pulls.ts';

/** Either permission will do, as a pull request is an issue too. */
export const readsIssues = needs(['issues', 'pull_requests'], 'read');
export const writesIssues = needs(['issues', 'pull_requests'], 'write', { asPerson: 'read' });

export function issueOf({ repository, path }: RepositoryCall): Issue {
  const issue = repository.issues.get(Number(path.issue_number));
  if (issue === undefined) throw notFound();
  return issue;
}

export const issueRoutes: Routes = {
  'GET /repos/{owner}/{repo}/issues': onRepository(readsIssues, call => {
    const { repository, query, github } = call;
    const state = query.get('state') ?? 'open';
    const labels = (query.get('labels') ?? '').split(',').filter(Boolean);
    const issues = [...repository.issues.values()]
      .filter(issue => state === 'all' || issue.state === state)
      .filter(issue => labels.every(name => issue.labels.has(name.toLowerCase())));
    return listed(call, issues.reverse(), issue => issueView(github, issue));
  }),
  'POST /repos/{owner}/{repo}/issues': onRepository(
    needs('issues', 'write', { asPerson: 'read' }),
    async ({ github, repository, actor, body }) => {
      const issue = openIssue(github, repository, { title: String(body.title), body: body.body ?? null }, doer(actor));
      await addLabels(github, issue, (body.labels ?? []).map(nameOf), doer(actor));
      return created(issueView(github, issue));
    },
  ),
  'GET /repos/{owner}/{repo}/issues/{issue_number}': onRepository(readsIssues, call =>
    ok(issueView(call.github, issueOf(call))),
  ),
  'PATCH /repos/{owner}/{repo}/issues/{issue_number}': onRepository(writesIssues, async call => {
    const { github, actor, body } = call;
    const issue = issueOf(call);
    demandAuthorOrWriter(call, issue.author);
    const by = doer(actor);
    if (body.title !== undefined) issue.title = String(body.title);
    if (body.body !== undefined) issue.body = body.body === null ? null : textThatFits('Issue', body.body);
    if (body.labels !== undefined) {
      issue.labels.clear();
      await addLabels(github, issue, body.labels.map(nameOf), by);
    }
    if (body.state === 'closed') await closeIssue(github, issue, by);
    if (body.state === 'open') await reopenIssue(github, issue, by);
    return ok(issueView(github, issue));
  }),
};

export const nameOf = (label: string | { readonly name: string }) => (typeof label === 'string' ? label : label.name);
