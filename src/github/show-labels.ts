import type { PullRequest, TargetRepository } from '../domain/pull-request/pull-request.ts';
import { labelPrefix, type PullRequestView } from '../domain/pull-request/pull-request-view.ts';
import { type Api, ask } from './api.ts';

/**
 * Brings the App's labels to the view, and closes what is to be closed, in no call or one. Labels of other people stay
 * (GitHub knows no call that adds and takes away: one that somebody puts on between the look and this is lost).
 */
export async function showLabels(
  api: Api,
  { owner, name }: TargetRepository,
  pull: PullRequest,
  view: PullRequestView,
): Promise<void> {
  const wanted = new Set(view.labels.map(key));
  const has = new Set(pull.labels.map(key));
  const stays = pull.labels.filter(label => wanted.has(key(label)) || !key(label).startsWith(labelPrefix));
  const added = view.labels.filter(label => !has.has(key(label)));
  const closes = view.closes && pull.isOpen ? { state: 'closed' } : {};
  const at = { owner, repo: name, issue_number: pull.number };
  if (stays.length < pull.labels.length) {
    const labels = [...stays, ...added];
    await ask(api, 'PATCH /repos/{owner}/{repo}/issues/{issue_number}', { ...at, labels, ...closes });
  } else if ('state' in closes) {
    const labels = added.length === 0 ? {} : { labels: [...stays, ...added] };
    await ask(api, 'PATCH /repos/{owner}/{repo}/issues/{issue_number}', { ...at, ...labels, ...closes });
  } else if (added.length > 0) {
    await ask(api, 'POST /repos/{owner}/{repo}/issues/{issue_number}/labels', { ...at, labels: added });
  }
}

/** GitHub tells no capitals from small letters here. */
const key = (label: string) => label.toLowerCase();
