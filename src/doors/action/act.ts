import { shortestSecret } from '../../domain/redaction.ts';
import { type Checkout, openCheckout } from './checkout.ts';
import { collect } from './collect.ts';
import { type ChosenMethod, choose, compareWith, type MadeComparison } from './comparison.ts';
import { concludeRun } from './conclude.ts';
import { type TakenRun, takeRun, wordsOf } from './record.ts';
import { openStep, type Step } from './step.ts';
import type { StepLog } from './step-log.ts';
import { failureSummary } from './summary.ts';
import { findTarget } from './target.ts';
import { annotate, giveOutputs, summarize } from './tell-runs.ts';
import { exitCodeOf, sentenceOf } from './told.ts';

/** The step, whatever comes of it. @returns its exit code */
export async function act(environment: NodeJS.ProcessEnv, log: StepLog): Promise<number> {
  let step: Step | null = null;
  try {
    step = openStep(environment, log);
    for (const message of tooShort(step)) log.annotate({ level: 'warning', title: 'Corroborate', message });
    const code = await perform(step);
    step.runner.state('settled', 'true');
    return code;
  } catch (cause) {
    const message = sentenceOf(cause);
    log.endOutput();
    log.annotate({ level: 'error', title: 'Corroborate', message });
    step?.runner.summary(failureSummary(log.hidden(message)));
    return exitCodeOf(cause);
  }
}

/** What nobody can hide without hiding half of the record; the value is not said. */
function tooShort({ inputs }: Step): string[] {
  return inputs.redact.some(value => value.length < shortestSecret)
    ? [`a value of \`redact\` has fewer than ${shortestSecret} characters: it stands in too many places to be hidden.`]
    : [];
}

async function perform(step: Step): Promise<number> {
  const { inputs, context } = step;
  if (inputs.collect !== null) {
    await collect(step, inputs.collect);
    return 0;
  }
  const checkout = await openCheckout(context.workspace, step.environment);
  if (inputs.reproduce !== null) {
    const { reproduce } = await import('./reproduce.ts');
    return reproduce(step, checkout, inputs.reproduce);
  }
  return recordOne(step, checkout);
}

/** Runs the command and records that; compares it, and asks, where the inputs say so. */
async function recordOne(step: Step, checkout: Checkout): Promise<number> {
  const { toward } = step.inputs;
  const words = wordsOf(step.inputs, checkout);
  const chosen = toward === null ? null : await choose(step, checkout);
  const run = await takeRun(step, checkout, words);
  const compare = chosen === null ? null : () => compareRun(step, checkout, run, chosen);
  const concluded = await concludeRun(step, run, chosen, compare);
  giveOutputs(step, [concluded]);
  annotate(step, concluded);
  summarize(step, concluded);
  return run.exitCode !== 0 ? run.exitCode : concluded.failures.length > 0 ? 1 : 0;
}

async function compareRun(
  step: Step,
  checkout: Checkout,
  run: TakenRun,
  chosen: ChosenMethod,
): Promise<MadeComparison | string> {
  const { record } = run;
  const target = await findTarget(step, step.inputs.toward!, record.id);
  if (target === null) return 'There is no other finished record yet to compare this one with.';
  if (record.status !== 'finished' || record.outputs.length === 0) {
    return 'Nothing was compared: only a run that finished, and has outputs, can be.';
  }
  return compareWith(checkout, run, target, chosen);
}
