import { forkRepository } from '../deeds/fork-repository.ts';
import { ok } from '../http/answer.ts';
import { listed } from '../http/pagination.ts';
import { Refusal } from '../http/refusal.ts';
import { onRepository, type Routes } from '../http/route-handler.ts';
import { needs } from '../permissions.ts';
import { fullRepositoryView, minimalRepositoryView } from '../views/repository-view.ts';

const metadata = needs('metadata', 'read');

export const repositoryRoutes: Routes = {
  'GET /repos/{owner}/{repo}': onRepository(metadata, ({ github, repository, actor }) =>
    ok(fullRepositoryView(github, repository, actor.account)),
  ),
  'PATCH /repos/{owner}/{repo}': onRepository(
    needs('administration', 'write', { asPerson: 'admin' }),
    ({ github, repository, actor, body }) => {
      if (body.default_branch !== undefined) {
        if (repository.branch(body.default_branch) === undefined) {
          throw new Refusal(
            422,
            `The branch ${body.default_branch} was not found. Please push that ref first or create it.`,
          );
        }
        repository.defaultBranch = body.default_branch;
      }
      if (body.private !== undefined) repository.isPrivate = body.private;
      return ok(fullRepositoryView(github, repository, actor.account));
    },
  ),
  'GET /repos/{owner}/{repo}/forks': onRepository(metadata, call =>
    listed(
      call,
      call.github.repositories.filter(({ parent }) => parent === call.repository),
      fork => minimalRepositoryView(call.github, fork),
    ),
  ),
  'POST /repos/{owner}/{repo}/forks': onRepository(
    needs('administration', 'write', { asPerson: 'read' }),
    async ({ github, repository, actor, body }) => {
      if (actor.kind !== 'personal') throw new Refusal(403, 'Resource not accessible by integration');
      const fork = await forkRepository(github, repository, actor.account!, {
        ...(body.name === undefined ? {} : { name: body.name }),
        defaultBranchOnly: body.default_branch_only ?? false,
      });
      return { status: 202, body: fullRepositoryView(github, fork, actor.account), headers: {} };
    },
  ),
};
