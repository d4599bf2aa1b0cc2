import { heartbeatFolder, isSimulationRunning, listHeartbeats } from '../../machine/process/heartbeat.ts';
import { endSession } from '../../machine/process/process-group.ts';
import { thisHost } from '../../machine/process/this-host.ts';
import { type Checkout, openCheckout } from './checkout.ts';
import { settleDeadRuns } from './record.ts';
import { recordLinks } from './record-links.ts';
import { secretsOf } from './secrets.ts';
import { openStep } from './step.ts';
import type { StepLog } from './step-log.ts';
import { runSummary } from './summary.ts';
import { isReadOnly, sentenceOf } from './told.ts';

/** Milliseconds that a simulation has to end by itself, once the job is over. */
const grace = 2000;

/** After the job: a run whose step was cancelled, timed out or killed is settled. @returns the exit code */
export async function settle(environment: NodeJS.ProcessEnv, log: StepLog): Promise<number> {
  try {
    const step = openStep(environment, log);
    const { inputs, context, runner } = step;
    if (inputs.collect !== null) return 0;
    const checkout = await openCheckout(context.workspace, environment);
    const names = [...(checkout.configuration.environment ?? []), ...inputs.environment];
    const secrets = secretsOf(inputs, names, environment);
    log.hide(secrets);
    await endOrphans(checkout);
    let code = 0;
    for (const { record, kept } of await settleDeadRuns(step, checkout, secrets)) {
      const trouble = 'The step ended before its run did: what the run depended on and printed is not known.';
      const because = kept === null ? null : log.hidden(kept.cause.message);
      if (kept !== null) {
        const level = isReadOnly(kept.cause) ? 'notice' : 'error';
        log.annotate({ level, title: 'Corroborate', message: `${because} The record is kept in ${kept.path}.` });
        if (level === 'error') code = 1;
      }
      const links = kept === null ? recordLinks(context.server, context.repository, inputs.branch, record.id) : null;
      runner.summary(
        runSummary({
          record,
          branch: inputs.branch,
          links,
          isPrivate: context.isPrivate ?? true,
          kept: kept === null ? null : { path: kept.path, because: because! },
          comparison: null,
          otherwise: [],
          request: null,
          troubles: because === null ? [trouble] : [trouble, because],
        }),
      );
    }
    return code;
  } catch (cause) {
    log.annotate({ level: 'error', title: 'Corroborate', message: sentenceOf(cause) });
    return 1;
  }
}

/** A simulation that outlived the step would be ended with the job anyway, and cannot be settled before. */
async function endOrphans({ repository }: Checkout): Promise<void> {
  const host = await thisHost();
  const { heartbeats } = await listHeartbeats(heartbeatFolder(repository.commonDir));
  for (const run of heartbeats) {
    if (run.top !== repository.topLevel || !(await isSimulationRunning(run, host))) continue;
    await endSession(run.simulation!.pid, grace);
  }
}
