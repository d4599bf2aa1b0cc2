import { isEngineName } from '../../machine/containers/container-engine.ts';
import {
  type Heartbeat,
  heartbeatFolder,
  isSimulationRunning,
  listHeartbeats,
} from '../../machine/process/heartbeat.ts';
import { endSession } from '../../machine/process/process-group.ts';
import { thisHost } from '../../machine/process/this-host.ts';
import { type Checkout, openCheckout } from './checkout.ts';
import { engineOf } from './engines.ts';
import { isOfCheckout, settleDeadRuns } from './record.ts';
import { recordLinks } from './record-links.ts';
import { secretsOf } from './secrets.ts';
import { openStep, type Step } from './step.ts';
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
    await endOrphans(step, checkout);
    let code = 0;
    for (const { record, kept } of await settleDeadRuns(step, checkout, secrets)) {
      const trouble =
        record.status === 'unknown'
          ? 'The step ended before its run did: what the run depended on and printed is not known.'
          : 'The step ended before its run was stored, so nothing was compared.';
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
async function endOrphans(step: Step, checkout: Checkout): Promise<void> {
  const host = await thisHost();
  const { heartbeats } = await listHeartbeats(heartbeatFolder(checkout.repository.commonDir));
  for (const run of heartbeats.filter(one => isOfCheckout(checkout, one))) {
    await stopContainer(step, run);
    if (await isSimulationRunning(run, host)) await endSession(run.simulation!.pid, grace);
  }
}

/** The engine runs it, whatever becomes of the program that attached us to it. */
async function stopContainer(step: Step, { id, container }: Heartbeat): Promise<void> {
  if (container === null || (container.system !== null && !isEngineName(container.system))) return;
  try {
    const engine = await engineOf(step)(container.system);
    if (await engine.isRunning(container.name)) await engine.stopContainer(container.name, grace / 1000);
  } catch (cause) {
    step.log.say(`the container of the run ${id} could not be stopped: ${sentenceOf(cause)}`);
  }
}
