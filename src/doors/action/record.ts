import { mkdir, writeFile } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { shellWord } from '../../domain/comparison-report/next-steps.ts';
import type { RecordAtom } from '../../domain/generated/shapes.ts';
import { limitsOf } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import { redactionOf } from '../../domain/redaction.ts';
import type { ReadStored } from '../../flows/compare-records.ts';
import { writeRecordFile } from '../../flows/record-file.ts';
import { recordRun } from '../../flows/record-run.ts';
import { recoverRuns } from '../../flows/recover-runs.ts';
import { type RunWords, runWords } from '../../flows/run/run-words.ts';
import type { RecordState } from '../../flows/run/store-state.ts';
import type { ProjectWords } from '../../flows/start-project.ts';
import { heartbeatFolder } from '../../machine/process/heartbeat.ts';
import type { Checkout } from './checkout.ts';
import type { Context } from './context.ts';
import { engineOf } from './engines.ts';
import type { Inputs } from './inputs.ts';
import { problemLines } from './problem-lines.ts';
import { secretsOf } from './secrets.ts';
import { shownOutput } from './shown-output.ts';
import { simulationEnvironment } from './simulation-environment.ts';
import type { Step } from './step.ts';

/** A run that is recorded, on the branch or in a file. */
export interface TakenRun {
  readonly record: RecordAtom;
  /** The simulation's own. */
  readonly exitCode: number;
  readonly kept: { readonly path: string; readonly cause: Problem } | null;
  /** What stands beside the record, by its path on the branch. */
  readonly read: ReadStored;
  /** Of a reproduction: what could not be the same, in sentences. */
  readonly otherwise: readonly string[];
}

/** @throws Problem USAGE where there is nothing to run, or for what is no container */
export function wordsOf(inputs: Inputs, { configuration }: Checkout): RunWords {
  const { command, inputs: globs, outputs, environment, container, reason, tags } = inputs;
  if (command.length + (configuration.command ?? []).length === 0) {
    throw new Problem(
      'USAGE',
      'there is nothing to run: give the input `command`, or `command:` in corroborate.yml at the top of the repository.',
    );
  }
  const rest = { stdin: null, stdout: null, isolate: false, trace: false, json: false, timeout: null };
  return runWords({ command, inputs: globs, outputs, environment, container, reason, tags, ...rest }, configuration);
}

/** Runs the simulation in the checkout, its output in the log, and records that. */
export async function takeRun(step: Step, checkout: Checkout, words: RunWords): Promise<TakenRun> {
  const { inputs, context, hub, environment, log, chance } = step;
  const { git, repository, configuration } = checkout;
  const secrets = secretsOf(inputs, words.environment, environment);
  log.hide(secrets);
  await settleDeadRuns(step, checkout, secrets);
  const redaction = redactionOf(secrets);
  const problems = problemLines(path => pathInside(context.workspace, path));
  const shown = shownOutput(redaction, async lines => {
    problems.read(lines);
    await log.print(lines);
  });
  const project = projectWords(context, configuration);
  const store = hub.store(context.repository);
  let state: RecordState | null = null;
  const taken = async () => {
    try {
      return await recordRun(
        {
          git,
          repository,
          store,
          owner: context.actor,
          limits: limitsOf(configuration),
          project,
          origin: originOf(context),
          environment: simulationEnvironment(environment),
          folder: context.workspace,
          temporaryFolder: context.temporary,
          cacheFolder: null,
          secrets,
          checkpoints: inputs.checkpoints,
          keep: async kept => {
            state = kept;
            return keepRecord(context, kept, project);
          },
          print: shown.print,
          label: null,
          engine: engineOf(step),
          chance,
          say: log.say,
          progress: () => {},
        },
        words,
      );
    } finally {
      await shown.end();
      log.endOutput();
    }
  };
  log.beginOutput(words.command.map(shellWord).join(' '));
  const { record, kept, exitCode } = await taken();
  for (const annotation of problems.found(exitCode !== 0)) log.annotate(annotation);
  return { record, kept, exitCode, read: await readerOf(step, state), otherwise: [] };
}

async function readerOf({ hub, context }: Step, state: RecordState | null): Promise<ReadStored> {
  if (state !== null) {
    const { files } = state;
    return async path => {
      const content = files.get(path);
      return content instanceof Uint8Array ? content : null;
    };
  }
  const tip = (await hub.store(context.repository).tip())!;
  return path => tip.read(path);
}

/** As one file that fits to be an artifact. */
export async function keepRecord(context: Context, state: RecordState, project: ProjectWords): Promise<string> {
  const path = join(context.temporary, `corroborate-${state.draft.id}.record.json`);
  await mkdir(context.temporary, { recursive: true });
  await writeFile(path, await writeRecordFile(state, project));
  return path;
}

/** As the history names a repository. */
export function originOf({ repository: { owner, name } }: Context): string {
  return `${owner}/${name}`;
}

export function projectWords(
  { repository, isPrivate }: Context,
  configuration: Checkout['configuration'],
): ProjectWords {
  return {
    name: configuration.project ?? repository.name,
    description: configuration.description ?? '',
    goals: configuration.goals ?? '',
    private: configuration.private ?? isPrivate ?? false,
  };
}

/** Runs of this checkout whose recorder died, here or in an earlier job of the same machine. */
export async function settleDeadRuns(
  step: Step,
  { git, repository }: Checkout,
  secrets: readonly string[],
): Promise<
  { readonly record: RecordAtom; readonly kept: { readonly path: string; readonly cause: Problem } | null }[]
> {
  const { hub, context, chance, log } = step;
  const kept = new Map<string, { path: string; cause: Problem }>();
  const { settled, left } = await recoverRuns(
    hub.store(context.repository),
    git,
    heartbeatFolder(repository.commonDir),
    chance.now,
    engineOf(step),
    {
      only: repository.topLevel ?? context.workspace,
      secrets,
      keep: async (state, project, cause) => {
        kept.set(state.draft.id, { path: await keepRecord(context, state, project), cause });
      },
    },
  );
  for (const { id, because } of left) log.say(`the run ${id} was left as it is: ${because}`);
  for (const { id } of settled) log.say(`the run ${id}, whose recorder died, was settled as unknown.`);
  return settled.map(record => ({ record, kept: kept.get(record.id) ?? null }));
}

/** The path in the checkout; null for what is not of it, and for what a package manager put there. */
function pathInside(workspace: string, path: string): string | null {
  const inside = isAbsolute(path) ? relative(workspace, path) : path.replace(/^\.\//, '');
  const isOther = inside === '' || inside.startsWith('..') || isAbsolute(inside);
  return isOther || /(?:^|\/)(?:node_modules|site-packages|\.venv|venv)\//.test(inside) ? null : inside;
}
