import { Problem } from '../domain/problem.ts';

/** What an Octokit throws, as far as it can be relied on: nothing. */
interface ApiError {
  readonly status?: unknown;
  readonly message?: unknown;
  readonly response?: { readonly data?: unknown; readonly headers?: { readonly [name: string]: unknown } };
}

/** GitHub's sentences for branches that take no direct pushes: classic protection, then rulesets. */
const protectedWords =
  /protected (?:branch|ref)|through a pull request|not authorized to push|required status check|rule violation|repository rule|must have (?:signed|verified)|approving review/i;

/**
 * What a refused or failed call of GitHub's API means, and what to do.
 * @param call `PATCH /repos/acme/demo/git/refs/heads/records`
 */
export function problemOfError(error: unknown, call: string): Problem {
  if (error instanceof Problem) return error;
  const { status, message, response } = (typeof error === 'object' && error !== null ? error : {}) as ApiError;
  const cause = { cause: error };
  if (typeof status !== 'number' || response === undefined) {
    const why = typeof message === 'string' ? `: ${shortened(message)}` : '';
    return new Problem('UNREACHABLE', `GitHub could not be reached for ${call}${why}. Try again in a while.`, cause);
  }
  const header = (name: string) => {
    const value = response.headers?.[name];
    return value === undefined ? undefined : shortened(String(value));
  };
  const said = words(response.data) ?? `status ${status}`;
  const problem = (...[code, sentence]: [ConstructorParameters<typeof Problem>[0], string]) =>
    new Problem(code, sentence, cause);

  if (status >= 500) {
    return problem(
      'UNREACHABLE',
      `GitHub answered ${call} with an error of its own (${status}). Try again in a while.`,
    );
  }
  if ((status === 403 || status === 429) && isRateLimit(said, header)) {
    return problem('RATE_LIMITED', `GitHub refused ${call} for the number of calls (${said}): ${whenAgain(header)}.`);
  }
  if ((status === 403 || status === 409 || status === 422) && protectedWords.test(said)) {
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
    return problem(
      'FORBIDDEN',
      `The App may not do ${call} (${said}): it needs ${permissionsNamed(header('x-accepted-github-permissions'))}. Its ` +
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

function isRateLimit(said: string, header: (name: string) => string | undefined): boolean {
  if (/not accessible by/i.test(said)) return false;
  return (
    header('retry-after') !== undefined ||
    header('x-ratelimit-remaining') === '0' ||
    /rate limit|abuse detection/i.test(said)
  );
}

function whenAgain(header: (name: string) => string | undefined): string {
  const after = header('retry-after');
  if (after !== undefined && /^\d{1,6}$/.test(after)) return `it asks to wait for ${after} seconds`;
  const reset = header('x-ratelimit-reset');
  if (reset !== undefined && /^\d{1,11}$/.test(reset)) {
    return `it takes calls again at ${new Date(Number(reset) * 1000).toISOString()}`;
  }
  return 'it does not say for how long; wait for some minutes';
}

/** `issues=write; pull_requests=write` in words: either will do; a comma stands between such as are needed together. */
function permissionsNamed(accepted: string | undefined): string {
  if (accepted === undefined || !/^[\w=,; ]+$/.test(accepted)) return 'a permission that GitHub does not name';
  const choices = accepted
    .split(';')
    .map(choice =>
      choice
        .split(',')
        .map(permission => `\`${permission.trim().replace('=', ': ')}\``)
        .join(' and '),
    )
    .join(', or ');
  return `the permission ${choices}`;
}

/** GitHub's own sentence, with the reasons that it gives for a failed validation. */
function words(data: unknown): string | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { message, errors } = data as { message?: unknown; errors?: unknown };
  if (typeof message !== 'string' || message.trim() === '') return undefined;
  const reasons = (Array.isArray(errors) ? errors : []).slice(0, 5).flatMap(error => {
    if (typeof error === 'string') return [error];
    const { message, field, code } = (error ?? {}) as { [name: string]: unknown };
    const reason = [message, [field, code].filter(part => typeof part === 'string').join(' ')];
    return reason.filter(part => typeof part === 'string' && part !== '').slice(0, 1) as string[];
  });
  return shortened([message, ...reasons].join('; '));
}

/** On one line, and no page of HTML. */
function shortened(text: string): string {
  const line = text.replace(/[\s\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}
