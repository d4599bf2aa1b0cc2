import { failureOf, type GitHubFailure } from '../../domain/github-failure.ts';
import { Problem } from '../../domain/problem.ts';
import { problemOf } from './failure.ts';
import { type Attempt, type How, type Outcome, patiently, type Waiting } from './waiting.ts';

/** What the store needs of an Octokit; `context.octokit` of Probot and `new Octokit()` of @octokit/rest both fit. */
export interface GitHubApi {
  /** Throws what Octokit's RequestError is: `status`, `response` with `headers` and `data`. */
  request(
    route: string,
    parameters: { readonly [name: string]: unknown },
  ): Promise<{ readonly status: number; readonly data: unknown }>;
  /** Throws what Octokit's GraphqlResponseError is: `errors` with `type` and `message`. */
  graphql(query: string, variables: { readonly [name: string]: unknown }): Promise<unknown>;
}

export interface RepositoryName {
  readonly owner: string;
  readonly name: string;
}

export interface Call extends How {
  readonly parameters?: { readonly [name: string]: unknown };
}

/** Every call to GitHub's API goes through here: with the repository filled in, waited for, its refusals read. */
export function githubCalls(api: GitHubApi, { owner, name }: RepositoryName, waiting: Waiting) {
  const repository = `${owner}/${name}`;

  async function attempt(call: () => Promise<unknown>): Promise<Attempt<unknown>> {
    try {
      return { done: await call() };
    } catch (cause) {
      return { failed: failureOf(cause) };
    }
  }

  /** The answer, or the refusal, for callers that know what to make of one. */
  function tryRequest(route: string, { parameters = {}, ...how }: Call): Promise<Outcome<unknown>> {
    return patiently(waiting, how, () =>
      attempt(async () => (await api.request(route, { owner, repo: name, ...parameters })).data),
    );
  }

  return {
    tryRequest,

    /** @throws Problem FORBIDDEN, PROTECTED, NOT_FOUND, RATE_LIMITED, UNREACHABLE, REMOTE_FAILED */
    async request(route: string, call: Call): Promise<unknown> {
      const outcome = await tryRequest(route, call);
      if ('done' in outcome) return outcome.done;
      throw problemOf(outcome.failed, repository, call.doing);
    },

    tryGraphql(query: string, { parameters = {}, ...how }: Call): Promise<Outcome<unknown>> {
      return patiently(waiting, how, () => attempt(() => api.graphql(query, parameters)));
    },

    problem: (failure: GitHubFailure, doing: string) => problemOf(failure, repository, doing),
  };
}

export type GitHubCalls = ReturnType<typeof githubCalls>;

/** The text at a place of an answer. @throws Problem REMOTE_FAILED where there is none */
export function textAt(answer: unknown, ...path: readonly string[]): string {
  let value = answer;
  for (const name of path) {
    value = typeof value === 'object' && value !== null ? (value as { [name: string]: unknown })[name] : undefined;
  }
  if (typeof value === 'string') return value;
  throw new Problem('REMOTE_FAILED', `GitHub answered without ${path.join('.')}, which it always should: try again.`);
}
