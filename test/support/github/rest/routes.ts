import type { Routes } from '../http/route-handler.ts';
import { actionRoutes } from './actions.ts';
import { appRoutes } from './apps.ts';
import { branchRoutes } from './branches.ts';
import { checkRoutes } from './checks.ts';
import { collaboratorRoutes } from './collaborators.ts';
import { commentRoutes } from './comments.ts';
import { commitRoutes } from './commits.ts';
import { contentRoutes } from './contents.ts';
import { gitDataRoutes } from './git-data.ts';
import { issueRoutes } from './issues.ts';
import { labelRoutes } from './labels.ts';
import { metaRoutes } from './meta.ts';
import { pullRoutes } from './pulls.ts';
import { refRoutes } from './refs.ts';
import { repositoryRoutes } from './repositories.ts';
import { reviewRoutes } from './reviews.ts';
import { userRoutes } from './users.ts';

/** Every route that is answered, with the permission that it needs: one file a resource. */
export const routes: Routes = {
  ...actionRoutes,
  ...appRoutes,
  ...branchRoutes,
  ...checkRoutes,
  ...collaboratorRoutes,
  ...commentRoutes,
  ...commitRoutes,
  ...contentRoutes,
  ...gitDataRoutes,
  ...issueRoutes,
  ...labelRoutes,
  ...metaRoutes,
  ...pullRoutes,
  ...refRoutes,
  ...repositoryRoutes,
  ...reviewRoutes,
  ...userRoutes,
};
