import { mkdtempSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Problem } from '../../domain/problem.ts';
import { makeRecordId } from '../../domain/record-id.ts';
import { redactionOf, secretsAmong } from '../../domain/redaction.ts';
import { type DependencyProbing, probeDependencies } from '../../machine/dependencies/probe-dependencies.ts';
import { whyNotTraced } from '../../machine/dependencies/trace.ts';
import type { CapturedFile } from '../../machine/files/captured-file.ts';
import { askClocks } from '../../machine/files/file-clock.ts';
import { findInputs, type Inputs } from '../../machine/files/inputs.ts';
import { workFolder } from '../../machine/files/working-directory.ts';
import { requireCommit, requireWorkingTree } from '../../machine/git/repository.ts';
import { type Executable, resolveExecutable } from '../../machine/process/executable.ts';
import { type Beating, heartbeatFolder, heartbeatPath, ownHeartbeat } from '../../machine/process/heartbeat.ts';
import { planStreamPipes } from '../../machine/process/named-pipes.ts';
import { thisHost } from '../../machine/process/this-host.ts';
import { captureSource, type SourceCapture } from '../../machine/source/capture-source.ts';
import { checkoutSource } from '../../machine/source/checkout-source.ts';
import { readProject, requireRecords } from '../branch-documents.ts';
import { clockPlaces, type PreparedRun } from './going-run.ts';
import { containerName, noProbing, unresolved } from './inside-run.ts';
import { recordedVariables } from './recorded-variables.ts';
import type { RunWords } from './run-words.ts';
import type { RunWorld } from './run-world.ts';
import { takeTurn } from './take-turn.ts';

/**
 * Everything that must be known before a run starts, all at once, since the user waits for it.
 * @param leavings takes the path of whatever would be left behind, should we be told to stop before the run starts
 * @throws Problem where it cannot start; then nothing is left behind
 */
export async function prepareRun(world: RunWorld, words: RunWords, leavings: string[]): Promise<PreparedRun> {
  const { repository, chance } = world;
  const userTop = requireWorkingTree(repository);
  requireCommit(repository);
  const executable =
    words.container === null
      ? resolveExecutable(words.command, world.folder, world.environment.PATH)
      : unresolved(words.command);
  if (words.trace) {
    const why = await whyNotTraced(world.environment);
    if (why !== null) throw new Problem('UNSUPPORTED', why);
  }
  const created = world.label?.created ?? chance.now();
  const id = world.label?.id ?? makeRecordId(created, chance.randomBytes(5));
  const isolated = words.isolate ? join(workFolder(repository.commonDir), id) : null;
  const top = isolated ?? userTop;
  const cwd = resolve(top, repository.prefix);
  const runsFolder = world.label?.runsFolder ?? heartbeatFolder(repository.commonDir);
  const scratch = scratchFolder(world.temporaryFolder);
  leavings.push(scratch, heartbeatPath(runsFolder, id), ...(isolated === null && world.label === null ? [] : [top]));
  const place = { id, created, top, cwd, scratch, executable };
  const clocks = isolated === null ? askClocks(clockPlaces({ top, runsFolder, words })) : null;
  const pipes = planStreamPipes(scratch, {
    ...words,
    cwd,
    environment: world.environment,
    stdin: stdinFile(world, words),
    toEngine: words.container !== null,
  });
  // What waits for others longest goes first: the disk, then processes.
  const parts = await Promise.allSettled([
    begins(world, words, runsFolder, place),
    captureSource(world.git, repository, {
      globs: words.source,
      startedAt: created,
      temporaryFolder: scratch,
      beside: pipes.words,
    }),
    projectName(world),
    words.container === null ? probes(world, words, place) : noProbing,
    findInputs(inputQuery(world, words, userTop)),
  ] as const);
  const [beating, capture, project, probing, inputs] = parts;
  try {
    const source = fulfilled(capture);
    const found = isolated === null ? fulfilled(inputs) : await isolate(source, fulfilled(inputs), isolated);
    return {
      world,
      words,
      ...place,
      isolated,
      capture: source,
      inputs: found,
      project: fulfilled(project),
      redaction: redactionOf([...world.secrets, ...secretsAmong(words.environment, world.environment)]),
      variables: recordedVariables(words.environment, world.environment),
      runsFolder,
      beating: fulfilled(beating),
      probing: fulfilled(probing),
      pipes: pipes.made(),
      clocks,
      inside: null,
    };
  } catch (cause) {
    clocks?.close();
    if (beating.status === 'fulfilled') await beating.value.end();
    if (capture.status === 'fulfilled') await capture.value.release();
    await rm(scratch, { recursive: true, force: true });
    if (isolated !== null) await rm(isolated, { recursive: true, force: true });
    throw cause;
  }
}

/** @throws Problem NO_SPACE or READ_ONLY where the temporary folder takes nothing */
function scratchFolder(temporaryFolder: string): string {
  try {
    return mkdtempSync(join(temporaryFolder, 'corroborate-'));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const full = code === 'ENOSPC' || code === 'EDQUOT';
    throw new Problem(
      full ? 'NO_SPACE' : 'READ_ONLY',
      `nothing can be put into the temporary folder ${temporaryFolder}: ${message}. ${full ? 'Make room there' : 'Make it writable'}, or name another in TMPDIR.`,
      { cause },
    );
  }
}

interface Place {
  readonly id: string;
  readonly created: Date;
  readonly top: string;
  readonly cwd: string;
  readonly scratch: string;
  readonly executable: Executable;
}

function fulfilled<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

function inputQuery(world: RunWorld, words: RunWords, top: string) {
  return {
    top,
    cwd: world.folder,
    command: words.command,
    asked: words.asked,
    configured: words.configured,
    outputs: words.outputs,
    limits: world.limits,
    keep: words.keep,
    progress: ({ doing, files }: { doing: string; files: number }) => world.progress(doing, files, null),
  };
}

/** `--stdin FILE` is meant from where the command was called, not from the run's own directory. */
export function stdinFile({ folder }: RunWorld, { stdin }: RunWords): string | null {
  return stdin === null ? null : resolve(folder, stdin);
}

/** The branch is looked at before the run, so that one that is something else is said before hours of work. */
async function projectName({ store, project }: RunWorld): Promise<string> {
  const tip = await store.tip();
  if (!tip) return project.name;
  await requireRecords(tip, store.branch);
  return (await readProject(tip)).name;
}

async function begins(
  world: RunWorld,
  words: RunWords,
  runsFolder: string,
  { id, created, top, cwd }: Place,
): Promise<Beating> {
  // Nobody else works in its directory.
  if (world.label !== null) return world.label.beating;
  const host = await thisHost();
  const run = {
    id,
    // Before there is one: whatever becomes of us, `recover` finds it.
    container: words.container && { system: words.container.system, name: containerName(id) },
    top,
    cwd,
    started: created.toISOString(),
    outputs: [...words.outputs],
  };
  return takeTurn(runsFolder, await ownHeartbeat(run, host), host, world.chance.now);
}

async function probes(
  world: RunWorld,
  words: RunWords,
  { top, cwd, scratch, executable }: Place,
): Promise<DependencyProbing> {
  const folder = join(scratch, 'probes');
  await mkdir(folder);
  const cache = world.cacheFolder === null ? {} : { cache: world.cacheFolder };
  const { command } = words;
  const { environment } = world;
  const wrapped = words.trace;
  return probeDependencies({
    command,
    executable: executable.path,
    cwd,
    worktree: top,
    environment,
    wrapped,
    folder,
    ...cache,
  });
}

/** A labelled working directory of its own (the paper, p. 190) with the source and the inputs, outside of everybody's tree. */
async function isolate(source: SourceCapture, inputs: Inputs, folder: string): Promise<Inputs> {
  const inside = inputs.files.filter(file => !isExternal(file));
  await mkdir(folder, { recursive: true });
  await checkoutSource(
    source,
    folder,
    inside.map(file => file.path),
  );
  return {
    ...inputs,
    files: inputs.files.map(file => (isExternal(file) ? file : { ...file, where: join(folder, file.path) })),
  };
}

function isExternal(file: CapturedFile): boolean {
  return file.path.startsWith('external/');
}
