import type { Answer, User } from '../generated/shapes.ts';
import { isGitHubUser, isSameUser, userName } from '../user.ts';
import { type Asking, type Attempt, firstAnswer, whyNoAnswer, whyNoAnswerSentence } from './attempt.ts';
import { boundedSentence, boundedText } from './bounded-text.ts';
import type { JudgedRequest } from './judged-request.ts';
import { type Reply, replyMark } from './pull-request-view.ts';
import type { Stage } from './stage.ts';
import { countOf } from './stage-words.ts';

const nameRoom = 300;
const sentenceRoom = 3000;

/** One short reply to everything that was meant as an answer and is none, and to each question. */
export function repliesTo(
  attempts: readonly Attempt[],
  askings: readonly Asking[],
  stage: Stage,
  judged: JudgedRequest,
): Reply[] {
  const answer = theAnswer(attempts, stage, judged);
  const others = attempts.filter(attempt => attempt !== answer);
  return [
    ...others.flatMap(attempt => {
      const sentence = sentenceFor(attempt, stage, judged);
      return sentence === null ? [] : [replyOf(attempt, sentence)];
    }),
    ...askings.map(({ key, command }) => ({
      mark: replyMark(key),
      body: `${replyMark(key)}\n${command === 'help' ? help : rechecked(stage, judged)}`,
    })),
  ];
}

function replyOf(attempt: Attempt, sentence: string): Reply {
  const { by } = attempt;
  const mark = replyMark(keyOf(attempt));
  return { mark, body: `${mark}\n**${boundedText(by.login, nameRoom)}**: ${boundedSentence(sentence, sentenceRoom)}` };
}

/** Presses of a button have no number of their own: one reply for each person and commit. */
function keyOf({ key, by, commit }: Attempt): string {
  return key === 'button' ? `button-${by.id}-${(commit ?? '').slice(0, 7)}` : key;
}

/** The attempt that is, or was, the answer: nothing is replied to it. */
function theAnswer(attempts: readonly Attempt[], stage: Stage, judged: JudgedRequest): Attempt | null {
  switch (stage.is) {
    case 'agreed':
    case 'denied':
      return thatWhichSettled(attempts, stage.is, stage.answer);
    case 'held-up':
      return thatWhichSettled(attempts, stage.status, stage.answer);
    case 'waiting':
      return firstAnswer(attempts, judged.commit, judged.answerer);
    case 'merged-by-hand':
      return stage.answerable ? firstAnswer(attempts, judged.commit, judged.answerer) : null;
    case 'refused':
    case 'withdrawn':
      return null;
  }
}

/** Whatever became of it since: an edit or a push does not undo what the branch has. */
function thatWhichSettled(attempts: readonly Attempt[], status: 'agreed' | 'denied', answer: Answer): Attempt | null {
  const alike = attempts.filter(
    ({ by, wants, commit }) =>
      wants === status &&
      commit !== null &&
      answer.commit.startsWith(commit) &&
      isSameUser(answer.by, { login: by.login, id: by.id }),
  );
  const second = (time: string) => Math.floor(Date.parse(time) / 1000);
  const then = alike.filter(({ at }) => second(at) === second(answer.at));
  return (
    then.find(({ reason }) => reason === answer.reason) ??
    then[0] ??
    alike.find(({ isEdited }) => !isEdited) ??
    alike[0] ??
    null
  );
}

/** null where the attempt still may be the answer. */
function sentenceFor(attempt: Attempt, stage: Stage, judged: JudgedRequest): string | null {
  const { answerer, commit } = judged;
  // Whoever it is and however it was said: there is nothing to be answered.
  if (stage.is === 'agreed' || stage.is === 'denied') return settled(stage);
  if (answerer === null)
    return 'The record that this request is about cannot be read, so nobody can answer yet; the check `Table 1` says why.';
  const why = whyNoAnswer(attempt, commit, answerer);
  if (stage.is === 'withdrawn') return why === null ? keptSentence(attempt) : notWhileClosed;
  if (why !== null) {
    const sentence = whyNoAnswerSentence(why, commit, answerer);
    return why === 'not-owner' ? `${sentence}${inClone(answerer)}` : sentence;
  }
  switch (stage.is) {
    case 'held-up':
      return `${userName(stage.answer.by)} has ${stage.status} already; that answer waits for the branch, and the first one counts.`;
    case 'refused':
      return 'Not every rule holds, so nothing was done: the check `Table 1` says what is missing, and nobody can answer before.';
    case 'merged-by-hand':
      return stage.answerable
        ? 'The first answer counts, and there was one before this.'
        : 'This was merged by hand and not every rule holds, so nothing was done: the check `Table 1` says what is missing.';
    case 'waiting':
      return 'The first answer counts, and there was one before this.';
  }
}

const settled = ({ is, answer }: Extract<Stage, { is: 'agreed' | 'denied' }>) =>
  `This request was ${is} by ${userName(answer.by)} already; what is settled is not answered again.`;

const notWhileClosed = 'This pull request is closed: nobody can answer it before it is opened again.';

/** What the owner says of a closed one stands there still when it is opened again, and is an answer then. */
function keptSentence({ key }: Attempt): string {
  const closed = 'This pull request is closed, so nothing was done';
  if (key === 'button') return `${closed}, and a pressed button is not kept. Answer when it has been opened again.`;
  const undone = key.startsWith('review-') ? 'dismiss the review' : 'delete the comment';
  return `${closed} yet. The answer is kept: it counts as soon as the pull request is opened again with this commit. If it is not to, ${undone}.`;
}

function inClone(answerer: User): string {
  return isGitHubUser(answerer)
    ? ''
    : ' No GitHub account is known of theirs: `corroborate agree` or `corroborate deny` in a clone is the way.';
}

const help = [
  'These are the commands, each at the start of a comment of its own:',
  '',
  '- `/agree <commit>` agrees to the claim, `/deny <commit> <reason>` denies it. Only the owner of the targeted record can, and only for the commit that stands here now; the comment above has both ready to copy.',
  '- `/recheck` judges the request again, for anybody.',
  '- `/help` says this.',
].join('\n');

function rechecked(stage: Stage, { judgement, commit }: JudgedRequest): string {
  const judged = `Judged again at ${commit}: ${countOf(judgement)}. The check \`Table 1\` has the details.`;
  if (stage.is === 'withdrawn') return `${judged} ${notWhileClosed}`;
  return stage.is === 'agreed' || stage.is === 'denied' ? `${judged} ${settled(stage)}` : judged;
}
