import { container } from './container.ts';
import { finished } from './finished.ts';
import { fresh } from './fresh.ts';
import { integrity } from './integrity.ts';
import { layout } from './layout.ts';
import { method } from './method.ts';
import { observation } from './observation.ts';
import { proposed } from './proposed.ts';
import { records } from './records.ts';
import type { Finding, RequestFacts, Rule, RuleId } from './rule.ts';
import { schema } from './schema.ts';
import { sender } from './sender.ts';
import { tableOne } from './table-1.ts';

/** Every rule of the design, section 6, in its order. All are always run and shown. */
export const rules: readonly Rule[] = [
  layout,
  schema,
  sender,
  records,
  finished,
  container,
  integrity,
  proposed,
  fresh,
  method,
  observation,
  tableOne,
];

/** Rules about the proposal as such; a settled request has left them behind. */
const onlyBeforeTheAnswer: ReadonlySet<RuleId> = new Set(['layout', 'proposed']);
export const rulesOfSettled: readonly Rule[] = rules.filter(rule => !onlyBeforeTheAnswer.has(rule.id));

export type Verdict = 'holds' | 'attested' | 'broken' | 'unknown';

export interface RuleFinding extends Finding {
  readonly rule: RuleId;
}

export interface Judgement {
  readonly verdict: Verdict;
  readonly findings: readonly RuleFinding[];
}

/** Runs all rules on one set of facts. Nothing fails open: one broken or unknown finding decides. */
export function judge(facts: RequestFacts, which: readonly Rule[] = rules): Judgement {
  const findings = which.map(rule => ({ rule: rule.id, ...rule.check(facts) }));
  const found = (is: Finding['is']) => findings.some(finding => finding.is === is);
  const verdict = found('broken') ? 'broken' : found('unknown') ? 'unknown' : found('attested') ? 'attested' : 'holds';
  return { verdict, findings };
}

/** A request may be answered only when every rule holds or is attested. */
export function mayBeAnswered(judgement: Judgement): boolean {
  return judgement.verdict === 'holds' || judgement.verdict === 'attested';
}
