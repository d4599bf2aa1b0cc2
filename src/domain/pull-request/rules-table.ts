import { markdownTable } from '../markdown.ts';
import type { RuleFinding } from '../rules/rules.ts';
import { boundedSentence } from './bounded-text.ts';

/**
 * One row a rule, the finding as one of four words (design, section 8).
 * @param becauseRoom characters of Markdown for each reason
 */
export function rulesTable(findings: readonly RuleFinding[], becauseRoom: number): string {
  const rows = findings.map(({ rule, is, because }) => [rule, is, boundedSentence(because, becauseRoom)]);
  return markdownTable(['rule', 'finding', 'because'], rows);
}
