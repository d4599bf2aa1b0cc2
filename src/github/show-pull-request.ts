import { createHash } from 'node:crypto';
import { Problem } from '../domain/problem.ts';
import { boundedSentence } from '../domain/pull-request/bounded-text.ts';
import type { PullRequest, TargetRepository } from '../domain/pull-request/pull-request.ts';
import { type CheckView, commentMark, type PullRequestView } from '../domain/pull-request/pull-request-view.ts';
import { type ApproachedReviewer, readReviewerNote, reviewerNote } from '../domain/pull-request/reviewer-note.ts';
import type { Api } from './api.ts';
import { askReviewer } from './ask-reviewer.ts';
import { showCheck } from './show-checks.ts';
import { showComments } from './show-comments.ts';
import { showLabels } from './show-labels.ts';

/** With these nothing further will succeed either, and trying would make it worse. */
const hopeless: readonly Problem['code'][] = ['RATE_LIMITED', 'UNREACHABLE'];

/**
 * Brings a pull request to what is to be shown on it, writing only what differs: five writes and one look the first
 * time (two checks, the review, the comment, the labels), three after a push, none where all is so already. It can be
 * done again after any failure, and by two replicas at once. What GitHub refuses does not keep the rest from being
 * written.
 * @param pull as it was just read: what it lacks is written, what it has is not
 * @param viewOf what is to be shown; its comment mentions whoever is to answer where GitHub would not ask him
 * @param options.afresh write the checks even so, as "Re-run" asks
 * @throws Problem at the end, naming all that was refused; at once where GitHub cannot be reached or asks to wait
 */
export async function showPullRequest(
  api: Api,
  repository: TargetRepository,
  pull: PullRequest,
  viewOf: (mentions: boolean) => PullRequestView,
  { afresh = false }: { readonly afresh?: boolean } = {},
): Promise<void> {
  const problems: Problem[] = [];
  const part = async <T>(work: Promise<T>): Promise<T | null> => {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof Problem) || hopeless.includes(error.code)) throw error;
      problems.push(error);
      return null;
    }
  };
  const view = viewOf(false);
  // One after the other, as GitHub asks of those who write. The check for the owner comes late: it says what was refused.
  for (const check of view.checks.slice(0, -1)) await part(showCheck(api, repository, pull, check, afresh));
  const reviewer = await approachReviewer();
  const shown = reviewer?.approach === 'mentioned' ? viewOf(true).comment : view.comment;
  const note = reviewer === null ? '' : reviewerNote(reviewer, view.reviewer);
  const comment = [shown, alert(refusals(problems)), note].filter(text => text !== '').join('\n\n');
  const replies = view.replies.map(reply => ({ ...reply, updates: false }));
  const comments = [{ mark: commentMark, body: comment, updates: true }, ...replies];
  await part(showComments(api, repository, pull, comments));
  for (const check of view.checks.slice(-1)) {
    await part(showCheck(api, repository, pull, withRefusals(check, refusals(problems)), afresh));
  }
  // Last of all: the label of an answer tells the sweep that nothing is left to be done.
  await part(showLabels(api, repository, pull, view));
  if (problems.length > 0) throw together(problems);

  async function approachReviewer(): Promise<ApproachedReviewer | null> {
    const own = pull.comments.find(({ isOwn, body }) => isOwn && body.includes(commentMark));
    const before = readReviewerNote(own?.body ?? '');
    if (view.reviewer === null) return before;
    const approach = await part(askReviewer(api, repository, pull, view.reviewer, before));
    // Who cannot be asked for want of a permission can be mentioned still.
    return { id: view.reviewer.id, approach: approach ?? 'mentioned' };
  }
}

/** Characters for what was refused: both texts keep room for it. */
const refusalRoom = 400;

/** What GitHub would not take, for those who can change that. */
function refusals(problems: readonly Problem[]): string[] {
  const messages = [...new Set(problems.map(({ message }) => message))].slice(0, 2);
  return messages.map(message => `GitHub refuses a part of this: ${boundedSentence(message, refusalRoom)}`);
}

function alert(lines: readonly string[]): string {
  return lines.length === 0 ? '' : ['[!CAUTION]', ...lines].map(line => `> ${line}`).join('\n>\n');
}

function withRefusals(check: CheckView, refused: readonly string[]): CheckView {
  if (refused.length === 0) return check;
  const digest = createHash('sha256')
    .update([check.digest, ...refused].join(' '))
    .digest('hex')
    .slice(0, 32);
  return { ...check, summary: [...refused, check.summary].join('\n\n'), digest };
}

function together(problems: readonly Problem[]): Problem {
  const [first, ...others] = problems;
  if (others.length === 0) return first!;
  const messages = [...new Set(problems.map(({ message }) => message))];
  return new Problem(first!.code, messages.join('\n'), { cause: new AggregateError(problems) });
}
