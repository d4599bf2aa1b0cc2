import { Octokit } from '@octokit/rest';
import { type GitHubStoreOptions, openGitHubStore } from '../../../src/store/github-store/github-store.ts';
import { objectCache } from '../../../src/store/github-store/object-cache.ts';
import { basicAuthorization } from '../../../src/store/github-store/smart-http/upload-pack.ts';
import type { GitHub } from '../../support/github/github.ts';
import { startGitHub } from '../../support/github/start-github.ts';
import type { Repository } from '../../support/github/state/repository.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };

/** Waits take no time, but the clock goes on by them. */
export function hastyClock() {
  let ahead = 0;
  const slept: number[] = [];
  return {
    slept,
    now: () => new Date(Date.now() + ahead),
    random: Math.random,
    async sleep(milliseconds: number) {
      slept.push(milliseconds);
      ahead += milliseconds;
    },
  };
}

export type StoreChoices = Partial<GitHubStoreOptions> & { readonly token?: string };

export function storeOn(github: GitHub, repository: Repository, { token, ...more }: StoreChoices = {}) {
  const auth = token ?? github.workflowToken(repository);
  return openGitHubStore({
    repository: { owner: repository.owner.login, name: repository.name },
    branch: 'records',
    api: new Octokit({ baseUrl: github.api, log, auth }),
    git: {
      url: `${github.origin}/${repository.fullName}.git`,
      fetch,
      authorization: async () => basicAuthorization(auth),
    },
    objects: objectCache(16 * 1024 * 1024),
    clock: hastyClock(),
    ...more,
  });
}

/** A repository on a GitHub of its own, with a simulation on `main` and no records yet. */
export async function temporaryRepository(circumstances: Parameters<typeof startGitHub>[0] = {}) {
  const github = await startGitHub(circumstances);
  const ada = github.user('ada', 1815);
  const repository = await ada.createRepository('acme/demo', { files: { 'main.py': 'print(1)\n' } });
  return {
    github,
    ada,
    repository,
    store: (choices: StoreChoices = {}) => storeOn(github, repository, choices),
    [Symbol.asyncDispose]: () => github[Symbol.asyncDispose](),
  };
}
