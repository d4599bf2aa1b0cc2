import { budgetedMarkdown } from '../comparison-report/budgeted-markdown.ts';
import { commentBudget } from '../comparison-report/comparison-markdown.ts';
import { mayBeAnswered } from '../rules/rules.ts';
import { bothRuns } from './both-runs.ts';
import { claimSentence, observationQuote } from './claim-sentence.ts';
import type { JudgedRequest } from './judged-request.ts';
import { picturesMarkdown } from './pictures.ts';
import type { PullRequest, TargetRepository } from './pull-request.ts';
import { commentMark } from './pull-request-view.ts';
import { rulesTable } from './rules-table.ts';
import type { Stage } from './stage.ts';
import { stageWords } from './stage-words.ts';
import { cellOfJudged } from './table-1-check.ts';
import { table1Figure } from './table-1-figure.ts';
import { whatHappensNext } from './what-happens-next.ts';

/** Kept free for what GitHub may count otherwise. */
const spare = 1000;
/** A comparison of at most so many characters always stands whole in the comment (`requestComparisonMarkdown`'s budget). */
export const comparisonBudget = 28_000;
const becauseRoom = 600;

/**
 * The one comment: the claim, how things stand, who must do what, Table 1, what does not hold, and both sides. What is
 * most needed stands first; only the comparison is ever left out.
 */
export function commentOf(
  repository: TargetRepository,
  pull: PullRequest,
  judged: JudgedRequest,
  stage: Stage,
  mentions: boolean,
): string {
  const { alert, title, sentences } = stageWords(stage, judged);
  const text = (about: string, content: string) => ({ kind: 'text' as const, about, text: content });
  const open = judged.judgement.findings.filter(({ is }) => is !== 'holds');
  const isAnswerable = mayBeAnswered(judged.judgement);
  const quote = observationQuote(judged);
  const next = whatHappensNext(stage, pull, judged, mentions);
  const pictures = picturesMarkdown(repository, judged);
  const runs = bothRuns(judged);
  const said = [`**${title}**`, ...sentences].map(line => `> ${line}`).join('\n>\n');
  const blocks = [
    ...(quote === null ? [] : [text('the observation', quote)]),
    text('how things stand', `> [!${alert}]\n${said}`),
    ...(next === '' ? [] : [text('what happens next', `### What happens next\n\n${next}`)]),
    text('Table 1', `### Table 1\n\n${table1Figure(cellOfJudged(judged))}`),
    ...(open.length === 0
      ? []
      : [
          text(
            'the rules',
            `### ${isAnswerable ? "Rules that rest on the requester's word" : 'Rules that do not hold'}\n\n${rulesTable(open, becauseRoom)}`,
          ),
        ]),
    ...(runs === '' ? [] : [text('source and inputs', runs)]),
    ...(pictures === '' ? [] : [text('the pictures', pictures)]),
    ...(judged.comparison === null
      ? []
      : [text('the comparison', `### Outputs, dependencies and machine\n\n${judged.comparison.trim()}`)]),
  ];
  const head = `${commentMark}\n${claimSentence(repository, pull, judged)}`;
  return budgetedMarkdown(head, blocks, commentBudget - spare).trimEnd();
}
