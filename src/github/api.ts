import { problemOfError } from './error-words.ts';
import { Received } from './received.ts';

/** As much of Octokit as is used: probot's `context.octokit` and @octokit/rest are both one. */
export interface Api {
  /** @throws with `status` and `response` where GitHub refuses */
  request(
    route: string,
    parameters?: { readonly [name: string]: unknown },
  ): Promise<{ readonly status: number; readonly data: unknown; readonly headers: Headers }>;
}

type Headers = { readonly [name: string]: string | number | undefined };

export interface ApiAnswer {
  readonly status: number;
  readonly data: Received;
  readonly headers: Headers;
}

/**
 * One call of the REST API.
 * @param route as GitHub's description names it: `GET /repos/{owner}/{repo}/pulls/{pull_number}`
 * @param expected refusals (statuses) that are answers here
 * @throws Problem that says what to do, for all other refusals
 */
export async function ask(
  api: Api,
  route: string,
  parameters: { readonly [name: string]: unknown },
  expected: readonly number[] = [],
): Promise<ApiAnswer> {
  const call = route.replace(/\{(\w+)\}/g, (_, name: string) => String(parameters[name]));
  try {
    const { status, data, headers } = await api.request(route, parameters);
    return { status, data: new Received(data, call), headers };
  } catch (error) {
    const { status, response } = (error ?? {}) as {
      status?: unknown;
      response?: { data?: unknown; headers?: Headers };
    };
    if (response !== undefined && expected.includes(status as number)) {
      return { status: status as number, data: new Received(response.data, call), headers: response.headers ?? {} };
    }
    throw problemOfError(error, call);
  }
}
