import type { GitHubUser } from '../domain/generated/shapes.ts';
import type { PullRequest, TargetRepository } from '../domain/pull-request/pull-request.ts';
import type { Approach, ApproachedReviewer } from '../domain/pull-request/reviewer-note.ts';
import { type Api, ask } from './api.ts';
import { reviewersOf } from './read-pull-request.ts';

/**
 * Asks for somebody's review, once: whoever was asked or mentioned is left in peace. GitHub refuses those who are no
 * collaborators: they are to be mentioned.
 * @param before what the App's comment says of it by now
 */
export async function askReviewer(
  api: Api,
  repository: TargetRepository,
  pull: PullRequest,
  reviewer: GitHubUser,
  before: ApproachedReviewer | null,
): Promise<Approach> {
  if (before?.id === reviewer.id) return before.approach;
  const { id, login } = reviewer;
  const route = '/repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers';
  const at = { owner: repository.owner, repo: repository.name, pull_number: pull.number, reviewers: [login] };
  const { status, data } = await ask(api, `POST ${route}`, at, [422]);
  if (status === 422) return 'mentioned';
  if (reviewersOf(data).includes(id)) return 'asked';
  // The login is another's by now.
  await ask(api, `DELETE ${route}`, at, [404, 422]);
  return 'renamed';
}
