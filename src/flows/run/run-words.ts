import type { Configuration } from '../../domain/generated/shapes.ts';
import { Problem } from '../../domain/problem.ts';
import { type ContainerWords, containerWords } from '../container/container-words.ts';

/** What one run is asked to be; the defaults of corroborate.yml are in it already. */
export interface RunWords {
  readonly command: readonly string[];
  /** `--input`: each must match something. */
  readonly asked: readonly string[];
  /** `inputs`, `outputs`, `ignore`, `source` and `keep` of corroborate.yml. */
  readonly configured: readonly string[];
  readonly ignore: readonly string[];
  readonly source: readonly string[];
  readonly keep: readonly string[];
  /** `outputs` of corroborate.yml: no source, whatever this run's own outputs are. */
  readonly configuredOutputs: readonly string[];
  /** Where its outputs are looked for: `--output`, else the configured ones; none: wherever it writes. */
  readonly outputs: readonly string[];
  /** Names of the variables to record. */
  readonly environment: readonly string[];
  readonly stdin: string | null;
  readonly stdout: string | null;
  readonly reason: string;
  readonly tags: readonly string[];
  readonly isolate: boolean;
  readonly trace: boolean;
  /** The simulation's stdout goes to stderr, since stdout is for the record. */
  readonly json: boolean;
  /** Milliseconds; null: as long as it takes. */
  readonly timeout: number | null;
  /** The container to run in; null: on the host. */
  readonly container: ContainerWords | null;
  /** The record that this run sets out to reproduce. */
  readonly reproduces: string | null;
}

/** What the command line says, on top of what is configured. */
export type ToldWords = Pick<
  RunWords,
  'stdin' | 'stdout' | 'reason' | 'tags' | 'isolate' | 'trace' | 'json' | 'timeout'
> & {
  readonly command: readonly string[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly environment: readonly string[];
  /** `--container SPEC`. */
  readonly container: string | null;
};

/** @throws Problem USAGE where there is no command, neither told nor configured */
export function runWords(told: ToldWords, configuration: Configuration): RunWords {
  const command = told.command.length > 0 ? told.command : (configuration.command ?? []);
  if (command.length === 0) {
    throw new Problem('USAGE', 'there is nothing to run: `corroborate run COMMAND…`, or `command:` in corroborate.yml');
  }
  const { inputs, outputs, environment, container, ...rest } = told;
  return {
    ...rest,
    command,
    asked: inputs,
    configured: configuration.inputs ?? [],
    ignore: configuration.ignore ?? [],
    source: configuration.source ?? [],
    keep: configuration.keep ?? [],
    configuredOutputs: configuration.outputs ?? [],
    outputs: outputs.length > 0 ? outputs : (configuration.outputs ?? []),
    environment: [...new Set([...(configuration.environment ?? []), ...environment])].sort(),
    container: containerWords(configuration, container),
    reproduces: null,
  };
}

const units: Readonly<{ [unit: string]: number }> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `90s`, `1.5h`, `2h30m`; a bare number is seconds, as for timeout(1). @throws Problem USAGE */
export function parseDuration(text: string): number {
  const parts = /^\d+(?:\.\d+)?$/.test(text)
    ? [[text, text, 's']]
    : [...text.matchAll(/(\d+(?:\.\d+)?)(ms|min|s|m|h|d)/g)];
  const whole = parts.map(part => part[0]).join('') === text && parts.length > 0;
  const milliseconds = parts.reduce((sum, part) => sum + Number(part[1]) * units[part[2]!]!, 0);
  if (!whole || milliseconds <= 0 || milliseconds > 2 ** 31 - 1) {
    throw new Problem('USAGE', `${JSON.stringify(text)} is no duration: write 90s, 15m, 2h or 1h30m (at most 24 days)`);
  }
  return milliseconds;
}
