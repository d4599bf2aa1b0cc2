import { branchOf, changeRef } from '../deeds/change-ref.ts';
import { refuseProtected } from '../deeds/commit-files.ts';
import { doer } from '../deeds/doer.ts';
import { isRefName } from '../git/refs.ts';
import type { GitHub } from '../github.ts';
import { created, noContent, ok } from '../http/answer.ts';
import { notFound, unprocessable } from '../http/refusal.ts';
import { onRepository, type Routes } from '../http/route-handler.ts';
import { needs } from '../permissions.ts';
import type { Repository } from '../state/repository.ts';
import { nodeId } from '../views/node-id.ts';
import { repositoryUrl } from '../views/repository-view.ts';

const reads = needs('contents', 'read');
const writes = needs('contents', 'write');

/** `git-ref` */
async function refView(github: GitHub, repository: Repository, ref: string, sha: string) {
  const type = (await repository.git.objects.read(sha))?.type ?? 'commit';
  return {
    ref,
    node_id: nodeId('Ref', `${repository.id}:${ref}`),
    url: `${repositoryUrl(github, repository)}/git/${ref}`,
    object: { sha, type, url: `${repositoryUrl(github, repository)}/git/${type}s/${sha}` },
  };
}

/** A branch can only be put on a commit that is the repository's own. */
async function ownCommit(repository: Repository, sha: string): Promise<void> {
  const object = /^[0-9a-f]{40}$/.test(sha) ? await repository.git.objects.read(sha) : undefined;
  if (object === undefined || repository.foreign.has(sha)) throw unprocessable('Object does not exist');
}

export const refRoutes: Routes = {
  'GET /repos/{owner}/{repo}/git/ref/{ref}': onRepository(reads, async ({ github, repository, path }) => {
    const ref = `refs/${path.ref}`;
    const sha = isRefName(ref) ? repository.git.refs.read(ref) : undefined;
    if (sha === undefined) throw notFound();
    return ok(await refView(github, repository, ref, sha));
  }),
  'GET /repos/{owner}/{repo}/git/matching-refs/{ref}': onRepository(reads, async ({ github, repository, path }) => {
    const found = [...repository.git.refs.list()].filter(([name]) => name.startsWith(`refs/${path.ref}`));
    return ok(await Promise.all(found.map(([name, sha]) => refView(github, repository, name, sha))));
  }),
  'POST /repos/{owner}/{repo}/git/refs': onRepository(writes, async ({ github, repository, actor, body }) => {
    const { ref, sha } = body;
    if (!/^refs\/[^/]+\/./.test(ref) || !isRefName(ref)) {
      throw unprocessable("Reference name must start with 'refs/' and contain at least two slashes.");
    }
    await ownCommit(repository, sha);
    await changeRef(github, repository, ref, doer(actor), async before => {
      if (before !== null) throw unprocessable('Reference already exists');
      return sha;
    });
    return created(await refView(github, repository, ref, sha));
  }),
  'PATCH /repos/{owner}/{repo}/git/refs/{ref}': onRepository(
    writes,
    async ({ github, repository, actor, path, body }) => {
      const ref = `refs/${path.ref}`;
      const { sha, force = false } = body;
      await changeRef(github, repository, ref, doer(actor), async before => {
        if (before === null) throw unprocessable('Reference does not exist');
        await ownCommit(repository, sha);
        refuseProtected(repository, branchOf(ref), doer(actor));
        if (!force && !(await repository.git.isAncestor(before, sha)))
          throw unprocessable('Update is not a fast forward');
        return sha;
      });
      return ok(await refView(github, repository, ref, sha));
    },
  ),
  'DELETE /repos/{owner}/{repo}/git/refs/{ref}': onRepository(writes, async ({ github, repository, actor, path }) => {
    const ref = `refs/${path.ref}`;
    await changeRef(github, repository, ref, doer(actor), async before => {
      if (before === null) throw unprocessable('Reference does not exist');
      if (repository.protections.has(branchOf(ref) ?? '')) throw unprocessable('Cannot delete a protected branch');
      return null;
    });
    return noContent();
  }),
};
