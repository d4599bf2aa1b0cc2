import { resolve } from 'node:path';
import { limitsOf } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import { redactionOf } from '../../domain/redaction.ts';
import { wantedPlace } from '../../flows/reproduce/recorded-container.ts';
import type { OtherInput } from '../../flows/reproduce/recorded-inputs.ts';
import { type Reproduction, reproduceRecord, type Wanted } from '../../flows/reproduce-record.ts';
import { workFolder } from '../../machine/files/working-directory.ts';
import { ofNoRepository, userGit } from '../../machine/git/user-git.ts';
import { heartbeatFolder } from '../../machine/process/heartbeat.ts';
import type { Checkout } from './checkout.ts';
import { type ChosenMethod, choose, type MadeComparison, reportOn } from './comparison.ts';
import { type ConcludedRun, concludeRun } from './conclude.ts';
import { engineOf } from './engines.ts';
import { withGitSettings } from './git-settings.ts';
import { originOf, projectWords, settleDeadRuns, type TakenRun } from './record.ts';
import { recordKeeping } from './record-keeping.ts';
import { secretsOf } from './secrets.ts';
import { shownOutput } from './shown-output.ts';
import { simulationEnvironment } from './simulation-environment.ts';
import type { Step } from './step.ts';
import { reproducedSummary } from './summary.ts';
import { findTarget, findWatched, type Target } from './target.ts';
import { annotate, giveOutputs, summarize } from './tell-runs.ts';
import { sentenceOf } from './told.ts';

/** What came of a record that was to be reproduced: a run, or why there was none. */
interface Tried {
  readonly id: string;
  readonly concluded: ConcludedRun | null;
  readonly refused: string | null;
}

/**
 * Runs recorded runs again, each from its own source and inputs and in its own container, records that, and compares.
 * @param word a record's id, `latest`, or `agreed`: as many as `limit` says of those whose owners agreed on them
 * @returns the step's exit code: of one, the simulation's own
 * @throws Problem where the one cannot be run
 */
export async function reproduce(step: Step, checkout: Checkout, word: string): Promise<number> {
  const wanted = wantedOf(step);
  const chosen = await choose(step, checkout);
  await settleDeadRuns(step, checkout, secretsOf(step.inputs, [], step.environment));
  const again = async (record: string) => {
    const target = await findTarget(step, record, null);
    if (target === null) throw new Problem('NOT_FOUND', 'there is no finished record yet that could be reproduced.');
    return reproduceOne(step, checkout, target, wanted, chosen);
  };
  if (word === 'agreed') return reproduceMany(step, await findWatched(step), again);
  const concluded = await again(word);
  giveOutputs(step, [concluded]);
  annotate(step, concluded);
  summarize(step, concluded);
  return concluded.run.exitCode !== 0 ? concluded.run.exitCode : concluded.failures.length > 0 ? 1 : 0;
}

/** One after the other. What cannot be run counts for nothing, and stops nobody else. */
async function reproduceMany(
  step: Step,
  watched: readonly string[],
  again: (id: string) => Promise<ConcludedRun>,
): Promise<number> {
  const { inputs, log, runner } = step;
  const tried: Tried[] = [];
  const runs = () => tried.flatMap(({ concluded }) => (concluded === null ? [] : [concluded]));
  for (const id of watched) {
    try {
      const concluded = await again(id);
      tried.push({ id, concluded, refused: null });
      annotate(step, concluded, `${id}: `);
      if (concluded.run.record.status === 'cancelled') break;
    } catch (cause) {
      const refused = sentenceOf(cause);
      tried.push({ id, concluded: null, refused });
      log.endOutput();
      log.annotate({ level: 'error', title: 'Corroborate', message: `${id} could not be reproduced: ${refused}` });
    }
    if (runs().length >= inputs.limit) break;
  }
  if (watched.length === 0) {
    const message = 'There is no agreed record yet that could be reproduced.';
    log.annotate({ level: 'notice', title: 'Corroborate', message });
  }
  giveOutputs(step, runs());
  const rows = tried.map(({ id, concluded, refused }) => ({
    original: id,
    status: concluded?.run.record.status ?? null,
    assessment: concluded?.made?.comparison.assessment ?? null,
    record: concluded?.run.record.id ?? null,
    folder: concluded?.links?.folder ?? null,
    request: concluded?.request?.url ?? null,
    refused: refused === null ? null : log.hidden(refused),
  }));
  runner.summary(reproducedSummary(rows, watched.length));
  for (const concluded of runs()) summarize(step, concluded, tried.length + 1);
  const isFine = ({ concluded }: Tried) =>
    concluded !== null && concluded.run.exitCode === 0 && concluded.failures.length === 0;
  return tried.every(isFine) ? 0 : 1;
}

async function reproduceOne(
  step: Step,
  checkout: Checkout,
  target: Target,
  wanted: Omit<Wanted, 'method' | 'options'>,
  chosen: ChosenMethod,
): Promise<ConcludedRun> {
  const { inputs, context, hub, environment, log, chance } = step;
  const { git, repository, configuration } = checkout;
  const { record } = target;
  const secrets = secretsOf(inputs, Object.keys(record.program.environment), environment);
  log.hide(secrets);
  const shown = shownOutput(redactionOf(secrets), log.print);
  const project = projectWords(context, configuration);
  const own = ofNoRepository(environment);
  log.beginOutput(`reproducing ${record.id}`);
  try {
    const reproduction = await reproduceRecord(
      {
        git,
        gitAt: folder => userGit(folder, fetching(step, own)),
        repository,
        store: hub.store(context.repository),
        originals: target.store,
        owner: context.actor,
        limits: limitsOf(configuration),
        project,
        origin: originOf(context),
        environment: ofNoRepository(simulationEnvironment(environment)),
        folder: context.workspace,
        temporaryFolder: context.temporary,
        cacheFolder: null,
        secrets,
        checkpoints: inputs.checkpoints,
        keeping: recordKeeping(context, project),
        print: shown.print,
        engine: engineOf(step),
        chance,
        say: log.say,
        progress: () => {},
        runsFolder: heartbeatFolder(repository.commonDir),
        workFolder: workFolder(repository.commonDir),
        configuration,
        interactive: false,
      },
      record.id,
      { ...wanted, method: chosen.method, options: chosen.observed },
    );
    const run = takenFrom(reproduction);
    return await concludeRun(step, run, chosen, () => compared(reproduction, run, target, chosen));
  } finally {
    await shown.end();
    log.endOutput();
  }
}

async function compared(
  { compared: found, because }: Reproduction,
  run: TakenRun,
  target: Target,
  chosen: ChosenMethod,
): Promise<MadeComparison | string> {
  return found === null ? `Nothing was compared: ${because}` : reportOn({ ...found, hint: null }, run, target, chosen);
}

function takenFrom({ record, exitCode, unstored, read, otherwise }: Reproduction): TakenRun {
  return { record, exitCode, kept: unstored, read, otherwise };
}

/**
 * How git gets a recorded commit that the checkout lacks (it is one commit deep): with the token, as actions/checkout
 * does, also where the record names the address for ssh.
 */
function fetching({ context, hub }: Step, environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { server } = context;
  const { host } = new URL(server);
  return withGitSettings(environment, [
    [`http.${server}/.extraheader`, ''],
    [`http.${server}/.extraheader`, `AUTHORIZATION: ${hub.authorization}`],
    [`url.${server}/.insteadOf`, `git@${host}:`],
    [`url.${server}/.insteadOf`, `ssh://git@${host}/`],
  ]);
}

function wantedOf({ inputs, context }: Step): Omit<Wanted, 'method' | 'options'> {
  const { reason, tags, outputs, container } = inputs;
  return {
    inputs: inputs.inputs.map(line => otherInput(line, context.workspace)),
    stdin: null,
    told: { outputs, stdout: null, reason: reason === '' ? null : reason, tags, timeout: null, noStdin: '/dev/null' },
    container: wantedPlace(container),
    archive: null,
  };
}

function otherInput(line: string, workspace: string): OtherInput {
  const at = line.indexOf('=');
  if (at > 0 && at < line.length - 1) return { path: line.slice(0, at), file: resolve(workspace, line.slice(at + 1)) };
  throw new Problem(
    'USAGE',
    `the input \`inputs\` beside \`reproduce\` takes PATH=FILE, FILE in the place of the recorded input PATH, and not ${JSON.stringify(line)}.`,
  );
}
