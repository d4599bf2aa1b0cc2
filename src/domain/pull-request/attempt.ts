import type { User } from '../generated/shapes.ts';
import { isSameUser, userName } from '../user.ts';
import type { Account, ButtonPress, Comment, PullRequest, Review } from './pull-request.ts';

/** Something that somebody said or pressed and that may be an answer. */
export interface Attempt {
  /** `comment-12`, `review-7`, `button`; what a reply to it is marked with. */
  readonly key: string;
  readonly by: Account;
  readonly at: string;
  readonly wants: 'agreed' | 'denied';
  /** As it was named: a whole id or its beginning; null where none was. */
  readonly commit: string | null;
  readonly reason: string | null;
  /** Whether it was edited later: then it counts for nothing. */
  readonly isEdited: boolean;
}

/** A command that asks for words, not for an answer. */
export interface Asking {
  readonly key: string;
  readonly command: 'help' | 'recheck';
}

/** Shortest beginning of a commit's id that is taken for it, as git prints it. */
const shortestCommit = 7;

/**
 * Every attempt at an answer, in the order in which they were made (design, section 7): approving reviews and reviews
 * that request changes, `/agree` and `/deny` in comments, the buttons. What bots and the App say is none.
 */
export function attemptsOf(pull: PullRequest, press: ButtonPress | null): Attempt[] {
  const attempts = [
    ...pull.reviews.flatMap(attemptOfReview),
    ...pull.comments.flatMap(attemptOfComment),
    ...(press === null ? [] : [attemptOfPress(press)]),
  ].filter(attempt => !attempt.by.isBot);
  return attempts.sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0));
}

function attemptOfReview({ id, author, state, body, commit, submitted }: Review): Attempt[] {
  if (state !== 'approved' && state !== 'changes-requested') return [];
  const wants = state === 'approved' ? 'agreed' : 'denied';
  return [{ key: `review-${id}`, by: author, at: submitted, wants, commit, reason: textOrNull(body), isEdited: false }];
}

/** What stands as the reason where a button was pressed, which leaves no other trace. */
const pressReason = {
  agreed: 'agreed by the button Agree on the check run',
  denied: 'denied by the button Deny on the check run',
} as const;
export const pressReasons: readonly string[] = Object.values(pressReason);

function attemptOfPress({ button, by, commit, at }: ButtonPress): Attempt {
  const wants = button === 'deny' ? 'denied' : 'agreed';
  return { key: 'button', by, at, wants, commit, reason: pressReason[wants], isEdited: false };
}

function attemptOfComment(comment: Comment): Attempt[] {
  const said = commandOf(comment);
  if (said?.command !== 'agree' && said?.command !== 'deny') return [];
  const [first = '', ...rest] = said.words.split(/\s+/);
  const isCommit = /^[0-9a-f]+$/i.test(first) && first.length >= shortestCommit && first.length <= 64;
  return [
    {
      key: `comment-${comment.id}`,
      by: comment.author,
      at: comment.created,
      wants: said.command === 'agree' ? 'agreed' : 'denied',
      commit: isCommit ? first.toLowerCase() : null,
      reason: textOrNull(isCommit ? said.words.slice(first.length) : [first, ...rest].join(' ')),
      isEdited: comment.isEdited,
    },
  ];
}

/** `/help` and `/recheck`, by anybody but bots. */
export function askingsOf(pull: PullRequest): Asking[] {
  return pull.comments.flatMap(comment => {
    const said = comment.author.isBot || comment.isEdited ? null : commandOf(comment);
    return said?.command === 'help' || said?.command === 'recheck'
      ? [{ key: `comment-${comment.id}`, command: said.command }]
      : [];
  });
}

const commands = ['agree', 'deny', 'recheck', 'help'] as const;

/** The command that a comment begins with; what follows it, over any number of lines, are its words. */
function commandOf({ body, isOwn }: Comment): { command: (typeof commands)[number]; words: string } | null {
  const match = isOwn ? null : /^\s*\/([a-z]+)(?:\s+([\s\S]*))?$/.exec(body);
  const command = commands.find(one => one === match?.[1]);
  return command === undefined ? null : { command, words: (match![2] ?? '').trim() };
}

function textOrNull(text: string): string | null {
  return text.trim() === '' ? null : text.trim();
}

/** Why an attempt is no answer, in a sentence that follows its maker's name; null where it is one. */
export function whyNoAnswer(attempt: Attempt, head: string, answerer: User): WhyNoAnswer | null {
  if (attempt.isEdited) return 'edited';
  if (!isSameUser(answerer, { login: attempt.by.login, id: attempt.by.id })) return 'not-owner';
  if (attempt.commit === null) return 'no-commit';
  if (!head.startsWith(attempt.commit)) return 'other-commit';
  if (attempt.wants === 'denied' && attempt.reason === null) return 'no-reason';
  return null;
}

export type WhyNoAnswer = 'edited' | 'not-owner' | 'no-commit' | 'other-commit' | 'no-reason';

/** The first attempt that is an answer; later ones come too late. */
export function firstAnswer(attempts: readonly Attempt[], head: string, answerer: User | null): Attempt | null {
  if (answerer === null) return null;
  return attempts.find(attempt => whyNoAnswer(attempt, head, answerer) === null) ?? null;
}

/** One friendly sentence for whom an attempt of his was no answer. */
export function whyNoAnswerSentence(why: WhyNoAnswer, head: string, answerer: User): string {
  switch (why) {
    case 'edited':
      return 'A comment that was edited counts for nothing, since nobody can tell who edited it; please write a new one.';
    case 'not-owner':
      return `Thank you for looking! Only ${userName(answerer)}, who owns the targeted record, can answer this request.`;
    case 'no-commit':
      return `Please name the commit that you looked at: \`/agree ${head}\`, or \`/deny ${head}\` and the reason.`;
    case 'other-commit':
      return `That was about an older commit and is void, since the request has changed: please look at ${head} and answer again.`;
    case 'no-reason':
      return `Please say why: \`/deny ${head}\` and the reason, or a review that requests changes, with a reason in it.`;
  }
}
