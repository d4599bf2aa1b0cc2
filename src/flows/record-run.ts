import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { inputPath, logPath, outputPath, patchPath } from '../domain/branch-layout.ts';
import type { RecordAtom } from '../domain/generated/shapes.ts';
import { compileGlobs, literalPrefix } from '../domain/globs.ts';
import { logLimit } from '../domain/limits.ts';
import { Problem, type ProblemCode } from '../domain/problem.ts';
import { makeRecordId } from '../domain/record-id.ts';
import { type DependencyProbing, probeDependencies, sorted } from '../machine/dependencies/probe-dependencies.ts';
import { readTrace, traceCommand, whyNotTraced } from '../machine/dependencies/trace.ts';
import type { CapturedFile } from '../machine/files/captured-file.ts';
import { digestFile } from '../machine/files/digest.ts';
import { markStart, type StartMark, settleMark } from '../machine/files/file-clock.ts';
import { findInputs, type Inputs, settleInputs } from '../machine/files/inputs.ts';
import { findOutputs } from '../machine/files/outputs.ts';
import { recordFiles } from '../machine/files/recorded-files.ts';
import { requireCommit, requireWorkingTree } from '../machine/git/repository.ts';
import { type Executable, resolveExecutable } from '../machine/process/executable.ts';
import { exitStatus, statusOf } from '../machine/process/exit-status.ts';
import { type Beating, heartbeatFolder } from '../machine/process/heartbeat.ts';
import { processStart } from '../machine/process/process-table.ts';
import { type Outcome, type Running, startSimulation } from '../machine/process/simulation.ts';
import { thisHost } from '../machine/process/this-host.ts';
import { captureSource, type SourceCapture } from '../machine/source/capture-source.ts';
import { checkoutSource } from '../machine/source/checkout-source.ts';
import { finishSource, type Source } from '../machine/source/finish-source.ts';
import { describeSystem } from '../machine/system.ts';
import type { Content } from '../store/record-store.ts';
import { readProject, requireRecords } from './branch-documents.ts';
import { recordedVariables } from './run/recorded-variables.ts';
import { removeRecovery, writeRecovery } from './run/recovery-file.ts';
import type { RunWords } from './run/run-words.ts';
import type { RunWorld } from './run/run-world.ts';
import { ensureBranch, type RecordDraft, storeState } from './run/store-state.ts';
import { takeTurn } from './run/take-turn.ts';
import { sortTrace } from './run/trace-files.ts';

export interface RecordedRun {
  readonly record: RecordAtom;
  /** What `run` exits with. */
  readonly exitCode: number;
  /** The working directory of its own, where it had one. */
  readonly isolated: string | null;
}

/** Milliseconds between asking a simulation to stop and making it. */
const grace = 10_000;

/**
 * Runs a command and records the run (design, sections 3, 4 and 8): the source as it is on disk, inputs, outputs,
 * dependencies, machine; committed when it starts, at each change of its state, and when it ends.
 * @throws Problem before anything ran: COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE, NO_COMMIT, BUSY, NOT_FOUND (an input), …;
 *   after it ran only where the record cannot be stored, and then `corroborate recover` settles it
 */
export async function recordRun(world: RunWorld, words: RunWords): Promise<RecordedRun> {
  const run = await prepare(world, words);
  try {
    await begin(run);
    const outcome = await run.running!.done;
    const record = await settle(run, outcome);
    await run.beating!.end();
    await removeRecovery(run.runsFolder, run.id);
    return { record, exitCode: exitStatus(outcome), isolated: run.isolated };
  } catch (cause) {
    // Before the simulation started nothing is left behind; afterwards the heartbeat is what `recover` goes by.
    if (!run.running) {
      await run.beating?.end();
      await removeRecovery(run.runsFolder, run.id);
      if (run.isolated) await rm(run.isolated, { recursive: true, force: true });
    }
    throw cause;
  } finally {
    run.running?.release();
    await Promise.all([run.capture.release(), rm(run.scratch, { recursive: true, force: true })]);
  }
}

/** Everything about one run that is known before it starts, and the handles that it holds. */
interface Run {
  readonly world: RunWorld;
  readonly words: RunWords;
  readonly id: string;
  readonly created: Date;
  /** Where the run works: the working tree's top, or its own labelled directory. */
  readonly top: string;
  readonly cwd: string;
  readonly isolated: string | null;
  readonly executable: Executable;
  readonly capture: SourceCapture;
  readonly inputs: Inputs;
  readonly project: string;
  readonly system: RecordAtom['system'];
  readonly variables: { readonly recorded: RecordAtom['program']['environment']; readonly notes: readonly string[] };
  readonly runsFolder: string;
  /** For what is needed only while it goes on. */
  readonly scratch: string;
  mark?: StartMark;
  running?: Running;
  beating?: Beating;
  probing?: DependencyProbing;
  /** States are committed one after the other. */
  stored?: Promise<unknown>;
}

async function prepare(world: RunWorld, words: RunWords): Promise<Run> {
  const { repository, git, store, chance } = world;
  const userTop = requireWorkingTree(repository);
  requireCommit(repository);
  const executable = resolveExecutable(words.command, world.folder, world.environment.PATH);
  if (words.trace) {
    const why = await whyNotTraced(world.environment);
    if (why !== null) throw new Problem('UNSUPPORTED', why);
  }
  const created = chance.now();
  const id = makeRecordId(created, chance.randomBytes(5));
  const inputQuery = {
    top: userTop,
    cwd: world.folder,
    command: words.command,
    asked: words.asked,
    configured: words.configured,
    outputs: words.outputs,
    limits: world.limits,
    keep: words.keep,
    progress: ({ doing, files }: { doing: string; files: number }) => world.progress(doing, files, null),
  };
  const project = store.tip().then(async tip => {
    if (!tip) return world.project.name;
    await requireRecords(tip, store.branch);
    return (await readProject(tip)).name;
  });
  const reads = await Promise.allSettled([
    captureSource(git, repository, { globs: words.source, startedAt: created }),
    findInputs(inputQuery),
    project,
    describeSystem(world.environment),
  ] as const);
  const capture = reads[0].status === 'fulfilled' ? reads[0].value : null;
  try {
    const [source, found, name, system] = [
      fulfilled(reads[0]),
      fulfilled(reads[1]),
      fulfilled(reads[2]),
      fulfilled(reads[3]),
    ];
    const isolated = words.isolate ? isolatedFolder(repository.commonDir, id) : null;
    const top = isolated ?? userTop;
    if (isolated !== null) {
      await mkdir(isolated, { recursive: true });
      const own = found.files.filter(file => !file.path.startsWith('external/')).map(file => file.path);
      await checkoutSource(source, isolated, own);
    }
    return {
      world,
      words,
      id,
      created,
      top,
      cwd: resolve(top, repository.prefix),
      isolated,
      executable,
      capture: source,
      inputs: isolated === null ? found : { ...found, files: found.files.map(file => moved(file, isolated)) },
      project: name,
      system,
      variables: recordedVariables(words.environment, world.environment),
      runsFolder: heartbeatFolder(repository.commonDir),
      scratch: await mkdtemp(join(world.temporaryFolder, 'corroborate-')),
    };
  } catch (cause) {
    await capture?.release();
    throw cause;
  }
}

function fulfilled<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

/** An input as it stands in the run's own directory. */
function moved(file: CapturedFile, folder: string): CapturedFile {
  return file.path.startsWith('external/') ? file : { ...file, where: join(folder, file.path) };
}

/** A labelled working directory (the paper, p. 190), outside of everybody's working tree. */
function isolatedFolder(commonDir: string, id: string): string {
  return join(commonDir, 'corroborate', 'work', id);
}

/** Takes its turn, starts the simulation, and only then does what can be done beside it. */
async function begin(run: Run): Promise<void> {
  const { world, words, id, created, top, cwd, scratch } = run;
  const host = await thisHost();
  const recorder = { pid: process.pid, start: await processStart(process.pid) };
  const heartbeat = {
    id,
    host,
    recorder,
    simulation: null,
    top,
    cwd,
    started: created.toISOString(),
    outputs: [...words.outputs],
    paused: false,
  };
  const probed = {
    command: words.command,
    executable: run.executable.path,
    cwd,
    worktree: top,
    environment: world.environment,
    folder: join(scratch, 'probes'),
  };
  await mkdir(probed.folder);
  const [beating, probing] = await Promise.all([
    takeTurn(run.runsFolder, heartbeat, host, world.chance.now),
    probeDependencies(probed),
  ]);
  run.beating = beating;
  run.probing = probing;
  const places = [top, run.runsFolder, ...words.outputs.map(glob => join(top, literalPrefix(glob)))];
  run.mark = await markStart(places);
  run.running = await startSimulation({
    command: words.trace ? traceCommand(words.command, traceFile(run)) : words.command,
    cwd,
    environment: { ...world.environment, ...probing.environment },
    stdin: words.stdin === null ? null : resolve(world.folder, words.stdin),
    stdout: words.stdout,
    json: words.json,
    timeout: words.timeout,
    grace,
    logLimit,
    temporaryFolder: scratch,
    now: world.chance.now,
    onState: state => changeState(run, state),
  });
  probing.started(run.running.pid);
  const simulation = { pid: run.running.pid, start: run.running.processStart };
  // What goes wrong here is told at the end: the simulation is running.
  run.stored = beating.update({ simulation }).then(() => storeStart(run));
  run.stored.catch(() => {});
}

function traceFile(run: Run): string {
  return join(run.scratch, 'trace');
}

/** The record of a run that is going on: what only its end can show is empty. */
async function startDraft(run: Run): Promise<{ draft: RecordDraft; source: Source }> {
  const { world, words, capture } = run;
  const inputs = run.inputs.files;
  const source = await finishSource(capture, { excluded: excludedFrom(run, inputs, []) });
  const { running } = run;
  const draft: RecordDraft = {
    id: run.id,
    created: run.created.toISOString(),
    updated: world.chance.now().toISOString(),
    owner: world.owner,
    project: run.project,
    reproduces: words.reproduces,
    status: 'started',
    program: {
      command: [...words.command],
      executable: await describeExecutable(run.executable),
      version_control: versionControl(world, source.dirty),
      source: source.source,
      exit_code: null,
      signal: null,
      started: running!.started.toISOString(),
      finished: null,
      duration_seconds: null,
      cpu_seconds: null,
      peak_memory_bytes: null,
      environment: run.variables.recorded,
      stdin: null,
      reason: words.reason,
      tags: [...words.tags],
    },
    // Contents come with the final state: which of them fit is known when the outputs are.
    inputs: inputs.map(({ path, sha256, size }) => ({ path, sha256, size, stored: false })),
    outputs: [],
    dependencies: [],
    system: run.system,
    notes: [],
  };
  return { draft, source };
}

async function storeStart(run: Run): Promise<RecordAtom> {
  const { world, words } = run;
  const { draft, source } = await startDraft(run);
  await writeRecovery(run.runsFolder, {
    draft,
    project: world.project,
    mark: run.mark!,
    top: run.top,
    outputs: words.outputs,
    ignore: words.ignore,
    keep: words.keep,
    limits: world.limits,
    patch: source.patch?.toString('base64') ?? null,
  });
  await ensureBranch(world.store, world.project, draft, run.created);
  return storeState(world.store, draft, new Map(), 'started', world.chance.now(), () => commitDate(run));
}

/** `paused` and `started` again, each committed before Corroborate itself stops. */
function changeState(run: Run, status: 'paused' | 'started'): Promise<void> {
  const change = (run.stored ?? Promise.resolve()).then(async () => {
    const { draft } = await startDraft(run);
    await run.beating?.update({ paused: status === 'paused' });
    await storeState(
      run.world.store,
      { ...draft, status },
      new Map(),
      status === 'paused' ? 'paused' : 'continued',
      run.world.chance.now(),
      () => commitDate(run),
    );
  });
  run.stored = change;
  change.catch(() => {});
  return change;
}

/** @throws Problem that names the run and how to settle it, where the machine does not let it be recorded */
async function settle(run: Run, outcome: Outcome): Promise<RecordAtom> {
  try {
    return await storeEnd(run, outcome);
  } catch (cause) {
    const code = cause instanceof Problem ? cause.code : diskCodes[(cause as NodeJS.ErrnoException).code ?? ''];
    if (!code) throw cause;
    const said = (cause as Error).message.replace(/[^.!?]$/, '$&.');
    throw new Problem(
      code,
      `the run ${run.id} ended (${describe(statusOf(outcome), outcome)}), but could not be stored: ${said} Then \`corroborate recover\` settles it with the outputs that are there.`,
      { cause },
    );
  }
}

/** What the file system says when it does not take what is written. */
const diskCodes: Readonly<{ [code: string]: ProblemCode }> = {
  ENOSPC: 'NO_SPACE',
  EDQUOT: 'NO_SPACE',
  EROFS: 'READ_ONLY',
  EACCES: 'READ_ONLY',
  EPERM: 'READ_ONLY',
};

/** Everything that the run's end shows, and the final commit. */
async function storeEnd(run: Run, outcome: Outcome): Promise<RecordAtom> {
  const { world, words, capture, top } = run;
  const tracked = new Set(capture.tracked.map(({ path }) => Buffer.from(path, 'latin1').toString('utf8')));
  const [probed, outputs, executable, started] = await Promise.all([
    run.probing!.finish(),
    findOutputs({
      top,
      mark: settleMark(run.mark!),
      declared: words.outputs,
      ignore: words.ignore,
      inputs: run.inputs.files,
      limits: world.limits,
      keep: words.keep,
      isTracked: path => tracked.has(path),
      progress: ({ doing, files }) => world.progress(doing, files, null),
    }),
    describeExecutable(run.executable),
    run.stored?.then(
      () => null,
      (cause: unknown) => cause,
    ),
  ]);
  const traced = words.trace ? await sortTrace(await readTrace(traceFile(run), run.cwd), top, world.environment) : null;
  const read = traced ? await tracedInputs(run, traced.inputs, tracked) : { files: [], notes: [] };
  const inputs = await settleInputs(run.inputs, outputs.files);
  const allInputs = [...inputs.files, ...read.files].sort((one, other) => (one.path < other.path ? -1 : 1));
  const stdoutOutput = outputs.files.length === 0 ? await stdoutFile(outcome) : null;
  const outputFiles = stdoutOutput ? [stdoutOutput] : outputs.files;
  const source = await finishSource(capture, {
    excluded: excludedFrom(run, allInputs, outputs.files),
    loaded: [...probed.loaded, ...(traced?.loaded ?? [])].map(file => inUserTree(run, file)),
  });
  const files = recordFiles(allInputs, outputFiles, world.limits, words.keep);
  const exact = probed.usage !== null && !words.trace;
  const status = statusOf(outcome);
  const finished = world.chance.now();
  const draft: RecordDraft = {
    id: run.id,
    created: run.created.toISOString(),
    updated: finished.toISOString(),
    owner: world.owner,
    project: run.project,
    reproduces: words.reproduces,
    status,
    program: {
      command: [...words.command],
      executable,
      version_control: versionControl(world, source.dirty),
      source: source.source,
      exit_code: outcome.exitCode,
      signal: outcome.signal,
      started: outcome.started.toISOString(),
      finished: outcome.finished.toISOString(),
      duration_seconds: outcome.durationSeconds,
      cpu_seconds: exact ? round(probed.usage!.cpuSeconds) : outcome.resources.cpuSeconds,
      peak_memory_bytes:
        exact && probed.usage!.peakMemoryBytes !== null
          ? probed.usage!.peakMemoryBytes
          : outcome.resources.peakMemoryBytes,
      environment: run.variables.recorded,
      stdin: outcome.stdin ? { sha256: outcome.stdin.sha256, size: outcome.stdin.size } : null,
      reason: words.reason,
      tags: [...words.tags],
    },
    inputs: files.inputs,
    outputs: files.outputs,
    dependencies: sorted([...probed.dependencies, ...(traced?.dependencies ?? [])]),
    system: run.system,
    notes: [
      ...inputs.notes,
      ...run.variables.notes,
      ...outcome.notes,
      ...(exact ? [] : outcome.resources.notes),
      ...outputs.notes,
      ...read.notes,
      ...source.notes,
      ...probed.notes,
      ...(traced?.notes ?? []),
      ...(run.isolated ? [`it ran in a working directory of its own, ${run.isolated}`] : []),
      ...(started instanceof Error ? [`its start could not be recorded: ${started.message}`] : []),
    ].map(note => note.slice(0, 60_000)),
  };
  const contents = new Map<string, Content>();
  for (const [path, bytes] of files.inputContents) contents.set(inputPath(run.id, path), bytes);
  for (const [path, bytes] of files.outputContents) contents.set(outputPath(run.id, path), bytes);
  if (outcome.log.length > 0) contents.set(logPath(run.id), outcome.log);
  if (source.patch) contents.set(patchPath(run.id), source.patch);
  await ensureBranch(world.store, world.project, draft, run.created);
  const what = describe(status, outcome);
  return storeState(world.store, draft, contents, what, finished, () => commitDate(run));
}

function describe(status: RecordAtom['status'], outcome: Outcome): string {
  if (outcome.cancelled)
    return `cancelled by ${outcome.cancelled.by === 'timeout' ? 'its timeout' : outcome.cancelled.signal}`;
  if (outcome.signal) return `${status} by ${outcome.signal}`;
  return outcome.exitCode === 0 ? status : `${status} with exit code ${outcome.exitCode}`;
}

/** What is no source (design, section 4): what the configured globs match, and this run's own inputs and outputs. */
function excludedFrom(
  { words }: Run,
  inputs: readonly { readonly path: string }[],
  outputs: readonly { readonly path: string }[],
): (path: string) => boolean {
  const globs = compileGlobs(
    [...words.configured, ...words.configuredOutputs, ...words.ignore].filter(glob => !glob.startsWith('!')),
  );
  const own = new Set([...inputs, ...outputs].map(file => file.path));
  return path => own.has(path) || globs.matches(path);
}

/** Files of an isolated run are those of the user's tree, from which they were copied. */
function inUserTree({ isolated, capture }: Run, file: string): string {
  return isolated !== null && file.startsWith(`${isolated}/`)
    ? join(capture.topLevel, file.slice(isolated.length + 1))
    : file;
}

/** Data that a trace saw the run read; tracked files are source unless a glob says otherwise. */
async function tracedInputs(run: Run, paths: readonly string[], tracked: ReadonlySet<string>) {
  const known = new Set(run.inputs.files.map(input => input.path));
  const fresh = paths.filter(path => !known.has(path) && !tracked.has(path));
  if (fresh.length === 0) return { files: [], notes: [] };
  const { words, world, top, cwd } = run;
  const query = { top, cwd, command: [], configured: [], outputs: [], limits: world.limits, keep: words.keep };
  return findInputs({ ...query, asked: fresh.map(path => path.replace(/[*?[\]{}()!+@\\]/g, '\\$&')) });
}

/** A run that wrote no file has its stdout as its output, unless that is empty (design, section 8). */
async function stdoutFile({ stdout }: Outcome): Promise<CapturedFile | null> {
  if (!stdout || stdout.size === 0) return null;
  const { sha256, size, content, stamp } = await digestFile(stdout.path, {
    keep: Number.POSITIVE_INFINITY,
    follow: false,
  });
  return { path: 'stdout.txt', sha256, size, content, outside: false, where: stdout.path, stamp };
}

function versionControl(world: RunWorld, dirty: boolean): RecordAtom['program']['version_control'] {
  const { remote, commit, branch, tag } = world.repository;
  return { system: 'git', repository: remote, commit: commit!, branch, tag, dirty };
}

async function commitDate({ world, created }: Run): Promise<Date> {
  const { stdout } = await world.git.run(['rev-list', '-1', '--format=%ct', requireCommit(world.repository)]);
  const seconds = Number(stdout.toString('latin1').trim().split('\n').at(-1));
  return Number.isSafeInteger(seconds) && seconds > 0 ? new Date(seconds * 1000) : created;
}

const executables = new WeakMap<Executable, Promise<{ path: string; sha256: string | null }>>();

/** Read once, while the simulation runs. */
function describeExecutable(executable: Executable): Promise<{ path: string; sha256: string | null }> {
  const known = executables.get(executable) ?? digestOf(executable);
  executables.set(executable, known);
  return known;
}

async function digestOf({ realPath }: Executable): Promise<{ path: string; sha256: string | null }> {
  try {
    return { path: realPath, sha256: (await digestFile(realPath, { keep: -1, follow: false })).sha256 };
  } catch {
    // It can be executed and not read: that is a fact and no failure.
    return { path: realPath, sha256: null };
  }
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
