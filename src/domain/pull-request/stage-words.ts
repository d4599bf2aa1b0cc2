import type { Answer } from '../generated/shapes.ts';
import type { Judgement } from '../rules/rules.ts';
import { plural } from '../wording.ts';
import { boundedSentence, boundedText } from './bounded-text.ts';
import { bold } from './claim-sentence.ts';
import type { JudgedRequest } from './judged-request.ts';
import type { Stage } from './stage.ts';

/** The state of things, said once for the comment and for the check. */
export interface StageWords {
  /** https://docs.github.com/en/get-started/writing-on-github: how GitHub colours it. */
  readonly alert: 'NOTE' | 'TIP' | 'IMPORTANT' | 'WARNING' | 'CAUTION';
  /** Plain text, and nothing of anyone's making. */
  readonly title: string;
  /** Markdown. */
  readonly sentences: readonly string[];
}

const reasonRoom = 1500;

export function stageWords(stage: Stage, judged: JudgedRequest): StageWords {
  const { judgement, answerer, commit } = judged;
  const owner = answerer === null ? 'the owner of the targeted record' : bold(answerer);
  switch (stage.is) {
    case 'refused':
      return {
        alert: 'WARNING',
        title: "Not yet: Table 1's rules come first",
        sentences: [`${countOf(judgement)}. Nobody can answer before each of them holds or is attested.`],
      };
    case 'waiting':
      return {
        alert: 'IMPORTANT',
        title: 'Waiting for the owner of the targeted record',
        sentences: [`${countOf(judgement)}. Now ${owner}, who owns the targeted record, has the word.`],
      };
    case 'agreed':
    case 'denied':
      return settledWords(stage, commit);
    case 'merged-by-hand':
      return {
        alert: 'WARNING',
        title: stage.answerable ? 'Merged by hand, not answered yet' : 'Merged by hand, and cannot be answered',
        sentences: [
          'Somebody merged this by hand. A merge is no answer: the claim stands on the branch as `proposed` and counts for nothing.',
          stage.answerable
            ? `${owner}, who owns the targeted record, may still agree or deny; the answer will be one commit on the branch.`
            : `${countOf(judgement)}, so nobody can answer it. A maintainer has to look: \`corroborate verify\` in a clone names what is wrong on the branch.`,
        ],
      };
    case 'withdrawn':
      return {
        alert: 'NOTE',
        title: 'Withdrawn: closed without an answer',
        sentences: [
          'The pull request was closed without an answer, so the claim counts for nothing. Whoever may reopen it can do so; it is then judged again.',
        ],
      };
    case 'held-up':
      return {
        alert: 'CAUTION',
        title: `${stage.status === 'agreed' ? 'Agreed' : 'Denied'}, but the branch did not take it`,
        sentences: [
          `${answerSentence(stage.status, stage.answer)} The records branch did not take it: ${boundedSentence(stage.because, reasonRoom)}`,
          'A maintainer has to change that; then comment `/recheck`. An answer by comment or review need not be given again, a button has to be pressed again.',
        ],
      };
  }
}

/** Whether the commit that the pull request shows now is the one that was answered. */
export function isOfThisCommit(answer: Answer, commit: string): boolean {
  return answer.commit === commit;
}

function settledWords(stage: Extract<Stage, { is: 'agreed' | 'denied' }>, commit: string): StageWords {
  const { is, answer, outside } = stage;
  const sentences = [answerSentence(is, answer)];
  if (!isOfThisCommit(answer, commit)) {
    sentences.push(
      `That was about the commit ${answer.commit}. The one that stands here now was answered by nobody and must not be merged: a claim that is settled is not changed any more.`,
    );
    return { alert: 'WARNING', title: `Settled: another commit was ${is}`, sentences };
  }
  if (outside) sentences.push('The answer was given outside this pull request, in a clone; it counts just the same.');
  sentences.push(
    is === 'agreed'
      ? "The claim and its records stand on the branch, and the project's README.md counts it."
      : 'The claim and its denial stand on the branch, so that the same pair is not claimed with the same method again.',
  );
  return { alert: is === 'agreed' ? 'TIP' : 'CAUTION', title: is === 'agreed' ? 'Agreed' : 'Denied', sentences };
}

/** `**ada** agreed on 2026-11-24 at 10:11 UTC: the reason` */
function answerSentence(status: 'agreed' | 'denied', { by, at, reason }: Answer): string {
  const said = reason === null || reason.trim() === '' ? '' : `: ${boundedText(reason, reasonRoom)}`;
  const sentence = `${bold(by)} ${status} on ${at.slice(0, 10)} at ${at.slice(11, 16)} UTC${said}`;
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}

/** `10 of 12 rules hold, 1 is attested, 1 broken` */
export function countOf({ findings }: Judgement): string {
  const count = (is: string) => findings.filter(finding => finding.is === is).length;
  if (findings.length > 0 && count('holds') === findings.length) return `All ${findings.length} rules hold`;
  const others = [
    [count('attested'), 'attested'],
    [count('broken'), 'broken'],
    [count('unknown'), 'unknown'],
  ] as const;
  const said = others.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`);
  return [`${count('holds')} of ${plural(findings.length, 'rule')} hold`, ...said].join(', ');
}
