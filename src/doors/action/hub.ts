import { setTimeout as sleep } from 'node:timers/promises';
import { Octokit } from '@octokit/core';
import { failureOf } from '../../domain/github-failure.ts';
import { Problem } from '../../domain/problem.ts';
import type { Api } from '../../github/api.ts';
import type { RepositoryName } from '../../store/github-store/github-calls.ts';
import { type GitHubStore, openGitHubStore } from '../../store/github-store/github-store.ts';
import { objectCache } from '../../store/github-store/object-cache.ts';
import { basicAuthorization } from '../../store/github-store/smart-http/upload-pack.ts';
import { patiently } from '../../store/github-store/waiting.ts';
import type { Context } from './context.ts';

/** GitHub, with the token of the step. */
export interface Hub {
  /** Waits out limits and failures as GitHub asks. */
  readonly api: Api;
  /** The address for git, without credentials. */
  gitUrl(repository: RepositoryName): string;
  /** The header that git sends. */
  readonly authorization: string;
  readonly clock: { now(): Date; random(): number; sleep(milliseconds: number): Promise<void> };
  /** The records branch of a repository; the same one each time. */
  store(repository: RepositoryName): GitHubStore;
}

/** How long one call is tried for, in milliseconds, before the record goes into a file. */
const usualPatience = 15 * 60_000;
const cacheBytes = 64 * 2 ** 20;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** @param environment CORROBORATE_PATIENCE: seconds, for whoever must not wait so long */
export function openHub(
  { server, api: baseUrl }: Context,
  { token, branch }: { readonly token: string; readonly branch: string },
  environment: NodeJS.ProcessEnv,
): Hub {
  const octokit = new Octokit({ auth: token, baseUrl, userAgent: `corroborate/${__VERSION__}`, log: silent });
  const clock = {
    now: () => new Date(),
    random: Math.random,
    sleep: (milliseconds: number) => sleep(milliseconds),
  };
  const seconds = Number(environment.CORROBORATE_PATIENCE ?? Number.NaN);
  const patience = seconds >= 0 ? seconds * 1000 : usualPatience;
  const authorization = basicAuthorization(token);
  const stores = new Map<string, GitHubStore>();
  const gitUrl = ({ owner, name }: RepositoryName) => `${server}/${owner}/${name}.git`;
  return {
    authorization,
    clock,
    gitUrl,
    api: {
      async request(route, parameters = {}) {
        const outcome = await patiently(
          { clock, patience, repeats: true },
          { doing: `ask GitHub for ${route}`, repeatable: route.startsWith('GET ') },
          async () => {
            try {
              return { done: await octokit.request(route, parameters) };
            } catch (cause) {
              return { failed: failureOf(cause) };
            }
          },
        );
        if ('done' in outcome) return outcome.done;
        throw outcome.failed.cause;
      },
    },
    store(repository) {
      const key = `${repository.owner}/${repository.name}`.toLowerCase();
      let store = stores.get(key);
      if (store === undefined) {
        store = openGitHubStore({
          repository,
          branch,
          api: {
            request: (route, parameters) => octokit.request(route, parameters),
            graphql: (query, variables) => octokit.graphql(query, variables),
          },
          git: { url: gitUrl(repository), fetch, authorization: async () => authorization },
          objects: objectCache(cacheBytes),
          clock,
          patience,
        });
        store = oneByOne(store, clock);
        stores.set(key, store);
      }
      return store;
    },
  };
}

/** Whoever makes the branch does so within so many milliseconds, at a moment taken by chance. */
const startSpan = 2000;

/** Of all the jobs of a matrix, each of which would spend three calls on making the branch, the first few are enough. */
function oneByOne(store: GitHubStore, clock: Hub['clock']): GitHubStore {
  return {
    ...store,
    async start(change) {
      await clock.sleep(startSpan * clock.random());
      const there = await store.tip();
      if (there === null) return store.start(change);
      throw new Problem('BRANCH_MOVED', `somebody else made the branch ${store.branch} just now.`);
    },
  };
}
