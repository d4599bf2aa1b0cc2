import { randomBytes } from 'node:crypto';
import type { Chance } from '../../flows/world.ts';
import { type Context, readContext } from './context.ts';
import { type Hub, openHub } from './hub.ts';
import { type Inputs, readInputs } from './inputs.ts';
import { type RunnerFiles, runnerFiles } from './runner-files.ts';
import type { StepLog } from './step-log.ts';

/** One step of a job, as both entries see it. */
export interface Step {
  readonly inputs: Inputs;
  readonly context: Context;
  readonly hub: Hub;
  readonly environment: NodeJS.ProcessEnv;
  readonly log: StepLog;
  readonly runner: RunnerFiles;
  readonly chance: Chance;
}

/** @throws Problem USAGE */
export function openStep(environment: NodeJS.ProcessEnv, log: StepLog): Step {
  const inputs = readInputs(environment);
  const context = readContext(environment);
  return {
    inputs,
    context,
    hub: openHub(context, inputs, environment),
    environment,
    log,
    runner: runnerFiles(environment),
    chance: { now: () => new Date(), randomBytes: count => randomBytes(count) },
  };
}
