import { gitText } from '../git/git.ts';
import { emptyTree } from '../git/tree.ts';
import { type Answer, ok } from '../http/answer.ts';
import { listed, page } from '../http/pagination.ts';
import { notFound, Refusal } from '../http/refusal.ts';
import { onRepository, type RepositoryCall, type Routes } from '../http/route-handler.ts';
import { needs } from '../permissions.ts';
import type { Repository } from '../state/repository.ts';
import { changedFileView, commitView, readCommits } from '../views/commit-view.ts';
import { simplePullView } from '../views/pull-view.ts';
import { repositoryUrl } from '../views/repository-view.ts';
import { resolveCommit } from './resolve-commit.ts';

const reads = needs('contents', 'read');
/** Files that a commit or comparison lists. */
const mostFiles = 300;

/** A side of a comparison: `branch`, or `owner:branch` of another repository of the network. */
async function side(call: RepositoryCall, name: string): Promise<{ repository: Repository; sha: string }> {
  const [, owner, ref = ''] = /^(?:([^:]+):)?(.+)$/.exec(name) ?? [];
  const { github, repository } = call;
  const root = repository.source ?? repository;
  const other =
    owner === undefined
      ? repository
      : github.repositories.find(
          one => (one.source ?? one) === root && one.owner.login.toLowerCase() === owner.toLowerCase(),
        );
  if (other === undefined || !call.actor.sees(other)) throw notFound();
  return { repository: other, sha: await resolveCommit(other, ref) };
}

async function compare(call: RepositoryCall, baseName: string, headName: string): Promise<Answer> {
  const { github, repository } = call;
  const [base, head] = [await side(call, baseName), await side(call, headName)];
  for (const { repository: other, sha } of [base, head]) {
    if (other !== repository) await repository.git.fetch(other.git, [`+${sha}:refs/compared/${sha}`]);
  }
  const { git } = repository;
  const mergeBase = await git.mergeBase(base.sha, head.sha);
  if (mergeBase === undefined) throw new Refusal(404, `No common ancestor between ${baseName} and ${headName}.`);
  const [ahead, behind] = [await git.commitsBetween(base.sha, head.sha), await git.count(head.sha, base.sha)];
  const status = ahead.length === 0 ? (behind === 0 ? 'identical' : 'behind') : behind === 0 ? 'ahead' : 'diverged';
  const files = await git.changes(mergeBase, head.sha);
  const url = `${repositoryUrl(github, repository)}/compare/${baseName}...${headName}`;
  const html = `${github.origin}/${repository.fullName}/compare/${baseName}...${headName}`;
  const { items, link } = page(call, ahead);
  const [baseCommit, common] = await readCommits(repository, [base.sha, mergeBase]);
  return ok(
    {
      url,
      html_url: html,
      permalink_url: html,
      diff_url: `${html}.diff`,
      patch_url: `${html}.patch`,
      base_commit: commitView(github, repository, baseCommit!),
      merge_base_commit: commitView(github, repository, common!),
      status,
      ahead_by: ahead.length,
      behind_by: behind,
      total_commits: ahead.length,
      commits: (await readCommits(repository, items)).map(commit => commitView(github, repository, commit)),
      files: files.slice(0, mostFiles).map(file => changedFileView(github, repository, head.sha, file)),
    },
    link === '' ? {} : { link },
  );
}

export const commitRoutes: Routes = {
  'GET /repos/{owner}/{repo}/commits': onRepository(reads, async call => {
    const { github, repository, query } = call;
    const from = await resolveCommit(repository, query.get('sha') ?? repository.defaultBranch).catch(() => null);
    if (from === null) {
      if (query.has('sha')) throw notFound();
      throw new Refusal(409, 'Git Repository is empty.');
    }
    const path = query.get('path');
    const listing = await gitText(repository.git.folder, ['rev-list', from, ...(path === null ? [] : ['--', path])]);
    const { items, link } = page(call, listing.split('\n').filter(Boolean));
    const commits = await readCommits(repository, items);
    return ok(
      commits.map(commit => commitView(github, repository, commit)),
      link === '' ? {} : { link },
    );
  }),
  'GET /repos/{owner}/{repo}/commits/{ref}': onRepository(reads, async ({ github, repository, path, accept }) => {
    const id = await resolveCommit(repository, path.ref!, 422);
    if (accept.includes('.sha')) return ok(Buffer.from(id), { 'content-type': 'application/vnd.github.sha' });
    const commit = (await repository.git.commit(id))!;
    const files = await repository.git.changes(commit.parents[0] ?? emptyTree, id);
    const [additions, deletions] = [
      files.reduce((sum, file) => sum + file.additions, 0),
      files.reduce((sum, file) => sum + file.deletions, 0),
    ];
    return ok({
      ...commitView(github, repository, commit),
      stats: { additions, deletions, total: additions + deletions },
      files: files.slice(0, mostFiles).map(file => changedFileView(github, repository, id, file)),
    });
  }),
  'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls': onRepository(needs('pull_requests', 'read'), async call => {
    const { github, repository, path } = call;
    const id = await resolveCommit(repository, path.commit_sha!, 422);
    // Of those that were never merged, the open ones only.
    const pulls = repository
      .pulls()
      .filter(
        pull => (pull.headSha === id && (pull.state === 'open' || pull.merged !== null)) || pull.merged?.commit === id,
      );
    return listed(call, pulls, pull => simplePullView(github, pull));
  }),
  'GET /repos/{owner}/{repo}/compare/{basehead}': onRepository(reads, call => {
    const [base, head] = call.path.basehead!.split('...');
    if (base === undefined || head === undefined) throw notFound();
    return compare(call, base, head);
  }),
};
