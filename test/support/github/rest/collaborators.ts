import { noContent, ok } from '../http/answer.ts';
import { notFound } from '../http/refusal.ts';
import { onRepository, type Routes } from '../http/route-handler.ts';
import { needs } from '../permissions.ts';
import { accountView } from '../views/account-view.ts';

export const collaboratorRoutes: Routes = {
  'GET /repos/{owner}/{repo}/collaborators/{username}': onRepository(
    needs('metadata', 'read', { asPerson: 'write' }),
    ({ github, repository, path }) => {
      const account = github.account(path.username!);
      if (account === undefined || !repository.isCollaborator(account)) throw notFound();
      return noContent();
    },
  ),
  'GET /repos/{owner}/{repo}/collaborators/{username}/permission': onRepository(
    needs('metadata', 'read', { asPerson: 'write' }),
    ({ github, repository, path }) => {
      const account = github.account(path.username!);
      if (account === undefined) throw notFound();
      const permission = repository.access(account);
      return ok({
        permission,
        role_name: permission,
        user: { ...accountView(github, account), role_name: permission },
      });
    },
  ),
};
