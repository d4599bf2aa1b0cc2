import type { GitHubUser } from '../generated/shapes.ts';

/** How the owner of the targeted record was told: `renamed` where his login is another's by now, so that nobody was. */
export type Approach = 'asked' | 'mentioned' | 'renamed';

export interface ApproachedReviewer {
  readonly id: number;
  readonly approach: Approach;
}

/** Characters that `reviewerNote` may take of a comment. */
export const reviewerNoteRoom = 400;

const sentences: Readonly<{ [approach in Approach]: ((reviewer: GitHubUser) => string) | null }> = {
  asked: null,
  mentioned: ({ login }) => `@${login}, the targeted record is yours, and so is the answer.`,
  renamed: ({ login, id }) =>
    `The targeted record belongs to the account number ${id}, which is no longer called \`${login}\`: nobody could be asked.`,
};

/**
 * Stands at the end of the App's comment once somebody was asked, so that he is asked once only. The mark is invisible,
 * and stays while nobody is asked.
 */
export function reviewerNote({ id, approach }: ApproachedReviewer, reviewer: GitHubUser | null): string {
  const mark = `<!-- corroborate:reviewer ${approach} ${id} -->`;
  const sentence = reviewer?.id === id ? sentences[approach]?.(reviewer) : null;
  return sentence ? `${sentence}\n${mark}` : mark;
}

/** @param comment the App's own */
export function readReviewerNote(comment: string): ApproachedReviewer | null {
  const match = /<!-- corroborate:reviewer (asked|mentioned|renamed) (\d{1,15}) -->\s*$/.exec(comment);
  return match === null ? null : { approach: match[1] as Approach, id: Number(match[2]) };
}
