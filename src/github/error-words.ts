import { failureOf, type GitHubFailure, isLimit, isProtection, wantedPermission } from '../domain/github-failure.ts';
import { Problem } from '../domain/problem.ts';

/**
 * What a refused or failed call of GitHub's API means, and what to do.
 * @param call `PATCH /repos/acme/demo/git/refs/heads/records`
 */
export function problemOfError(error: unknown, call: string): Problem {
  if (error instanceof Problem) return error;
  const failure = failureOf(error);
  const { status } = failure;
  const cause = { cause: error };
  const said = shortened(/^\s*</.test(failure.message) ? `status ${status}` : failure.message);
  if (status === null) {
    return new Problem('UNREACHABLE', `GitHub could not be reached for ${call}: ${said}. Try again in a while.`, cause);
  }
  const problem = (...[code, sentence]: [ConstructorParameters<typeof Problem>[0], string]) =>
    new Problem(code, sentence, cause);

  if (status >= 500) {
    return problem(
      'UNREACHABLE',
      `GitHub answered ${call} with an error of its own (${status}). Try again in a while.`,
    );
  }
  if (isLimit(failure)) {
    return problem('RATE_LIMITED', `GitHub refused ${call} for the number of calls (${said}): ${whenAgain(failure)}.`);
  }
  if (isProtection(failure)) {
    return problem('PROTECTED', `A protected branch refused ${call} (${said}). ${allowBypass}`);
  }
  if (status === 401) {
    return problem(
      'FORBIDDEN',
      `GitHub does not take the App's credentials for ${call} (${said}): see that APP_ID and PRIVATE_KEY belong together, ` +
        'and that the clock is right.',
    );
  }
  if (status === 403 && /archived/i.test(said)) {
    return problem('READ_ONLY', `The repository is archived, so ${call} was refused: unarchive it in its settings.`);
  }
  if (status === 403 && /locked/i.test(said)) {
    return problem('FORBIDDEN', `The conversation is locked, so ${call} was refused (${said}): unlock it.`);
  }
  if (status === 403 && /suspended/i.test(said)) {
    return problem('FORBIDDEN', `The App is suspended here, so ${call} was refused: ${resume}`);
  }
  if (status === 403) {
    const wanted = wantedPermission(failure);
    return problem(
      'FORBIDDEN',
      `The App may not do ${call} (${said}): it needs ${wanted === null ? 'a permission that GitHub does not name' : `the permission ${wanted}`}. Its ` +
        'maintainer adds that under Settings → Developer settings → GitHub Apps → Permissions & events, and whoever ' +
        'installed it then accepts it under Settings → GitHub Apps → Configure.',
    );
  }
  if (status === 404 || status === 410) {
    return problem(
      'NOT_FOUND',
      `GitHub has nothing to show to the App for ${call}: it is gone, or the App is not installed on that repository.`,
    );
  }
  return problem('REMOTE_FAILED', `GitHub refused ${call} with ${status}: ${said}`);
}

const allowBypass =
  'Allow the App to bypass the protection: in Settings → Rules → Rulesets under "Bypass list", or in Settings → Branches ' +
  'under "Allow specified actors to bypass required pull requests" and "Restrict who can push to matching branches".';
const resume = 'an owner resumes it under Settings → GitHub Apps → Configure.';

function whenAgain({ headers }: GitHubFailure): string {
  const after = headers['retry-after'];
  if (after !== undefined && /^\d{1,6}$/.test(after)) return `it asks to wait for ${after} seconds`;
  const reset = headers['x-ratelimit-reset'];
  if (reset !== undefined && /^\d{1,11}$/.test(reset)) {
    return `it takes calls again at ${new Date(Number(reset) * 1000).toISOString()}`;
  }
  return 'it does not say for how long; wait for some minutes';
}

/** On one line, and no page of HTML. */
function shortened(text: string): string {
  const line = text.replace(/[\s\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}
