import { writeAll } from '../../machine/process/pass-on.ts';
import { secretInputs, secretsOf } from './secrets.ts';
import { type StepLog, stepLog } from './step-log.ts';

/**
 * One entry of the Action: the runner is told what to hide before anything else is done, or loaded.
 * @param load what is to be done; resolves to the exit code
 */
export async function enter(
  environment: NodeJS.ProcessEnv,
  load: () => Promise<(environment: NodeJS.ProcessEnv, log: StepLog) => Promise<number>>,
): Promise<never> {
  const log = stepLog(bytes => writeAll(1, bytes));
  log.hide(secretsOf(secretInputs(environment), [], environment));
  await log.done();
  const perform = await load();
  const code = await perform(environment, log);
  await log.done();
  // What was printed is written by now; nothing else is worth waiting for.
  process.exit(code);
}
