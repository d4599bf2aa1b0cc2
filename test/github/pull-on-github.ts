import { Octokit } from '@octokit/rest';
import { Problem } from '../../src/domain/problem.ts';
import type { Annotation, PullRequestView } from '../../src/domain/pull-request/pull-request-view.ts';
import { commentMark } from '../../src/domain/pull-request/pull-request-view.ts';
import type { Api } from '../../src/github/api.ts';
import { readPullRequest } from '../../src/github/read-pull-request.ts';
import { showPullRequest } from '../../src/github/show-pull-request.ts';
import type { Permissions } from '../support/github/permissions.ts';
import { startGitHub } from '../support/github/start-github.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
export const client = (baseUrl: string, auth?: string): Api =>
  new Octokit({ baseUrl, log, ...(auth === undefined ? {} : { auth }) });

const enough: Permissions = {
  actions: 'read',
  checks: 'write',
  contents: 'write',
  issues: 'write',
  pull_requests: 'write',
};

/** Grace's pull request on acme/demo's records branch, and the App that looks at it. */
export async function startWithPull(permissions: Permissions = enough) {
  const github = await startGitHub();
  const [ada, grace, alan] = [github.user('ada', 1815), github.user('grace', 1906), github.user('alan', 1912)];
  const demo = await ada.createRepository('acme/demo', { files: { 'README.md': '# demo\n' } });
  await ada.branches(demo, 'records', demo.branch('main')!);
  const fork = await grace.forks(demo);
  const head = await grace.commits(fork, 'claim', { 'diffs/7f/3a/x.yml': 'x: 1\n' });
  const pull = await grace.opensPull(demo, { from: fork, head: 'claim', base: 'records' });
  const app = github.app('corroborate', { permissions });
  const installation = github.installs(app, demo);
  const api = client(github.api, github.installationToken(installation));
  const own = { id: app.id, slug: app.slug };
  const repository = { owner: 'acme', name: 'demo', url: `${github.origin}/acme/demo`, isPrivate: false };
  const read = (by = api) => readPullRequest(by, repository, pull.number, own);
  /** As the flows do it: read, then show. */
  const show = async (changed: Partial<PullRequestView> = {}, options: { afresh?: boolean } = {}) =>
    showPullRequest(api, repository, await read(), viewOf(changed), options);
  /** Of the App alone. */
  const counted = async (work: () => Promise<unknown>) => {
    github.calls.clear();
    await work();
    return github.calls.count(`installation ${installation.id}`);
  };
  const comments = () => [...demo.comments.values()].filter(comment => comment.author === app.bot);
  /** What GitHub shows: the newest of each name at the head. */
  const checks = () =>
    new Map(
      [...demo.checkRuns.values()].filter(({ suite }) => suite.headSha === pull.headSha).map(run => [run.name, run]),
    );
  return {
    github,
    ada,
    grace,
    alan,
    demo,
    fork,
    head,
    pull,
    app,
    installation,
    api,
    own,
    repository,
    read,
    show,
    counted,
    comments,
    checks,
  };
}

export const ada = { login: 'ada', id: 1815 };

export const check = (
  name: 'Table 1' | 'Owner agreement',
  changed: Partial<PullRequestView['checks'][number]> = {},
): PullRequestView['checks'][number] => ({
  name,
  status: 'completed',
  conclusion: 'success',
  title: 'repeated',
  summary: 'all rules hold',
  annotations: [],
  actions: [],
  digest: `digest of ${name}`.replaceAll(' ', '-'),
  ...changed,
});

export const annotation: Annotation = {
  path: 'diffs/7f/3a/x.yml',
  start_line: 1,
  end_line: 1,
  annotation_level: 'failure',
  title: 'schema',
  message: 'x is no field',
};

export const view = (changed: Partial<PullRequestView> = {}): PullRequestView => ({
  checks: [
    check('Table 1'),
    check('Owner agreement', {
      conclusion: 'action_required',
      actions: [{ label: 'Agree', description: 'It was repeated', identifier: 'agree' }],
    }),
  ],
  comment: `${commentMark}\nGrace repeated it.`,
  labels: ['diff: proposed', 'diff: repeated'],
  replies: [],
  reviewer: ada,
  closes: false,
  ...changed,
});

/** The same with whoever is to answer mentioned, where that is asked for. */
export const viewOf = (changed: Partial<PullRequestView> = {}) => {
  const shown = view(changed);
  const { comment, reviewer } = shown;
  return (mentions: boolean) => ({
    ...shown,
    comment: mentions && reviewer ? `${comment} @${reviewer.login}` : comment,
  });
};

/** What something was refused with. */
export const problemOf = (work: Promise<unknown>): Promise<Problem> =>
  work.then(
    () => {
      throw new Error('nothing was refused');
    },
    (error: unknown) => {
      if (error instanceof Problem) return error;
      throw error;
    },
  );
