import { Problem } from '../../domain/problem.ts';

/** What went wrong with a call to GitHub, whichever way it was said. */
export interface Failure {
  /** Of HTTP; null where no answer came. */
  readonly status: number | null;
  readonly message: string;
  readonly headers: { readonly [name: string]: string | undefined };
  /** Of GraphQL's errors, e.g. STALE_DATA; none for REST. */
  readonly types: readonly string[];
  readonly cause: unknown;
}

/** Reads what an Octokit throws: a RequestError (`status`, `response`) or a GraphqlResponseError (`errors`, `headers`). */
export function failureOf(cause: unknown): Failure {
  const error = recordOf(cause);
  const response = recordOf(error.response);
  const data = recordOf(response.data);
  const errors = Array.isArray(error.errors) ? error.errors.map(recordOf) : [];
  const details = Array.isArray(data.errors) ? data.errors : [];
  const said = [
    ...(errors.length > 0 ? errors.map(one => one.message) : [data.message ?? error.message]),
    ...details.map(one => (typeof one === 'string' ? one : recordOf(one).message)),
  ];
  // Octokit gives status 500 to what never reached GitHub.
  const reached = error.response !== undefined;
  return {
    status: reached && typeof error.status === 'number' ? error.status : errors.length > 0 ? 200 : null,
    message: said.filter(one => typeof one === 'string' && one !== '').join('; ') || String(cause),
    headers: headersOf(response.headers ?? error.headers),
    types: errors.flatMap(({ type }) => (typeof type === 'string' ? [type] : [])),
    cause,
  };
}

function recordOf(value: unknown): { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null ? (value as { readonly [name: string]: unknown }) : {};
}

function headersOf(value: unknown): Failure['headers'] {
  const pairs = Object.entries(recordOf(value)).filter(([, one]) => typeof one === 'string' || typeof one === 'number');
  return Object.fromEntries(pairs.map(([name, one]) => [name.toLowerCase(), String(one)]));
}

/** What a failure asks for. */
export type Asks =
  /** Wait so many milliseconds, or as long as one sees fit; nothing was done, so the call can be made again. */
  | { readonly what: 'patience'; readonly milliseconds: number | null }
  /** The server or the way to it failed; whether the call was done is not known. */
  | { readonly what: 'another try' }
  /** It is GitHub's answer. */
  | { readonly what: 'nothing' };

/** GitHub's rules: retry-after first, then x-ratelimit-reset where none remain, else a minute at the least. */
export function asksFor(failure: Failure, now: Date): Asks {
  const { status, message, headers, types } = failure;
  const limited =
    types.some(type => type === 'RATE_LIMITED' || type === 'RATE_LIMIT') ||
    ((status === 403 || status === 429) &&
      (status === 429 || headers['retry-after'] !== undefined || /rate limit|abuse detection/i.test(message)));
  if (limited || (status === 403 && headers['x-ratelimit-remaining'] === '0')) {
    const after = Number(headers['retry-after'] ?? Number.NaN);
    const reset = Number(headers['x-ratelimit-reset'] ?? Number.NaN);
    if (after >= 0) return { what: 'patience', milliseconds: after * 1000 };
    if (headers['x-ratelimit-remaining'] === '0' && reset >= 0) {
      return { what: 'patience', milliseconds: Math.max(0, reset * 1000 - now.getTime()) + 1000 };
    }
    return { what: 'patience', milliseconds: null };
  }
  return { what: leavesOpen(failure) ? 'another try' : 'nothing' };
}

/** Whether the server, or the way to it, failed, so that nobody knows whether the call was done. */
export function leavesOpen({ status, message, types }: Failure): boolean {
  const unfinished = types.length === 0 && status === 200 && /something went wrong|timedout|timeout/i.test(message);
  return status === null || status >= 500 || status === 408 || unfinished;
}

/** GitHub's many ways of saying that a rule of the repository stands in the way. */
export function isProtected({ message }: Failure): boolean {
  return /protected branch|repository rule violations|not authorized to push to this branch|must be made through a pull request|required status check|cannot (update|delete) (this|a) protected|commits must have verified signatures/i.test(
    message,
  );
}

/** @param doing what was tried, as in "GitHub did not let Corroborate <doing>" */
export function problemOf(failure: Failure, repository: string, doing: string): Problem {
  const { status, message, headers, types, cause } = failure;
  const words = `(GitHub: ${JSON.stringify(message.slice(0, 500))})`;
  const details = { cause };
  if (isProtected(failure)) {
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
    const wanted = headers['x-accepted-github-permissions'];
    const permission = (wanted || 'contents=write').replaceAll('=', ': ').replaceAll('; ', ', or ');
    return new Problem(
      'FORBIDDEN',
      `the token may not ${doing} in ${repository} ${words}: it needs the permission \`${permission}\`${wanted === undefined ? ', unless the repository is archived' : ''}. In a workflow that is a line under \`permissions:\`; for an App, its owner asks for it and the installation accepts it.`,
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
