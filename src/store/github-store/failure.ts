import {
  type GitHubFailure,
  isLimit,
  isProtection,
  leavesOpen,
  limitWait,
  wantedPermission,
} from '../../domain/github-failure.ts';
import { Problem } from '../../domain/problem.ts';

/** What a failure asks for. */
export type Asks =
  /** Wait so many milliseconds, or as long as one sees fit; nothing was done, so the call can be made again. */
  | { readonly what: 'patience'; readonly milliseconds: number | null }
  /** The server or the way to it failed; whether the call was done is not known. */
  | { readonly what: 'another try' }
  /** It is GitHub's answer. */
  | { readonly what: 'nothing' };

/** GitHub's rules: retry-after first, then x-ratelimit-reset where none remain, else a minute at the least. */
export function asksFor(failure: GitHubFailure, now: Date): Asks {
  if (isLimit(failure)) return { what: 'patience', milliseconds: limitWait(failure, now) };
  return { what: leavesOpen(failure) ? 'another try' : 'nothing' };
}

/** @param doing what was tried, as in "GitHub did not let Corroborate <doing>" */
export function problemOf(failure: GitHubFailure, repository: string, doing: string): Problem {
  const { status, message, types, cause } = failure;
  const words = `(GitHub: ${JSON.stringify(message.slice(0, 500))})`;
  const details = { cause };
  if (isProtection(failure)) {
    return new Problem(
      'PROTECTED',
      `GitHub did not let Corroborate ${doing}: a protection or ruleset of ${repository} covers that branch ${words}. In the repository's settings (Rules › Rulesets, or Branches), put the App or the token's owner on the bypass list of that rule, or leave the branch out of it.`,
      details,
    );
  }
  if (status === 401) {
    return new Problem(
      'FORBIDDEN',
      `GitHub does not take the token for ${repository} ${words}: it has expired, was revoked or is mistyped. Give a fresh one.`,
      details,
    );
  }
  if (status === 403 || types.includes('FORBIDDEN') || types.includes('INSUFFICIENT_SCOPES')) {
    const wanted = wantedPermission(failure);
    return new Problem(
      'FORBIDDEN',
      `the token may not ${doing} in ${repository} ${words}: it needs the permission ${wanted ?? '`contents: write`, unless the repository is archived'}. In a workflow that is a line under \`permissions:\`; for an App, its owner asks for it and the installation accepts it.`,
      details,
    );
  }
  if (status === 404 || types.includes('NOT_FOUND')) {
    return new Problem(
      'NOT_FOUND',
      `GitHub could not ${doing}: there is no ${repository}, or not what was asked for in it, or the token may not see it ${words}.`,
      details,
    );
  }
  if (status === 409 && /is empty/i.test(message)) {
    return new Problem(
      'NO_COMMIT',
      `${repository} has no commit yet, and GitHub's API adds none to an empty repository ${words}. Push the simulation first.`,
      details,
    );
  }
  if (leavesOpen(failure)) {
    return new Problem(
      'UNREACHABLE',
      `GitHub could not be reached, or failed, when Corroborate was to ${doing} in ${repository}${status === null ? '' : `: status ${status}`} ${words}. Nothing says that it was done. Try again; https://www.githubstatus.com tells of disturbances.`,
      details,
    );
  }
  return new Problem('REMOTE_FAILED', `GitHub refused to ${doing} in ${repository} ${words}.`, details);
}
