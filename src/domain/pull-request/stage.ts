import type { Answer } from '../generated/shapes.ts';
import { mayBeAnswered } from '../rules/rules.ts';
import { isSameUser } from '../user.ts';
import { type Attempt, pressReasons } from './attempt.ts';
import type { JudgedRequest } from './judged-request.ts';
import type { PullRequest } from './pull-request.ts';

/** Where a request is between its opening and its end. */
export type Stage =
  /** A rule is broken or unknown: nobody can answer yet. */
  | { readonly is: 'refused' }
  /** All rules hold or are attested: the owner of the targeted record has the word. */
  | { readonly is: 'waiting' }
  /** Settled on the records branch; `outside` where not by this App's own answer to this commit. */
  | { readonly is: 'agreed' | 'denied'; readonly answer: Answer; readonly outside: boolean }
  /** Somebody merged it without an answer: its claim stands on the branch as proposed, and may still be answered. */
  | { readonly is: 'merged-by-hand'; readonly answerable: boolean }
  /** Closed without an answer: nothing is done before it is opened again. */
  | { readonly is: 'withdrawn' }
  /** Answered, but the records branch did not take it: `because` says which setting or permission to change. */
  | { readonly is: 'held-up'; readonly answer: Answer; readonly status: 'agreed' | 'denied'; readonly because: string };

/**
 * Where the request is now. A request that the branch has is where the branch says; that it was answered outside the
 * App shows by no attempt on the pull request standing behind the answer.
 */
export function stageOf(
  pull: Pick<PullRequest, 'isOpen' | 'head'>,
  { standing, judgement }: Pick<JudgedRequest, 'standing' | 'judgement'>,
  attempts: readonly Attempt[],
): Stage {
  if (standing?.answer && standing.status !== 'proposed') {
    const { status, answer } = standing;
    const isOwn = attempts.some(attempt => isAnswer(attempt, answer)) || pressReasons.includes(answer.reason ?? '');
    return { is: status, answer, outside: answer.commit !== pull.head.commit || !isOwn };
  }
  if (standing) return { is: 'merged-by-hand', answerable: mayBeAnswered(judgement) };
  if (!pull.isOpen) return { is: 'withdrawn' };
  return { is: mayBeAnswered(judgement) ? 'waiting' : 'refused' };
}

function isAnswer({ by, at }: Attempt, answer: Answer): boolean {
  return at === answer.at && isSameUser({ login: by.login, id: by.id }, answer.by);
}
