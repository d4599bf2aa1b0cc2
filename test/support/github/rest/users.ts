import { ok } from '../http/answer.ts';
import { notFound, Refusal } from '../http/refusal.ts';
import { onAnything, type Routes } from '../http/route-handler.ts';
import { publicAccountView } from '../views/account-view.ts';

export const userRoutes: Routes = {
  'GET /user': onAnything(({ github, actor }) => {
    if (actor.kind === 'anonymous') throw new Refusal(401, 'Requires authentication');
    if (actor.kind !== 'personal') throw new Refusal(403, 'Resource not accessible by integration');
    return ok(publicAccountView(github, actor.account!));
  }),
  'GET /users/{username}': onAnything(({ github, path }) => {
    const account = github.account(path.username!);
    if (account === undefined) throw notFound();
    return ok(publicAccountView(github, account));
  }),
  'GET /user/{account_id}': onAnything(({ github, path }) => {
    const account = github.accountById(Number(path.account_id));
    if (account === undefined) throw notFound();
    return ok(publicAccountView(github, account));
  }),
};
