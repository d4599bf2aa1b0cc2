import { closeIssue, reopenIssue, textThatFits } from '../deeds/change-issue.ts';
import { tellPull } from '../deeds/change-ref.ts';
import { doer } from '../deeds/doer.ts';
import { mergePull } from '../deeds/merge-pull.ts';
import { openPull } from '../deeds/open-pull.ts';
import { created, noContent, ok } from '../http/answer.ts';
import { listed, page } from '../http/pagination.ts';
import { invalid, notFound, Refusal } from '../http/refusal.ts';
import { onRepository, type RepositoryCall, type Routes } from '../http/route-handler.ts';
import { atLeast, needs } from '../permissions.ts';
import { PullRequest } from '../state/pull-request.ts';
import { changedFileView, commitView, readCommits } from '../views/commit-view.ts';
import { diffBase, pullView, simplePullView } from '../views/pull-view.ts';

const reads = needs('pull_requests', 'read');
const writes = needs('pull_requests', 'write', { asPerson: 'read' });
/** Files that the API lists of one pull request. */
const mostFiles = 3000;

export function pullOf({ repository, path }: RepositoryCall): PullRequest {
  const issue = repository.issues.get(Number(path.pull_number));
  if (!(issue instanceof PullRequest)) throw notFound();
  return issue;
}

/** Its author may change a pull request, and whoever may write. */
export function demandAuthorOrWriter({ repository, actor }: RepositoryCall, author: unknown): void {
  if (actor.kind !== 'personal' || actor.account === author) return;
  if (!atLeast(repository.access(actor.account!), 'write')) throw notFound();
}

export const pullRoutes: Routes = {
  'GET /repos/{owner}/{repo}/pulls': onRepository(reads, call => {
    const { repository, query, github } = call;
    const [state, head, base] = [query.get('state') ?? 'open', query.get('head'), query.get('base')];
    const pulls = repository
      .pulls()
      .filter(pull => state === 'all' || pull.state === state)
      .filter(pull => base === null || pull.baseBranch === base)
      .filter(pull => head === null || `${pull.headRepository.owner.login}:${pull.headBranch}` === head);
    const updated = query.get('sort') === 'updated';
    pulls.sort((a, b) => (updated ? a.updatedAt.getTime() - b.updatedAt.getTime() : 0) || a.number - b.number);
    // By when they were made, the newest come first unless told.
    if (
      (query.get('direction') ?? (query.has('sort') && !query.get('sort')!.startsWith('created') ? 'asc' : 'desc')) ===
      'desc'
    ) {
      pulls.reverse();
    }
    return listed(call, pulls, pull => simplePullView(github, pull));
  }),
  'POST /repos/{owner}/{repo}/pulls': onRepository(writes, async ({ github, repository, actor, body }) => {
    if (body.title === undefined) throw invalid('PullRequest', "title can't be blank", 'title');
    const asked = {
      head: body.head,
      headRepository: body.head_repo,
      base: body.base,
      title: body.title,
      body: body.body === undefined ? null : textThatFits('PullRequest', body.body),
      draft: body.draft,
      maintainerCanModify: body.maintainer_can_modify,
    };
    return created(await pullView(github, await openPull(github, repository, asked, doer(actor))));
  }),
  'GET /repos/{owner}/{repo}/pulls/{pull_number}': onRepository(reads, async call =>
    ok(await pullView(call.github, pullOf(call))),
  ),
  'PATCH /repos/{owner}/{repo}/pulls/{pull_number}': onRepository(writes, async call => {
    const { github, repository, actor, body } = call;
    const pull = pullOf(call);
    demandAuthorOrWriter(call, pull.author);
    const by = doer(actor);
    const changes: { title?: object; body?: object; base?: object } = {};
    if (body.title !== undefined && body.title !== pull.title) {
      changes.title = { from: pull.title };
      pull.title = body.title;
    }
    if (body.body !== undefined && body.body !== pull.body) {
      changes.body = { from: pull.body ?? '' };
      pull.body = textThatFits('PullRequest', body.body);
    }
    if (body.base !== undefined && body.base !== pull.baseBranch) {
      const sha = repository.branch(body.base);
      if (sha === undefined) throw invalid('PullRequest', `Proposed base branch '${body.base}' was not found`, 'base');
      changes.base = { ref: { from: pull.baseBranch }, sha: { from: pull.baseSha } };
      pull.baseBranch = body.base;
      pull.baseSha = sha;
    }
    pull.updatedAt = github.now();
    if (Object.keys(changes).length > 0) await tellPull(github, pull, 'edited', by, { changes });
    if (body.state === 'closed') await closeIssue(github, pull, by);
    if (body.state === 'open') await reopenIssue(github, pull, by);
    return ok(await pullView(github, pull));
  }),
  'GET /repos/{owner}/{repo}/pulls/{pull_number}/files': onRepository(reads, async call => {
    const pull = pullOf(call);
    const files = (await pull.repository.git.changes(await diffBase(pull), pull.headSha)).slice(0, mostFiles);
    return listed(call, files, file => changedFileView(call.github, pull.repository, pull.headSha, file));
  }),
  'GET /repos/{owner}/{repo}/pulls/{pull_number}/commits': onRepository(reads, async call => {
    const pull = pullOf(call);
    const ids = await pull.repository.git.commitsBetween(await diffBase(pull), pull.headSha, 250);
    const { items, link } = page(call, ids);
    const commits = await readCommits(pull.repository, items);
    return ok(
      commits.map(commit => commitView(call.github, pull.repository, commit)),
      link === '' ? {} : { link },
    );
  }),
  'GET /repos/{owner}/{repo}/pulls/{pull_number}/merge': onRepository(reads, call => {
    if (pullOf(call).merged === null) throw notFound();
    return noContent();
  }),
  'PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge': onRepository(
    needs('contents', 'write', { refused: () => new Refusal(403, 'Resource not accessible by personal access token') }),
    async call => {
      const { sha, merge_method: method, commit_title: title, commit_message: message } = call.body;
      const merged = await mergePull(call.github, pullOf(call), { sha, method, title, message }, doer(call.actor));
      return ok({ sha: merged, merged: true, message: 'Pull Request successfully merged' });
    },
  ),
};
