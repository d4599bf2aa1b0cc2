/*
 * What GitHub says when it refuses a call, read once for all that call it. Their sentences are their own: a step of a
 * workflow and an App have other things to do about the same refusal.
 */

/** What went wrong with a call to GitHub, whichever way it was said. */
export interface GitHubFailure {
  /** Of HTTP; null where no answer came. */
  readonly status: number | null;
  /** GitHub's own sentence, with the reasons that it gives for a failed validation; it may be a page of HTML. */
  readonly message: string;
  /** By names in small letters. */
  readonly headers: { readonly [name: string]: string | undefined };
  /** Of GraphQL's errors, e.g. STALE_DATA; none for REST. */
  readonly types: readonly string[];
  readonly cause: unknown;
}

/** Of a validation: more are not named. */
const mostReasons = 5;

/** Reads what an Octokit throws: a RequestError (`status`, `response`) or a GraphqlResponseError (`errors`, `headers`). */
export function failureOf(cause: unknown): GitHubFailure {
  const error = recordOf(cause);
  const response = recordOf(error.response);
  const data = recordOf(response.data);
  const errors = Array.isArray(error.errors) ? error.errors.map(recordOf) : [];
  const details = Array.isArray(data.errors) ? data.errors.slice(0, mostReasons) : [];
  const said = [
    ...(errors.length > 0 ? errors.map(one => one.message) : [data.message ?? error.message]),
    ...details.map(reasonOf),
  ];
  // Octokit gives status 500 to what never reached GitHub.
  const reached = error.response !== undefined;
  return {
    status: reached && typeof error.status === 'number' ? error.status : errors.length > 0 ? 200 : null,
    message: said.filter(one => typeof one === 'string' && one.trim() !== '').join('; ') || String(cause),
    headers: headersOf(response.headers ?? error.headers),
    types: errors.flatMap(({ type }) => (typeof type === 'string' ? [type] : [])),
    cause,
  };
}

function reasonOf(detail: unknown): unknown {
  if (typeof detail === 'string') return detail;
  const { message, field, code } = recordOf(detail);
  return message ?? [field, code].filter(part => typeof part === 'string').join(' ');
}

function recordOf(value: unknown): { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null ? (value as { readonly [name: string]: unknown }) : {};
}

function headersOf(value: unknown): GitHubFailure['headers'] {
  const pairs = Object.entries(recordOf(value)).filter(([, one]) => typeof one === 'string' || typeof one === 'number');
  return Object.fromEntries(pairs.map(([name, one]) => [name.toLowerCase(), String(one)]));
}

/** Whether the server, or the way to it, failed, so that nobody knows whether the call was done. */
export function leavesOpen({ status, message, types }: GitHubFailure): boolean {
  const unfinished = types.length === 0 && status === 200 && /something went wrong|timedout|timeout/i.test(message);
  return status === null || status >= 500 || status === 408 || unfinished;
}

/**
 * Whether it was refused for the number of calls, primary or secondary limit:
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
export function isLimit({ status, message, headers, types }: GitHubFailure): boolean {
  if (types.some(type => type === 'RATE_LIMITED' || type === 'RATE_LIMIT') || status === 429) return true;
  // The last call of an hour may be one that is not allowed.
  if (status !== 403 || /not accessible by/i.test(message)) return false;
  return (
    headers['retry-after'] !== undefined ||
    headers['x-ratelimit-remaining'] === '0' ||
    /rate limit|abuse detection/i.test(message)
  );
}

/** Milliseconds for which GitHub asks to be left in peace; null where it names no time. */
export function limitWait({ headers }: GitHubFailure, now: Date): number | null {
  const after = Number(headers['retry-after'] ?? Number.NaN);
  if (after >= 0) return after * 1000;
  const reset = Number(headers['x-ratelimit-reset'] ?? Number.NaN);
  if (headers['x-ratelimit-remaining'] === '0' && reset >= 0) return Math.max(0, reset * 1000 - now.getTime()) + 1000;
  return null;
}

/** GitHub's sentences for branches that take no direct pushes: classic protection, then rulesets. */
const protectionWords =
  /protected (?:branch|ref)|through a pull request|not authorized to push|required status check|cannot (?:update|delete) (?:this|a) protected|must have (?:signed|verified)|approving review|rule violation|repository rule/i;

/** Whether a protection or a ruleset stands in the way. GraphQL says so with 200. */
export function isProtection({ status, message }: GitHubFailure): boolean {
  return (status === 200 || status === 403 || status === 409 || status === 422) && protectionWords.test(message);
}

/**
 * The permission that a call wants, in words: `issues=write; pull_requests=write` (either will do) becomes
 * "`issues: write`, or `pull_requests: write`", and a comma stands between such as are needed together. Null where GitHub
 * names none.
 */
export function wantedPermission({ headers }: GitHubFailure): string | null {
  const accepted = headers['x-accepted-github-permissions'];
  if (accepted === undefined || !/^[\w=,; ]{1,500}$/.test(accepted)) return null;
  return accepted
    .split(';')
    .map(choice =>
      choice
        .split(',')
        .map(permission => `\`${permission.trim().replace('=', ': ')}\``)
        .join(' and '),
    )
    .join(', or ');
}
