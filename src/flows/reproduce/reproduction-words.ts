import type { Configuration, RecordAtom } from '../../domain/generated/shapes.ts';
import { Problem } from '../../domain/problem.ts';
import { isSecretVariable } from '../../domain/secret-name.ts';
import type { ContainerWords } from '../container/container-words.ts';
import type { RunWords } from '../run/run-words.ts';
import type { RecordedInputs } from './recorded-inputs.ts';

/** What a record does not tell of how it was run, so that it may be said. */
export interface ToldOfRun {
  /** `--output`: where its outputs are looked for. */
  readonly outputs: readonly string[];
  /** `--stdout FILE`, relative to the folder that it runs in. */
  readonly stdout: string | null;
  readonly reason: string | null;
  readonly tags: readonly string[];
  /** Milliseconds. */
  readonly timeout: number | null;
  /** Standard input, where the record has none: `/dev/null`, or null for our own. */
  readonly noStdin: string | null;
}

/** A recorded run as it would be told to `run`. */
export function reproductionWords(
  record: RecordAtom,
  configuration: Configuration,
  present: Configuration,
  inputs: RecordedInputs,
  container: ContainerWords | null,
  told: ToldOfRun,
): RunWords {
  const { program } = record;
  const { outputs: configuredOutputs = [] } = configuration;
  return {
    command: program.command,
    asked: inputs.asked,
    configured: configuration.inputs ?? [],
    ignore: configuration.ignore ?? [],
    source: configuration.source ?? [],
    // What is stored on the user's branch is his to say.
    keep: present.keep ?? [],
    configuredOutputs,
    outputs: told.outputs.length > 0 ? told.outputs : configuredOutputs,
    environment: Object.keys(program.environment).sort(),
    stdin: inputs.stdin ?? told.noStdin,
    stdout: told.stdout,
    reason: told.reason ?? `to reproduce ${record.id}`,
    tags: told.tags,
    isolate: false,
    trace: false,
    // Its stdout is for the comparison.
    json: true,
    timeout: told.timeout,
    container,
    reproduces: record.id,
  };
}

/**
 * The environment of the run: the present one, with the recorded values of the variables that were asked for. Those of
 * secrets are nowhere recorded, so they must be set here.
 * @throws Problem NOT_FOUND naming the secrets that are not
 */
export function reproductionEnvironment(
  record: RecordAtom,
  present: NodeJS.ProcessEnv,
): { environment: NodeJS.ProcessEnv; notes: string[] } {
  const environment = { ...present };
  const notes: string[] = [];
  const missing: string[] = [];
  for (const [name, value] of Object.entries(record.program.environment)) {
    if (value === null || value === undefined) delete environment[name];
    else if (value !== '***' || !isSecretVariable(name)) environment[name] = value;
    else if (environment[name] === undefined) missing.push(name);
    else notes.push(`the value of ${name} is the one set here: the record keeps no secrets`);
  }
  if (missing.length > 0) {
    throw new Problem(
      'NOT_FOUND',
      `${record.id} cannot be run without ${missing.join(', ')}: it ran with ${missing.length === 1 ? 'a value that is a secret' : 'values that are secrets'} and so stand${missing.length === 1 ? 's' : ''} in no record. Set ${missing.length === 1 ? 'it' : 'them'} (export ${missing[0]}=…) and try again.`,
    );
  }
  return { environment, notes };
}
