import { escapeMarkdown } from '../markdown.ts';
import { rules } from '../rules/rules.ts';
import { cellOf } from '../rules/table-1.ts';
import { plural } from '../wording.ts';
import { annotationsOf } from './annotations.ts';
import type { JudgedRequest } from './judged-request.ts';
import type { CheckView } from './pull-request-view.ts';
import { rulesTable } from './rules-table.ts';
import { countOf } from './stage-words.ts';
import { table1Figure } from './table-1-figure.ts';

/** Characters of Markdown for each reason: twelve rules then leave room for everything else. */
const becauseRoom = 2000;

/** The check `Table 1`: every rule with its finding, where the claim stands in the table, and the lines at fault. */
export function table1Check(judged: JudgedRequest): Omit<CheckView, 'digest'> {
  const { findings } = judged.judgement;
  const annotations = annotationsOf(judged);
  const summary = [
    rulesTable(findings, becauseRoom),
    ...(judged.faults.length > annotations.length
      ? [`The YAML files have ${plural(judged.faults.length, 'fault')}; ${annotations.length} are annotated.`]
      : []),
    '### Table 1',
    table1Figure(cellOfJudged(judged)),
    promises(judged),
  ].join('\n\n');
  return {
    name: 'Table 1',
    status: 'completed',
    conclusion: conclusionOf(judged),
    title: countOf(judged.judgement),
    summary,
    annotations,
    actions: [],
  };
}

/** Nothing passes that is not said to hold: no finding at all is a failure too. */
function conclusionOf({ judgement: { findings } }: JudgedRequest): 'success' | 'neutral' | 'failure' {
  if (findings.length === 0 || findings.some(({ is }) => is !== 'holds' && is !== 'attested')) return 'failure';
  return findings.every(({ is }) => is === 'holds') ? 'success' : 'neutral';
}

export function cellOfJudged({ diff, from, toward }: JudgedRequest) {
  return cellOf({ diff, from: from && { record: from }, toward: toward && { record: toward } });
}

function promises({ judgement }: JudgedRequest): string {
  const asked = new Set(judgement.findings.map(({ rule }) => rule));
  const items = rules
    .filter(({ id }) => asked.has(id))
    .map(({ id, promise }) => `- **${id}**: ${escapeMarkdown(promise)}`);
  return `<details><summary>What each rule promises</summary>\n\n${items.join('\n')}\n\n</details>`;
}
