import type { TargetRepository } from '../domain/pull-request/pull-request.ts';
import { labelPrefix } from '../domain/pull-request/pull-request-view.ts';
import { type Api, ask } from './api.ts';
import { perPage } from './read-list.ts';
import type { Received } from './received.ts';

/** Milliseconds for which a closed pull request may still be half done. */
const lately = 7 * 24 * 3_600_000;
/** Milliseconds for which even one that bears the label of its answer may be: doubles are looked for after writing. */
const justNow = 3_600_000;
const answered: readonly string[] = [`${labelPrefix}agreed`, `${labelPrefix}denied`];
/** 10,000 pull requests; what is left out is looked at when something happens to it. */
const mostPages = 100;

/**
 * The pull requests that a start must look at: all open ones whose base is the branch, oldest first, and those closed
 * ones of the last week that carry no label of an answer, since a crash may have come in between, or nothing of them may
 * ever have been told. Those of the last hour are looked at whatever they carry: another replica may have put the label
 * on while the one that died had written its comment and not yet seen that there were two.
 */
export async function pullRequestsToLookAt(
  api: Api,
  repository: TargetRepository,
  branch: string,
  now: Date,
): Promise<number[]> {
  const open = walk(api, repository, { base: branch, state: 'open', sort: 'created', direction: 'asc' });
  const closed = walk(api, repository, { base: branch, state: 'closed', sort: 'updated', direction: 'desc' });
  const numbers = new Set<number>();
  for await (const pull of open) numbers.add(pull.field('number').id());
  for await (const pull of closed) {
    const age = now.getTime() - Date.parse(pull.field('updated_at').time());
    if (age > lately) break;
    const labels = pull.field('labels').list();
    const isAnswered = labels.some(label => answered.includes(label.field('name').text().toLowerCase()));
    if (!isAnswered || age <= justNow) numbers.add(pull.field('number').id());
  }
  return [...numbers];
}

async function* walk(
  api: Api,
  { owner, name }: TargetRepository,
  query: { readonly [name: string]: string },
): AsyncGenerator<Received> {
  for (let page = 1; page <= mostPages; page++) {
    const parameters = { owner, repo: name, ...query, per_page: perPage, page };
    const pulls = (await ask(api, 'GET /repos/{owner}/{repo}/pulls', parameters)).data.list();
    yield* pulls;
    if (pulls.length < perPage) return;
  }
}

export interface OpenPullRequest {
  readonly number: number;
  /** Its head. */
  readonly commit: string;
}

/** All that are open and whose base is the branch. */
export async function openPullRequests(
  api: Api,
  repository: TargetRepository,
  branch: string,
): Promise<OpenPullRequest[]> {
  const found: OpenPullRequest[] = [];
  for await (const pull of walk(api, repository, { base: branch, state: 'open', sort: 'created', direction: 'asc' })) {
    found.push({ number: pull.field('number').id(), commit: pull.field('head').field('sha').commit() });
  }
  return found;
}

/** Those whose base is the branch and that have, or had, the commit; also from forks, which deliveries do not name. */
export async function pullRequestsWith(
  api: Api,
  { owner, name }: TargetRepository,
  branch: string,
  commit: string,
): Promise<number[]> {
  const parameters = { owner, repo: name, commit_sha: commit, per_page: perPage };
  const { status, data } = await ask(
    api,
    'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls',
    parameters,
    [404, 422],
  );
  if (status !== 200) return [];
  return data
    .list()
    .filter(pull => pull.field('base').field('ref').text() === branch)
    .map(pull => pull.field('number').id());
}
