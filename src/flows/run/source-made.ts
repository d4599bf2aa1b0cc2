import { requireCommit } from '../../machine/git/repository.ts';
import type { PreparedRun } from './going-run.ts';

/** When the commit that a run's source stands on was made; the run's own time where that cannot be told. */
export async function sourceMade({ world, created }: Pick<PreparedRun, 'world' | 'created'>): Promise<Date> {
  const { stdout } = await world.git.run(['rev-list', '-1', '--format=%ct', requireCommit(world.repository)]);
  const seconds = Number(stdout.toString('latin1').trim().split('\n').at(-1));
  return Number.isSafeInteger(seconds) && seconds > 0 ? new Date(seconds * 1000) : created;
}
