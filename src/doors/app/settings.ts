import { availableParallelism } from 'node:os';
import { Problem } from '../../domain/problem.ts';

/** What the environment says; `docs/app.md` lists it for maintainers. Probot reads the rest itself. */
export interface Settings {
  readonly recordsBranch: string;
  /** `https://github.com`, or the GitHub Enterprise Server's own. */
  readonly origin: string;
  /** Whether each write waits for a second after the last, as GitHub asks of those who write much. */
  readonly throttles: boolean;
  readonly judging: { readonly threads: number; readonly milliseconds: number; readonly megabytes: number };
  /** How many pull requests are worked on at once. */
  readonly parallel: number;
  /** Milliseconds between two looks at everything that is open; null for none. */
  readonly sweepEvery: number | null;
  /** Milliseconds that work in hand may take once the process was told to end. */
  readonly farewell: number;
}

/** @throws Problem USAGE that names the variable */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const { RECORDS_BRANCH: branch, GHE_HOST: host, GHE_PROTOCOL: protocol } = environment;
  const number = (name: string, usual: number, least: number, most: number): number => {
    const text = environment[name];
    if (text === undefined || text === '') return usual;
    const value = Number(text);
    if (Number.isFinite(value) && value >= least && value <= most) return value;
    throw new Problem('USAGE', `${name} is ${JSON.stringify(text)}: give a number from ${least} to ${most}.`);
  };
  const minutes = number('SWEEP_MINUTES', 60, 0, 10_080);
  return {
    recordsBranch: branch || 'records',
    origin: host ? `${protocol || 'https'}://${host}` : 'https://github.com',
    throttles: environment.THROTTLE !== 'off',
    judging: {
      // One more than a repository may have, so that none of them waits for another's hostile file.
      threads: Math.floor(number('JUDGING_THREADS', Math.min(availableParallelism(), 4) + 1, 1, 64)),
      // More than the budget of a comparison takes (`outputsBudget`), so that this one decides on few machines.
      milliseconds: number('JUDGING_SECONDS', 120, 0.1, 3600) * 1000,
      megabytes: Math.floor(number('JUDGING_MEGABYTES', 512, 32, 65_536)),
    },
    parallel: Math.floor(number('PARALLEL', 32, 1, 256)),
    sweepEvery: minutes === 0 ? null : minutes * 60_000,
    farewell: number('FAREWELL_SECONDS', 25, 0, 3600) * 1000,
  };
}
