import type { Comment, PullRequest, TargetRepository } from '../domain/pull-request/pull-request.ts';
import { type Api, ask } from './api.ts';
import { readAccount } from './read-account.ts';
import { perPage } from './read-list.ts';
import type { Received } from './received.ts';

/** A comment of the App's: there is one with this mark, no more and no less. */
export interface MarkedComment {
  readonly mark: string;
  readonly body: string;
  /** Whether one that stands there is brought to this body. */
  readonly updates: boolean;
}

type Standing = Pick<Comment, 'id' | 'body'>;

/**
 * Writes those that are missing, updates those that differ, and deletes doubles but for the oldest. Where one was
 * written, a last look finds what another replica wrote at the same moment: whoever wrote last sees both.
 */
export async function showComments(
  api: Api,
  repository: TargetRepository,
  pull: PullRequest,
  comments: readonly MarkedComment[],
): Promise<void> {
  const own = pull.comments.filter(({ isOwn }) => isOwn);
  const made: { readonly comment: MarkedComment; readonly by: number }[] = [];
  for (const comment of comments) {
    const kept = await keepOldest(api, repository, own, comment);
    if (kept === null) made.push({ comment, by: await write(api, repository, pull, comment.body) });
  }
  const by = made[0]?.by;
  if (by === undefined) return;
  const recent = (await readSince(api, repository, pull)).filter(({ author }) => author === by);
  for (const { comment } of made) await keepOldest(api, repository, recent, comment);
}

/** @returns the one that stays, by now with the right body; null where there is none */
async function keepOldest(
  api: Api,
  repository: TargetRepository,
  own: readonly Standing[],
  { mark, body, updates }: MarkedComment,
): Promise<Standing | null> {
  const marked = own.filter(comment => comment.body.includes(mark)).sort((one, other) => one.id - other.id);
  const [oldest, ...doubles] = marked;
  if (oldest === undefined) return null;
  for (const { id } of doubles) {
    const route = 'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}';
    await ask(api, route, at(repository, { comment_id: id }), [404]);
  }
  if (!updates || asStored(oldest.body) === asStored(body)) return oldest;
  const route = 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}';
  const { status } = await ask(api, route, at(repository, { comment_id: oldest.id, body }), [404]);
  return status === 404 ? null : oldest;
}

/** @returns the id of the App's bot */
async function write(api: Api, repository: TargetRepository, { number }: PullRequest, body: string): Promise<number> {
  const route = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments';
  const { data } = await ask(api, route, at(repository, { issue_number: number, body }));
  return readAccount(data.field('user')).id;
}

/** What was written after the newest comment that had been read, in one call. */
async function readSince(api: Api, repository: TargetRepository, { number, comments }: PullRequest) {
  const newest = comments.at(-1);
  const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments';
  const since = newest === undefined ? {} : { since: newest.created };
  const { data } = await ask(api, route, at(repository, { issue_number: number, per_page: perPage, ...since }));
  return data.list().map((comment: Received) => ({
    id: comment.field('id').id(),
    author: readAccount(comment.field('user')).id,
    body: comment.field('body').isNull ? '' : comment.field('body').text(),
  }));
}

const at = ({ owner, name }: TargetRepository, more: { readonly [name: string]: unknown }) => ({
  owner,
  repo: name,
  ...more,
});

/** Browsers send other line ends, and an end may be trimmed: that is no difference. */
const asStored = (body: string) => body.replace(/\r\n?/g, '\n').trim();
