import type { FindEngine } from '../../flows/container/container-world.ts';
import { simulationEnvironment } from './simulation-environment.ts';
import type { Step } from './step.ts';

/** Loaded by those who run in a container. */
export function engineOf({ environment, context }: Pick<Step, 'environment' | 'context'>): FindEngine {
  return async wanted => {
    const { findEngine } = await import('../../machine/containers/find-engine.ts');
    return findEngine(wanted, simulationEnvironment(environment), context.temporary);
  };
}
