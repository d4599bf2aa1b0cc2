import { addLabels, labelKey, makeLabel, removeLabel } from '../deeds/change-issue.ts';
import { doer } from '../deeds/doer.ts';
import { created, noContent, ok } from '../http/answer.ts';
import { listed } from '../http/pagination.ts';
import { notFound, Refusal } from '../http/refusal.ts';
import { onRepository, type RepositoryCall, type Routes } from '../http/route-handler.ts';
import { needs } from '../permissions.ts';
import type { Issue } from '../state/issue.ts';
import type { Label } from '../state/label.ts';
import { labelsOf, labelView } from '../views/label-view.ts';
import { issueOf, nameOf, readsIssues } from './issues.ts';

const writes = needs(['issues', 'pull_requests'], 'write', {
  refused: () => new Refusal(403, 'You do not have permission to create labels on this issue.'),
});

function labelOf({ repository, path }: RepositoryCall): Label {
  const label = repository.labels.get(labelKey(path.name!));
  if (label === undefined) throw notFound();
  return label;
}

const namesIn = (body: unknown): string[] =>
  (Array.isArray(body) ? body : ((body as { labels?: unknown[] }).labels ?? [])).map(nameOf);

const all = ({ github }: RepositoryCall, issue: Issue) => ok(labelsOf(github, issue));

export const labelRoutes: Routes = {
  'GET /repos/{owner}/{repo}/labels': onRepository(readsIssues, call =>
    listed(call, [...call.repository.labels.values()], label => labelView(call.github, call.repository, label)),
  ),
  'POST /repos/{owner}/{repo}/labels': onRepository(writes, ({ github, repository, body }) =>
    created(labelView(github, repository, makeLabel(github, repository, body))),
  ),
  'GET /repos/{owner}/{repo}/labels/{name}': onRepository(readsIssues, call =>
    ok(labelView(call.github, call.repository, labelOf(call))),
  ),
  'PATCH /repos/{owner}/{repo}/labels/{name}': onRepository(writes, call => {
    const { repository, body } = call;
    const label = labelOf(call);
    if (body.new_name !== undefined) {
      const [from, to] = [labelKey(label.name), labelKey(body.new_name)];
      repository.labels.delete(from);
      label.name = body.new_name;
      repository.labels.set(to, label);
      for (const { labels } of repository.issues.values()) if (labels.delete(from)) labels.add(to);
    }
    if (body.color !== undefined) label.color = body.color;
    if (body.description !== undefined) label.description = body.description;
    return ok(labelView(call.github, repository, label));
  }),
  'DELETE /repos/{owner}/{repo}/labels/{name}': onRepository(writes, call => {
    const key = labelKey(labelOf(call).name);
    call.repository.labels.delete(key);
    for (const { labels } of call.repository.issues.values()) labels.delete(key);
    return noContent();
  }),
  'GET /repos/{owner}/{repo}/issues/{issue_number}/labels': onRepository(readsIssues, call => all(call, issueOf(call))),
  'POST /repos/{owner}/{repo}/issues/{issue_number}/labels': onRepository(writes, async call => {
    await addLabels(call.github, issueOf(call), namesIn(call.body), doer(call.actor));
    return all(call, issueOf(call));
  }),
  'PUT /repos/{owner}/{repo}/issues/{issue_number}/labels': onRepository(writes, async call => {
    const issue = issueOf(call);
    const wanted = namesIn(call.body);
    const keys = new Set(wanted.map(labelKey));
    for (const key of [...issue.labels]) {
      if (!keys.has(key)) await removeLabel(call.github, issue, key, doer(call.actor));
    }
    await addLabels(call.github, issue, wanted, doer(call.actor));
    return all(call, issue);
  }),
  'DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels': onRepository(writes, async call => {
    const issue = issueOf(call);
    for (const key of [...issue.labels]) await removeLabel(call.github, issue, key, doer(call.actor));
    return noContent();
  }),
  'DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}': onRepository(writes, async call => {
    await removeLabel(call.github, issueOf(call), call.path.name!, doer(call.actor));
    return all(call, issueOf(call));
  }),
};
