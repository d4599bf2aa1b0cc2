import { isAbsolute, relative, sep } from 'node:path';
import { shellWord } from '../../domain/comparison-report/next-steps.ts';
import type { RecordAtom } from '../../domain/generated/shapes.ts';
import { limitsOf } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import { redactionOf } from '../../domain/redaction.ts';
import type { ReadStored } from '../../flows/compare-records.ts';
import { recordRun } from '../../flows/record-run.ts';
import { recoverRuns } from '../../flows/recover-runs.ts';
import { type RunWords, runWords } from '../../flows/run/run-words.ts';
import type { RecordState } from '../../flows/run/store-state.ts';
import type { ProjectWords } from '../../flows/start-project.ts';
import { workFolder } from '../../machine/files/working-directory.ts';
import { type Heartbeat, heartbeatFolder } from '../../machine/process/heartbeat.ts';
import type { Checkout } from './checkout.ts';
import type { Context } from './context.ts';
import { engineOf } from './engines.ts';
import type { Inputs } from './inputs.ts';
import { problemLines } from './problem-lines.ts';
import { dropRecord, keptRecord, recordKeeping } from './record-keeping.ts';
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
  const keeping = recordKeeping(context, project);
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
          keeping: {
            ...keeping,
            keep: ended => {
              state = ended;
              return keeping.keep(ended);
            },
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
  return { record, kept, exitCode, read: readerOf(state), otherwise: [] };
}

/** The branch has nothing else. */
function readerOf(state: RecordState | null): ReadStored {
  return async path => {
    const content = state?.files.get(path);
    return content instanceof Uint8Array ? content : null;
  };
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

/** Whether a run worked in this checkout, or in a labelled directory that was made from it. */
export function isOfCheckout({ repository }: Checkout, { top }: Pick<Heartbeat, 'top'>): boolean {
  return top === repository.topLevel || top.startsWith(workFolder(repository.commonDir) + sep);
}

/** Runs of this checkout whose recorder died, here or in an earlier job of the same machine. */
export async function settleDeadRuns(
  step: Step,
  checkout: Checkout,
  secrets: readonly string[],
): Promise<
  { readonly record: RecordAtom; readonly kept: { readonly path: string; readonly cause: Problem } | null }[]
> {
  const { hub, context, chance, log } = step;
  const { git, repository } = checkout;
  const kept = new Map<string, { path: string; cause: Problem }>();
  const { settled, left } = await recoverRuns(
    hub.store(context.repository),
    git,
    heartbeatFolder(repository.commonDir),
    chance.now,
    engineOf(step),
    {
      only: run => isOfCheckout(checkout, run),
      secrets,
      ended: id => keptRecord(context, id),
      keep: async (state, project, cause) => {
        const path = await recordKeeping(context, project).keep(state);
        kept.set(state.draft.id, { path, cause });
      },
    },
  );
  for (const { id, because } of left) log.say(`the run ${id} was left as it is: ${because}`);
  for (const record of settled) {
    const { id, status } = record;
    if (!kept.has(id)) await dropRecord(context, id);
    const what = status === 'unknown' ? 'was settled as unknown' : `had ended (${status}), and was stored`;
    log.say(`the run ${id}, whose recorder died, ${what}.`);
  }
  return settled.map(record => ({ record, kept: kept.get(record.id) ?? null }));
}

/** The path in the checkout; null for what is not of it, and for what a package manager put there. */
function pathInside(workspace: string, path: string): string | null {
  const inside = isAbsolute(path) ? relative(workspace, path) : path.replace(/^\.\//, '');
  const isOther = inside === '' || inside.startsWith('..') || isAbsolute(inside);
  return isOther || /(?:^|\/)(?:node_modules|site-packages|\.venv|venv)\//.test(inside) ? null : inside;
}
