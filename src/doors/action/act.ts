import { recordFolder } from '../../domain/branch-layout.ts';
import { Problem } from '../../domain/problem.ts';
import { shortestSecret } from '../../domain/redaction.ts';
import { openCheckout } from './checkout.ts';
import { collect } from './collect.ts';
import { choose, compareWith, findTarget, type MadeComparison } from './comparison.ts';
import { type AskedRequest, askOwner } from './diff-request.ts';
import { takeRun, wordsOf } from './record.ts';
import { recordLinks } from './record-links.ts';
import { openStep, type Step } from './step.ts';
import type { StepLog } from './step-log.ts';
import { failureSummary, runSummary } from './summary.ts';
import { exitCodeOf, isReadOnly, sentenceOf } from './told.ts';

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
  const { inputs, context, runner, log } = step;
  if (inputs.collect !== null) {
    await collect(step, inputs.collect);
    return 0;
  }
  const checkout = await openCheckout(context.workspace, step.environment);
  const words = wordsOf(inputs, checkout);
  const chosen = inputs.toward === null ? null : await choose(step, checkout);
  const run = await takeRun(step, checkout, words);
  const { record, kept } = run;
  const links = kept === null ? recordLinks(context.server, context.repository, inputs.branch, record.id) : null;
  runner.output('record-id', record.id);
  runner.output('record-url', links?.folder ?? '');
  runner.output('record-path', kept?.path ?? recordFolder(record.id));
  runner.output('status', record.status);

  /** What fails the step, though the run is recorded. */
  const failures: string[] = [];
  const notices: string[] = [];
  if (kept !== null) (isReadOnly(kept.cause) ? notices : failures).push(keptSentence(kept, record.id));

  let made: MadeComparison | null = null;
  let request: AskedRequest | null = null;
  try {
    made = chosen === null ? null : await compare();
    request = made === null ? null : await ask(made);
  } catch (cause) {
    failures.push(sentenceOf(cause));
  }
  if (made !== null) {
    const { assessment } = made.comparison;
    runner.output('assessment', assessment ?? '');
    runner.output('proposition', made.comparison.proposition ?? '');
    if (assessment !== null && inputs.failOn.includes(assessment)) {
      failures.push(`Table 1 says ${assessment}, which \`fail-on\` names.`);
    }
  }
  runner.output('diff-request-url', request?.url ?? '');
  for (const message of notices) log.annotate({ level: 'notice', title: 'Corroborate', message });
  for (const message of failures) log.annotate({ level: 'error', title: 'Corroborate', message });
  log.say(`recorded ${record.id}: ${record.status}${links === null ? '' : `, ${links.folder}`}`);
  runner.summary(
    runSummary({
      record,
      branch: inputs.branch,
      links,
      isPrivate: context.isPrivate ?? true,
      kept: kept === null ? null : { path: kept.path, because: kept.cause.message },
      comparison: made?.report ?? null,
      request,
      troubles: [...failures, ...notices].map(log.hidden),
    }),
  );
  return run.exitCode !== 0 ? run.exitCode : failures.length > 0 ? 1 : 0;

  async function compare(): Promise<MadeComparison | null> {
    const target = await findTarget(step, record.id);
    if (target === null) {
      notices.push('There is no other finished record yet to compare this one with.');
      return null;
    }
    if (record.status !== 'finished' || record.outputs.length === 0) {
      notices.push('Nothing was compared: only a run that finished, and has outputs, can be.');
      return null;
    }
    return compareWith(step, checkout, run, target, chosen!);
  }

  async function ask(comparison: MadeComparison): Promise<AskedRequest | null> {
    const { proposition, assessment } = comparison.comparison;
    if (inputs.proposition !== null && inputs.proposition !== proposition) {
      throw new Problem(
        'REFUSED',
        `the proposition is ${inputs.proposition}, but Table 1 says ${assessment}, of which only ${proposition} may be claimed. The run is recorded; no request was opened.`,
      );
    }
    if (!inputs.request) return null;
    if (kept !== null) {
      notices.push('No diff request was opened, since the record could not be stored.');
      return null;
    }
    if (assessment === 'unknown' && inputs.observation === null) {
      notices.push(
        'No diff request was opened: where Table 1 says unknown it needs an observation in words (`observation:`).',
      );
      return null;
    }
    return askOwner(step, record, comparison, chosen!);
  }
}

function keptSentence({ path, cause }: { readonly path: string; readonly cause: Problem }, id: string): string {
  const file = path.split(/[\\/]/).at(-1);
  const what = isReadOnly(cause)
    ? `the token may not write to the records branch (as in a pull request from a fork; elsewhere the line \`contents: write\` under \`permissions:\` lets it), so the record ${id} is kept in ${path}.`
    : `${cause.message} The record is kept in ${path}.`;
  return `${what} Upload that file as an artifact; \`corroborate recover ${file}\` stores it later, and so does the input \`collect\`.`;
}
