import type { GitHubUser } from '../generated/shapes.ts';

/** How the owner of the targeted record was told: `renamed` where his login is another's by now, so that nobody was. */
export type Approach = 'asked' | 'mentioned' | 'renamed';

export interface ApproachedReviewer {
  readonly id: number;
  readonly approach: Approach;
}

/** Characters that `reviewerNote`, and the empty line before it, may take of a comment. */
export const reviewerNoteRoom = 300;

/**
 * Stands at the end of the App's comment once somebody was told, so that he is told once only: a mark that nobody sees,
 * and a sentence where nobody could be told. It stays while nobody is asked.
 */
export function reviewerNote({ id, approach }: ApproachedReviewer, reviewer: GitHubUser | null): string {
  const mark = `<!-- corroborate:reviewer ${approach} ${id} -->`;
  if (approach !== 'renamed' || reviewer?.id !== id) return mark;
  const was = `no longer called \`${reviewer.login}\``;
  return `The targeted record belongs to the account number ${id}, which is ${was}: nobody could be asked.\n${mark}`;
}

/** @param comment the App's own */
export function readReviewerNote(comment: string): ApproachedReviewer | null {
  const match = /<!-- corroborate:reviewer (asked|mentioned|renamed) (\d{1,16}) -->\s*$/.exec(comment);
  return match === null ? null : { approach: match[1] as Approach, id: Number(match[2]) };
}
