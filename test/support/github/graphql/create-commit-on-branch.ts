import { commitFiles, type Files, touchesWorkflows } from '../deeds/commit-files.ts';
import { doer } from '../deeds/doer.ts';
import type { GitHub } from '../github.ts';
import { Refusal } from '../http/refusal.ts';
import { atLeast, demand, needs } from '../permissions.ts';
import type { Actor } from '../state/actor.ts';
import type { Repository } from '../state/repository.ts';
import { gitObject, refObject, refOfId } from './git-objects.ts';
import { GraphqlRefusal } from './graphql-refusal.ts';

interface Input {
  readonly branch: { readonly id?: string; readonly branchName?: string; readonly repositoryNameWithOwner?: string };
  readonly expectedHeadOid: string;
  readonly clientMutationId?: string;
  readonly message: { readonly headline: string; readonly body?: string };
  readonly fileChanges?: {
    readonly additions?: readonly { readonly path: string; readonly contents: string }[];
    readonly deletions?: readonly { readonly path: string }[];
  };
}

/** Bytes of all additions together. */
const largestChange = 40 * 1024 * 1024;

export function visibleRepository(github: GitHub, actor: Actor, fullName: string): Repository {
  const repository = github.repository(fullName);
  if (repository === undefined || !actor.sees(repository)) {
    throw new GraphqlRefusal('NOT_FOUND', `Could not resolve to a Repository with the name '${fullName}'.`);
  }
  return repository;
}

function target(github: GitHub, actor: Actor, { id, branchName, repositoryNameWithOwner }: Input['branch']) {
  if (id !== undefined) {
    const found = refOfId(github, id);
    if (found === null || !actor.sees(found.repository)) {
      throw new GraphqlRefusal('NOT_FOUND', `Could not resolve to a node with the global id of '${id}'`);
    }
    return { repository: found.repository, branch: found.ref.replace(/^refs\/heads\//, '') };
  }
  if (branchName === undefined || repositoryNameWithOwner === undefined) {
    throw new GraphqlRefusal(
      'UNPROCESSABLE',
      'Must specify either an id or a repositoryNameWithOwner and a branchName',
    );
  }
  const repository = visibleRepository(github, actor, repositoryNameWithOwner);
  return { repository, branch: branchName.replace(/^refs\/heads\//, '') };
}

/** Adds a commit signed by GitHub, in the name of the token's owner; makes neither branches nor merges. */
export async function createCommitOnBranch(github: GitHub, actor: Actor, input: Input): Promise<object> {
  const { repository, branch } = target(github, actor, input.branch);
  try {
    demand(actor, repository, needs('contents', 'write'));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new GraphqlRefusal('FORBIDDEN', error.message);
  }
  const { additions = [], deletions = [] } = input.fileChanges ?? {};
  const files: { [path: string]: Buffer | null } = {};
  for (const { path } of deletions) files[path] = null;
  let bytes = 0;
  for (const { path, contents } of additions) {
    if (!/^[A-Za-z0-9+/\s]*={0,2}$/.test(contents))
      throw new GraphqlRefusal('UNPROCESSABLE', `Invalid Base64 for ${path}`);
    const content = Buffer.from(contents, 'base64');
    bytes += content.length;
    files[path] = content;
  }
  if (bytes > largestChange) throw new GraphqlRefusal('UNPROCESSABLE', 'The additions are too large');
  const bad = Object.keys(files).find(path => path.split('/').some(name => /^(|\.|\.\.|\.git)$/i.test(name)));
  if (bad !== undefined) {
    throw new GraphqlRefusal('UNPROCESSABLE', `A path was requested for addition or deletion which is invalid: ${bad}`);
  }
  const { permissions } = actor;
  if (permissions !== null && touchesWorkflows(Object.keys(files)) && !atLeast(permissions.workflows, 'write')) {
    throw new GraphqlRefusal('FORBIDDEN', 'Resource not accessible by integration');
  }
  const { headline, body = '' } = input.message;
  const check = async (before: string | null) => {
    if (before === null)
      throw new GraphqlRefusal('NOT_FOUND', `No such branch "${branch}" on repository "${repository.fullName}"`);
    if (before !== input.expectedHeadOid) {
      const expected = `Expected branch to point to "${input.expectedHeadOid}" but it did not. Pull and try again.`;
      throw new GraphqlRefusal('STALE_DATA', expected);
    }
    const commit = (await repository.git.commit(before))!;
    for (const { path } of deletions) {
      if ((await repository.git.entry(commit.tree, path)) === undefined) {
        throw new GraphqlRefusal(
          'UNPROCESSABLE',
          `A path was requested for deletion which does not exist as of commit oid ${before}`,
        );
      }
    }
  };
  const message = body === '' ? headline : `${headline}\n\n${body}`;
  try {
    const id = await commitFiles(github, repository, branch, { files: files as Files, message, check }, doer(actor));
    return {
      clientMutationId: input.clientMutationId ?? null,
      commit: () => gitObject(github, repository, id),
      ref: () => refObject(github, repository, `refs/heads/${branch}`),
    };
  } catch (error) {
    if (error instanceof Refusal) throw new GraphqlRefusal('UNPROCESSABLE', error.message);
    throw error;
  }
}
