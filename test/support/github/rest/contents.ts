import { commitFiles, touchesWorkflows } from '../deeds/commit-files.ts';
import { doer } from '../deeds/doer.ts';
import type { Signature } from '../git/commit.ts';
import type { TreeEntry } from '../git/tree.ts';
import type { GitHub } from '../github.ts';
import { type Answer, ok } from '../http/answer.ts';
import { notFound, Refusal, unprocessable } from '../http/refusal.ts';
import { onRepository, type RepositoryCall, type Routes } from '../http/route-handler.ts';
import { atLeast, needs } from '../permissions.ts';
import type { Repository } from '../state/repository.ts';
import { gitCommitView } from '../views/commit-view.ts';
import { repositoryUrl } from '../views/repository-view.ts';
import { resolveCommit } from './resolve-commit.ts';

/** Bytes that are given as Base64; more comes raw only, and over a hundred times that not at all. */
const largestInline = 1024 * 1024;
const mostEntries = 1000;

const kinds: Readonly<{ [mode: string]: string }> = { '40000': 'dir', '120000': 'symlink', '160000': 'submodule' };

/** What a file and an entry of a folder have in common. */
async function entryView(github: GitHub, repository: Repository, ref: string, path: string, entry: TreeEntry) {
  const type = kinds[entry.mode] ?? 'file';
  const escaped = path.split('/').map(encodeURIComponent).join('/');
  const url = `${repositoryUrl(github, repository)}/contents/${escaped}?ref=${ref}`;
  const git = `${repositoryUrl(github, repository)}/git/${type === 'dir' ? 'trees' : 'blobs'}/${entry.id}`;
  const html = `${github.origin}/${repository.fullName}/${type === 'dir' ? 'tree' : 'blob'}/${ref}/${escaped}`;
  const isBlob = type === 'file' || type === 'symlink';
  const size = isBlob ? ((await repository.git.objects.read(entry.id))?.content.length ?? 0) : 0;
  return {
    type,
    size,
    name: entry.name,
    path,
    sha: entry.id,
    url,
    git_url: type === 'submodule' ? null : git,
    html_url: type === 'submodule' ? null : html,
    download_url: type === 'file' ? `${github.origin}/raw/${repository.fullName}/${ref}/${escaped}` : null,
    _links: { self: url, git: type === 'submodule' ? null : git, html: type === 'submodule' ? null : html },
  };
}

async function read({ github, repository, path, query, accept }: RepositoryCall): Promise<Answer> {
  const ref = query.get('ref') ?? repository.defaultBranch;
  const commit = await repository.git.commit(await resolveCommit(repository, ref));
  const wanted = (path.path ?? '').replace(/^\/+|\/+$/g, '');
  const entry = await repository.git.entry(commit!.tree, wanted);
  if (entry === undefined) throw notFound();
  if (entry.mode === '40000') {
    const entries = (await repository.git.tree(entry.id)) ?? [];
    const at = (name: string) => (wanted === '' ? name : `${wanted}/${name}`);
    const some = entries.slice(0, mostEntries);
    return ok(await Promise.all(some.map(one => entryView(github, repository, ref, at(one.name), one))));
  }
  const view = await entryView(github, repository, ref, wanted, entry);
  if (view.type === 'submodule') return ok({ ...view, submodule_git_url: null });
  const { content } = (await repository.git.objects.read(entry.id))!;
  if (content.length > 100 * largestInline) throw new Refusal(403, 'This API returns blobs up to 100 MB in size.');
  if (accept.includes('raw')) return ok(content, { 'content-type': 'application/vnd.github.raw+json; charset=utf-8' });
  if (view.type === 'symlink') return ok({ ...view, target: content.toString('utf8') });
  const inline = content.length <= largestInline;
  return ok({
    ...view,
    content: inline ? content.toString('base64').replace(/.{60}/g, '$&\n') : '',
    encoding: inline ? 'base64' : 'none',
  });
}

function signature(given: { name: string; email: string; date?: string } | undefined, now: Date): Signature | null {
  if (given === undefined) return null;
  return { name: given.name, email: given.email, date: given.date ? new Date(given.date) : now, zone: '+0000' };
}

async function write(call: RepositoryCall, content: Buffer | null): Promise<{ status: number; commit: string }> {
  const { github, repository, actor, body } = call;
  const path = call.path.path!;
  const { permissions } = actor;
  if (permissions !== null && touchesWorkflows([path]) && !atLeast(permissions.workflows, 'write')) {
    throw new Refusal(403, 'Resource not accessible by integration');
  }
  let status = 200;
  const check = async (before: string | null) => {
    if (before === null && body.branch !== undefined) throw new Refusal(404, `Branch ${body.branch} not found`);
    const tree = before === null ? null : (await repository.git.commit(before))!.tree;
    const old = tree === null ? undefined : await repository.git.entry(tree, path);
    if (old === undefined) {
      if (content === null) throw notFound();
      status = 201;
    } else if (body.sha === undefined) {
      throw unprocessable('Invalid request.\n\n"sha" wasn\'t supplied.');
    }
    if (body.sha !== undefined && body.sha !== old?.id) {
      throw new Refusal(409, `${path} does not match ${body.sha}`);
    }
  };
  const commit = await commitFiles(
    github,
    repository,
    body.branch ?? repository.defaultBranch,
    {
      files: { [path]: content },
      message: body.message,
      check,
      author: signature(body.author ?? body.committer, github.now()),
      committer: signature(body.committer, github.now()),
    },
    doer(actor),
  );
  return { status, commit };
}

async function written(call: RepositoryCall, { status, commit }: { status: number; commit: string }): Promise<Answer> {
  const { github, repository, path, body } = call;
  const found = (await repository.git.commit(commit))!;
  const entry = await repository.git.entry(found.tree, path.path!);
  const branch = body.branch ?? repository.defaultBranch;
  const content = entry === undefined ? null : await entryView(github, repository, branch, path.path!, entry);
  return { status, body: { content, commit: gitCommitView(github, repository, found) }, headers: {} };
}

const reads = needs('contents', 'read');
const writes = needs('contents', 'write');

export const contentRoutes: Routes = {
  'GET /repos/{owner}/{repo}/contents/{path}': onRepository(reads, read),
  'PUT /repos/{owner}/{repo}/contents/{path}': onRepository(writes, async call =>
    written(call, await write(call, Buffer.from(call.body.content, 'base64'))),
  ),
  'DELETE /repos/{owner}/{repo}/contents/{path}': onRepository(writes, async call =>
    written(call, await write(call, null)),
  ),
};
