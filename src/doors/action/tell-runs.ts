import { recordFolder } from '../../domain/branch-layout.ts';
import type { ConcludedRun } from './conclude.ts';
import type { Step } from './step.ts';
import { runSummary, summaryBudget } from './summary.ts';

/** What the steps behind this one are told: of several runs one a line. */
export function giveOutputs({ runner }: Step, runs: readonly ConcludedRun[]): void {
  const give = (name: string, value: (run: ConcludedRun) => string | null | undefined) =>
    runner.output(name, runs.map(run => value(run) ?? '').join('\n'));
  give('record-id', ({ run }) => run.record.id);
  give('record-url', ({ links }) => links?.folder);
  give('record-path', ({ run }) => run.kept?.path ?? recordFolder(run.record.id));
  give('status', ({ run }) => run.record.status);
  give('assessment', ({ made }) => made?.comparison.assessment);
  give('proposition', ({ made }) => made?.comparison.proposition);
  give('diff-request-url', ({ request }) => request?.url);
}

/** In the log, and as annotations. @param about what stands before each sentence, where there are several runs */
export function annotate({ log }: Step, { run, links, failures, notices }: ConcludedRun, about = ''): void {
  const { record } = run;
  for (const message of notices) log.annotate({ level: 'notice', title: 'Corroborate', message: about + message });
  for (const message of failures) log.annotate({ level: 'error', title: 'Corroborate', message: about + message });
  log.say(`recorded ${record.id}: ${record.status}${links === null ? '' : `, ${links.folder}`}`);
}

/** @param among how many share the step's summary */
export function summarize({ runner, inputs, context, log }: Step, concluded: ConcludedRun, among = 1): void {
  const { run, links, made, request, failures, notices } = concluded;
  const { record, kept, otherwise } = run;
  runner.summary(
    runSummary(
      {
        record,
        branch: inputs.branch,
        links,
        isPrivate: context.isPrivate ?? true,
        kept: kept === null ? null : { path: kept.path, because: kept.cause.message },
        comparison: made?.report ?? null,
        otherwise,
        request,
        troubles: [...failures, ...notices].map(log.hidden),
      },
      Math.floor(summaryBudget / among),
    ),
  );
}
