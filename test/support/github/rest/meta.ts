import { ok } from '../http/answer.ts';
import { onAnything, type Routes } from '../http/route-handler.ts';

export const metaRoutes: Routes = {
  'GET /rate_limit': onAnything(({ github, actor }) => {
    const rate = github.limits.view(actor);
    return ok({ resources: { core: rate, graphql: rate, search: rate }, rate });
  }),
  'GET /meta': onAnything(() => ok({ verifiable_password_authentication: false })),
};
