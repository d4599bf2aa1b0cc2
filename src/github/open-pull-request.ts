import { requestBranch } from '../domain/branch-layout.ts';
import type { PullRequestPlace, PullRequestWords } from '../domain/pull-request/compare-link.ts';
import type { Account, TargetRepository } from '../domain/pull-request/pull-request.ts';
import { isRecordId } from '../domain/record-id.ts';
import { type Api, ask } from './api.ts';
import { readAccount } from './read-account.ts';
import { readList } from './read-list.ts';
import type { Received } from './received.ts';

const url = (pull: Received) => pull.field('html_url').matching(/^https?:\/\/[^\s"<>]+$/, 'no address');

/**
 * Opens a pull request with a token that may; else says why not, in GitHub's words.
 * @throws Problem where GitHub could not be asked
 */
export async function openPullRequest(
  api: Api,
  { target, base, head }: PullRequestPlace,
  { title, body }: PullRequestWords,
): Promise<{ readonly url: string } | { readonly refused: string }> {
  const parameters = {
    owner: target.owner,
    repo: target.name,
    title,
    body,
    base,
    head: `${head.owner}:${head.branch}`,
    // Of two repositories of one owner's network GitHub must be told which.
    ...(head.owner === target.owner && head.name !== target.name ? { head_repo: head.name } : {}),
  };
  // The setting that keeps workflows from it, a token for one repository only, a fork that may not: a person still can.
  const { status, data } = await ask(api, 'POST /repos/{owner}/{repo}/pulls', parameters, [403, 404, 422]);
  return status === 201 ? { url: url(data) } : { refused: data.field('message').text() };
}

/** A pull request that is open for a records branch and named as a diff request is. */
export interface OpenPull {
  readonly id: string;
  readonly commit: string;
  readonly url: string;
  readonly author: Account;
  /** `owner/name`; null where that repository is gone. */
  readonly head: string | null;
}

/** The diff requests that are open toward a branch, newest first. */
export async function openPulls(
  api: Api,
  { owner, name }: Pick<TargetRepository, 'owner' | 'name'>,
  base: string,
): Promise<OpenPull[]> {
  const parameters = { owner, repo: name, state: 'open', base, sort: 'created', direction: 'desc' };
  const { items } = await readList(api, 'GET /repos/{owner}/{repo}/pulls', parameters);
  return items.flatMap(pull => {
    const head = pull.field('head');
    const branch = head.field('ref').text();
    const id = branch.slice(requestBranch('').length);
    if (!isRecordId(id) || branch !== requestBranch(id)) return [];
    const repository = head.field('repo');
    return [
      {
        id,
        commit: head.field('sha').commit(),
        url: url(pull),
        author: readAccount(pull.field('user')),
        head: repository.isNull ? null : repository.field('full_name').text(),
      },
    ];
  });
}

/** Whether there ever was a pull request for a branch: one call. */
export async function hadPull(api: Api, { target, head }: Pick<PullRequestPlace, 'target' | 'head'>): Promise<boolean> {
  const parameters = {
    owner: target.owner,
    repo: target.name,
    state: 'all',
    head: `${head.owner}:${head.branch}`,
    per_page: 1,
  };
  const { data } = await ask(api, 'GET /repos/{owner}/{repo}/pulls', parameters);
  return data.list().length > 0;
}

/** Whose token it is: a person's, or null for a workflow's or an App's, which is nobody's. */
export async function personOfToken(api: Api): Promise<{ readonly login: string; readonly id: number } | null> {
  const { status, data } = await ask(api, 'GET /user', {}, [401, 403]);
  if (status !== 200) return null;
  const { login, id, isBot } = readAccount(data);
  return isBot || id === 0 ? null : { login, id };
}
