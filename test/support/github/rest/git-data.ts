import { gitHubSignature, signatureOf, touchesWorkflows } from '../deeds/commit-files.ts';
import { doer } from '../deeds/doer.ts';
import { type Signature, writeCommit } from '../git/commit.ts';
import { gitParts } from '../git/git.ts';
import { editTree, type TreeChange } from '../git/tree.ts';
import type { GitHub } from '../github.ts';
import { created, ok } from '../http/answer.ts';
import { notFound, Refusal, unprocessable } from '../http/refusal.ts';
import { onRepository, type Routes } from '../http/route-handler.ts';
import { atLeast, needs } from '../permissions.ts';
import type { Actor } from '../state/actor.ts';
import type { Repository } from '../state/repository.ts';
import { gitCommitView } from '../views/commit-view.ts';
import { nodeId } from '../views/node-id.ts';
import { repositoryUrl } from '../views/repository-view.ts';
import { resolveCommit } from './resolve-commit.ts';

const reads = needs('contents', 'read');
const writes = needs('contents', 'write');

/** Entries of a recursive listing, after which it is cut. */
const longestListing = 100_000;
const largestBlob = 100 * 1024 * 1024;

async function treeView(github: GitHub, repository: Repository, sha: string, recursive: boolean) {
  const args = ['ls-tree', '-l', '-z', ...(recursive ? ['-r', '-t'] : []), sha];
  const lines = await gitParts(repository.git.folder, args);
  const tree = lines.slice(0, longestListing).map(line => {
    const [, mode = '', type = '', id = '', size = '', path = ''] =
      /^(\d+) (\w+) ([0-9a-f]+) +(\d+|-)\t([\s\S]*)$/.exec(line) ?? [];
    const url = `${repositoryUrl(github, repository)}/git/${type === 'tree' ? 'trees' : 'blobs'}/${id}`;
    return {
      path,
      mode,
      type,
      sha: id,
      ...(type === 'blob' ? { size: Number(size) } : {}),
      ...(type === 'commit' ? {} : { url }),
    };
  });
  const url = `${repositoryUrl(github, repository)}/git/trees/${sha}`;
  return { sha, url, tree, truncated: lines.length > longestListing };
}

/** Whether the object is there to build on, and is what it is taken for. */
async function isOwn(repository: Repository, sha: string, type: string): Promise<boolean> {
  if (!/^[0-9a-f]{40}$/.test(sha) || repository.foreign.has(sha)) return false;
  return (await repository.git.objects.read(sha))?.type === type;
}

const isSafe = (path: string) =>
  path.split('/').every(name => name !== '' && name !== '.' && name !== '..' && name.toLowerCase() !== '.git') &&
  !path.includes('\0');

const types: Readonly<{ [mode: string]: string }> = {
  '100644': 'blob',
  '100755': 'blob',
  '120000': 'blob',
  '040000': 'tree',
  '160000': 'commit',
};

async function treeChange(
  repository: Repository,
  entry: { path?: string; mode?: string; type?: string; sha?: string | null; content?: string },
): Promise<TreeChange> {
  const { path, mode = '100644', sha, content } = entry;
  if (path === undefined || !isSafe(path))
    throw unprocessable(`tree.path contains a malformed path component: ${path}`);
  if (sha === null) return { path, to: null };
  if (content !== undefined && sha !== undefined) throw unprocessable('Must supply either tree.sha or tree.content.');
  if (content !== undefined) {
    const id = await repository.git.objects.write('blob', Buffer.from(content));
    repository.foreign.delete(id);
    return { path, to: { mode, id } };
  }
  if (sha === undefined) throw unprocessable('Must supply a valid tree.sha or tree.content.');
  const type = types[mode]!;
  if (entry.type !== undefined && entry.type !== type)
    throw unprocessable(`tree.type ${entry.type} does not fit tree.mode ${mode}`);
  if (type !== 'commit' && !(await isOwn(repository, sha, type))) {
    throw unprocessable(`tree.sha ${sha} is not a valid ${type}`);
  }
  return { path, to: { mode, id: sha } };
}

function signature(given: { name: string; email: string; date?: string } | undefined, otherwise: Signature): Signature {
  if (given === undefined) return otherwise;
  const date = given.date === undefined ? otherwise.date : new Date(given.date);
  return { name: given.name, email: given.email, date, zone: '+0000' };
}

/** Workflows are added through the API by those alone who have the permission for it. */
function refuseWorkflows(actor: Actor, paths: readonly string[]): void {
  const { permissions } = actor;
  if (permissions === null || atLeast(permissions.workflows, 'write') || !touchesWorkflows(paths)) return;
  throw new Refusal(403, 'Resource not accessible by integration');
}

export const gitDataRoutes: Routes = {
  'GET /repos/{owner}/{repo}/git/blobs/{file_sha}': onRepository(
    reads,
    async ({ github, repository, path, accept }) => {
      const object = await repository.git.objects.read(path.file_sha!);
      if (object?.type !== 'blob') throw notFound();
      const { content } = object;
      if (content.length > largestBlob) throw new Refusal(403, 'This blob is too large.');
      if (accept.includes('raw')) return ok(content, { 'content-type': 'application/vnd.github.raw; charset=utf-8' });
      const url = `${repositoryUrl(github, repository)}/git/blobs/${path.file_sha}`;
      const node_id = nodeId('Blob', path.file_sha!);
      return ok({
        sha: path.file_sha,
        node_id,
        size: content.length,
        url,
        content: content.toString('base64').replace(/.{60}/g, '$&\n'),
        encoding: 'base64',
      });
    },
  ),
  'POST /repos/{owner}/{repo}/git/blobs': onRepository(writes, async ({ github, repository, body }) => {
    const { content, encoding = 'utf-8' } = body;
    if (encoding !== 'utf-8' && encoding !== 'base64') throw unprocessable('encoding must be utf-8 or base64');
    if (encoding === 'base64' && !/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(content))
      throw unprocessable('content is not valid Base64');
    const bytes = Buffer.from(content, encoding);
    if (bytes.length > largestBlob) throw unprocessable('Blob is too large');
    const sha = await repository.git.objects.write('blob', bytes);
    repository.foreign.delete(sha);
    return created({ sha, url: `${repositoryUrl(github, repository)}/git/blobs/${sha}` });
  }),
  'GET /repos/{owner}/{repo}/git/trees/{tree_sha}': onRepository(reads, async ({ github, repository, path, query }) => {
    const name = path.tree_sha!;
    const object = /^[0-9a-f]{40}$/.test(name) ? await repository.git.objects.read(name) : undefined;
    const sha =
      object?.type === 'tree' ? name : (await repository.git.commit(await resolveCommit(repository, name)))!.tree;
    return ok(await treeView(github, repository, sha, query.has('recursive')));
  }),
  'POST /repos/{owner}/{repo}/git/trees': onRepository(writes, async ({ github, repository, actor, body }) => {
    const { tree, base_tree: base = null } = body;
    refuseWorkflows(
      actor,
      tree.map(({ path = '' }) => path),
    );
    let from: string | null = null;
    if (base !== null) {
      const object = /^[0-9a-f]{40}$/.test(base) ? await repository.git.objects.read(base) : undefined;
      if (object === undefined || repository.foreign.has(base))
        throw unprocessable('base_tree is not a valid tree oid');
      from = object.type === 'commit' ? (await repository.git.commit(base))!.tree : base;
    }
    if (tree.length === 0) throw unprocessable('Invalid tree info');
    const changes: TreeChange[] = [];
    for (const entry of tree) changes.push(await treeChange(repository, entry));
    if (from === null && changes.some(({ to }) => to === null)) throw unprocessable('GitRPC::BadObjectState');
    const sha = await editTree(repository.git.objects, from, changes);
    repository.foreign.delete(sha);
    return created(await treeView(github, repository, sha, false));
  }),
  'GET /repos/{owner}/{repo}/git/commits/{commit_sha}': onRepository(reads, async ({ github, repository, path }) => {
    const commit = await repository.git.commit(path.commit_sha!);
    if (commit === undefined || !/^[0-9a-f]{40}$/.test(path.commit_sha!)) throw notFound();
    return ok(gitCommitView(github, repository, commit));
  }),
  'POST /repos/{owner}/{repo}/git/commits': onRepository(writes, async ({ github, repository, actor, body }) => {
    const { message, tree, parents = [], signature: signed } = body;
    if (signed !== undefined) throw unprocessable('signature is not valid');
    if (!(await isOwn(repository, tree, 'tree'))) throw unprocessable('Tree SHA does not exist');
    for (const parent of parents) {
      if (!(await isOwn(repository, parent, 'commit'))) {
        throw unprocessable('Parent SHA does not exist or is not a commit object');
      }
    }
    const now = github.now();
    const { account, app } = doer(actor);
    // GitHub signs what an App makes in its own name.
    const signs = app !== null && body.author === undefined && body.committer === undefined;
    const author = signature(body.author, signatureOf(account, now));
    const committer = signs ? gitHubSignature(now) : signature(body.committer, author);
    const id = await writeCommit(repository.git.objects, { tree, parents, author, committer, message });
    if (signs) repository.signed.add(id);
    return created(gitCommitView(github, repository, (await repository.git.commit(id))!));
  }),
};
