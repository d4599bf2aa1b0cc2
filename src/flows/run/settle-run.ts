import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { inputPath, logPath, outputPath, patchPath } from '../../domain/branch-layout.ts';
import type { RecordAtom } from '../../domain/generated/shapes.ts';
import { comparePaths } from '../../domain/path-order.ts';
import { Problem, type ProblemCode } from '../../domain/problem.ts';
import { runFolderNote } from '../../domain/run-folder-note.ts';
import { type ProbedDependencies, sorted } from '../../machine/dependencies/probe-dependencies.ts';
import { readTrace } from '../../machine/dependencies/trace.ts';
import type { CapturedFile } from '../../machine/files/captured-file.ts';
import { digestFile } from '../../machine/files/digest.ts';
import { settleMark } from '../../machine/files/file-clock.ts';
import { findInputs, settleInputs } from '../../machine/files/inputs.ts';
import { findOutputs, type Outputs } from '../../machine/files/outputs.ts';
import { recordFiles } from '../../machine/files/recorded-files.ts';
import { statusOf } from '../../machine/process/exit-status.ts';
import type { Outcome } from '../../machine/process/simulation.ts';
import { finishSource, type Source } from '../../machine/source/finish-source.ts';
import type { Content } from '../../store/record-store.ts';
import { excludedFrom, type GoingRun, traceFile } from './going-run.ts';
import { patchWithoutSecrets, withoutSecrets } from './hide-secrets.ts';
import { keepPrint } from './kept-print.ts';
import { draftOf, type RunStates } from './run-states.ts';
import { sourceMade } from './source-made.ts';
import {
  containerFor,
  ensureBranch,
  type RecordDraft,
  type RecordState,
  storeState,
  withImage,
} from './store-state.ts';
import { sortTrace, type TracedFiles } from './trace-files.ts';
import { separateSource, trackedPaths } from './written-source.ts';

/** Longest note that a record holds, in characters. */
const longestNote = 60_000;

/** What the file system says when it does not take what is written. */
const diskCodes: Readonly<{ [code: string]: ProblemCode }> = {
  ENOSPC: 'NO_SPACE',
  EDQUOT: 'NO_SPACE',
  EROFS: 'READ_ONLY',
  EACCES: 'READ_ONLY',
  EPERM: 'READ_ONLY',
};

/** The record as it stands at the end, and where it is kept. */
export interface SettledRun {
  readonly record: RecordAtom;
  /** Where it was kept and why, where the branch did not take it; null where it did. */
  readonly kept: { readonly path: string; readonly cause: Problem } | null;
}

/**
 * Everything that a run's end shows, and the final commit.
 * @throws Problem that names the run and what to do, where the machine does not let it be stored
 */
export async function settleRun(run: GoingRun, outcome: Outcome, states: RunStates): Promise<SettledRun> {
  const { world } = run;
  let state: RecordState | null = null;
  try {
    state = await endOf(run, outcome, states);
    // It could perhaps be stored, but as one without outputs; once the folder is back, `recover` has them too.
    const gone = await goneFolder(run);
    if (gone !== null) throw new Problem('NOT_FOUND', `${gone} is gone.`);
    // Storing may take long, and whoever does it may be stopped. Where there is no room to keep it, it is stored all the same.
    await world.keeping?.keep(state).catch(() => {});
    await ensureBranch(world.store, world.project, state.draft, run.created);
    const record = await storeState(world.store, state, world.chance.now());
    await world.keeping?.drop(record.id);
    return { record, kept: null };
  } catch (cause) {
    const gone = await goneFolder(run);
    const code = cause instanceof Problem ? cause.code : diskCodes[(cause as NodeJS.ErrnoException).code ?? ''];
    if (gone === null && !code) throw cause;
    const said =
      gone === null
        ? (cause as Error).message.replace(/[^.!?]$/, '$&.')
        : `${gone} is gone: it was moved or removed while the run went on.`;
    const what = `the run ${run.id} ended (${describe(statusOf(outcome), outcome)}), but could not be stored: ${said}`;
    if (gone === null && world.keeping !== null && state !== null) {
      const problem = new Problem(code!, what, { cause });
      const container = await containerFor(state);
      return {
        record: withImage(state.draft, container.id),
        kept: { path: await world.keeping.keep(state), cause: problem },
      };
    }
    const printed = await keepPrint(outcome, run.id, world.temporaryFolder);
    const sentences = [
      what,
      gone !== null && (await states.settled()) !== null
        ? 'Its start had not been recorded yet: nothing will be known of it there.'
        : `Once ${gone === null ? 'that is mended' : 'it is back in its place'}, \`corroborate recover\` settles it with the outputs that are there.`,
      ...(printed === null ? [] : [`What it printed is kept in ${printed}.`]),
    ];
    throw new Problem(gone === null ? code! : 'NOT_FOUND', sentences.join(' '), { cause });
  }
}

/** The working tree or the git folder, where somebody took it away under the run. */
async function goneFolder({ world, capture }: GoingRun): Promise<string | null> {
  for (const folder of [capture.topLevel, world.repository.commonDir]) {
    const isThere = await stat(folder).then(
      () => true,
      (cause: NodeJS.ErrnoException) => cause.code !== 'ENOENT' && cause.code !== 'ENOTDIR',
    );
    if (!isThere) return folder;
  }
  return null;
}

async function endOf(run: GoingRun, outcome: Outcome, states: RunStates): Promise<RecordState> {
  const { world, words, capture } = run;
  const tracked = trackedPaths(capture);
  const [probed, written, facts, notStarted] = await Promise.all([
    run.probing.finish(),
    writtenFiles(run, tracked),
    run.facts,
    states.settled(),
  ]);
  const traced = words.trace ? await traceOf(run) : null;
  const loaded = [...probed.loaded, ...(traced?.loaded ?? [])];
  const outputs = separateSource(run, written, tracked, loaded);
  const read = traced ? await tracedInputs(run, traced.inputs, tracked) : { files: [], notes: [] };
  const known = await settleInputs(run.inputs, outputs.files);
  const inputs = [...known.files, ...read.files].sort((one, other) => comparePaths(one.path, other.path));
  const printed = outputs.files.length === 0 ? await stdoutFile(outcome) : null;
  const source = await finishSource(capture, {
    excluded: excludedFrom(words, [...inputs, ...outputs.files]),
    loaded: loaded.map(file => inUserTree(run, file)),
  });
  const { shown, notes: hiding } = withoutSecrets(run.redaction, [...inputs, ...(printed ? [printed] : outputs.files)]);
  const files = recordFiles(shown(inputs), shown(printed ? [printed] : outputs.files), world.limits, words.keep);
  const { patch, notes: hidingPatch } = patchWithoutSecrets(run.redaction, source.patch);
  const at = world.chance.now();
  const base = draftOf(run, facts, source, at);
  const draft: RecordDraft = {
    ...base,
    status: statusOf(outcome),
    program: { ...base.program, ...ending(outcome, words.trace ? null : probed.usage) },
    inputs: files.inputs,
    outputs: files.outputs,
    dependencies: sorted([...probed.dependencies, ...(traced?.dependencies ?? [])]),
    notes: [
      ...run.variables.notes,
      ...outcome.notes,
      ...(probed.usage && !words.trace ? [] : outcome.resources.notes),
      ...outputs.notes,
      ...read.notes,
      ...known.notes,
      ...source.notes,
      ...facts.late,
      ...probed.notes,
      ...(traced?.notes ?? []),
      ...(run.inside?.notes ?? []),
      ...(world.repository.prefix === '' ? [] : [runFolderNote(world.repository.prefix.replace(/\/$/, ''))]),
      ...(run.isolated ? [`it ran in a working directory of its own, ${run.isolated}`] : []),
      ...hiding,
      ...hidingPatch,
      ...(notStarted ? [`its start could not be recorded: ${notStarted.message}`] : []),
    ].map(note => run.redaction.text(note).slice(0, longestNote)),
  };
  const what = describe(draft.status, outcome);
  return {
    draft,
    files: contentsOf(run.id, files, outcome, patch),
    what,
    sourceMade: () => sourceMade(run),
    ranIn: run.inside?.container ?? null,
    origin: world.origin,
  };
}

function contentsOf(
  id: string,
  files: ReturnType<typeof recordFiles>,
  outcome: Outcome,
  patch: Source['patch'],
): Map<string, Content> {
  const contents = new Map<string, Content>();
  for (const [path, bytes] of files.inputContents) contents.set(inputPath(id, path), bytes);
  for (const [path, bytes] of files.outputContents) contents.set(outputPath(id, path), bytes);
  if (outcome.log.length > 0) contents.set(logPath(id), outcome.log);
  if (patch) contents.set(patchPath(id), patch);
  return contents;
}

async function writtenFiles(
  { world, words, top, mark, inputs }: GoingRun,
  tracked: ReadonlySet<string>,
): Promise<Outputs> {
  if (!(await stat(top).catch(() => null))?.isDirectory()) {
    return { files: [], notes: [`${top}, where it worked, was gone at the end: what it wrote there is not known`] };
  }
  return findOutputs({
    top,
    mark: settleMark(mark),
    declared: words.outputs,
    ignore: words.ignore,
    inputs: inputs.files,
    limits: world.limits,
    keep: words.keep,
    isTracked: path => tracked.has(path),
    progress: ({ doing, files }) => world.progress(doing, files, null),
  });
}

/** How it ended and what it used; exact figures, where a probe in the process reported them, before sampled ones. */
function ending(outcome: Outcome, usage: ProbedDependencies['usage']): Partial<RecordAtom['program']> {
  const { resources, stdin } = outcome;
  return {
    exit_code: outcome.exitCode,
    signal: outcome.signal,
    started: outcome.started.toISOString(),
    finished: outcome.finished.toISOString(),
    duration_seconds: outcome.durationSeconds,
    cpu_seconds: usage ? Math.round(usage.cpuSeconds * 1000) / 1000 : resources.cpuSeconds,
    peak_memory_bytes: usage?.peakMemoryBytes ?? resources.peakMemoryBytes,
    stdin: stdin ? { sha256: stdin.sha256, size: stdin.size } : null,
  };
}

/** A run that wrote no file has its stdout as its output, unless that is empty (design, section 8). */
async function stdoutFile({ stdout }: Outcome): Promise<CapturedFile | null> {
  if (!stdout || stdout.size === 0) return null;
  const digest = await digestFile(stdout.path, { keep: Number.POSITIVE_INFINITY, follow: false });
  return { path: 'stdout.txt', outside: false, where: stdout.path, ...digest };
}

async function traceOf({ world, top, cwd, scratch }: GoingRun): Promise<TracedFiles> {
  return sortTrace(await readTrace(traceFile(scratch), cwd), top, world.environment);
}

/** Data that a trace saw the run read; tracked files are source unless a glob says otherwise. */
async function tracedInputs(
  { world, words, top, cwd, inputs }: GoingRun,
  paths: readonly string[],
  tracked: ReadonlySet<string>,
): Promise<{ files: readonly CapturedFile[]; notes: readonly string[] }> {
  const known = new Set(inputs.files.map(input => input.path));
  const asked = paths
    .filter(path => !known.has(path) && !tracked.has(path))
    .map(path => path.replace(/[*?[\]{}()!+@\\]/g, '\\$&'));
  if (asked.length === 0) return { files: [], notes: [] };
  const query = { top, cwd, command: [], configured: [], outputs: [], limits: world.limits, keep: words.keep };
  return findInputs({ ...query, asked });
}

/** Files of an isolated run are those of the user's tree, from which they were copied. */
function inUserTree({ isolated, capture }: GoingRun, file: string): string {
  const inside = isolated !== null && file.startsWith(`${isolated}/`);
  return inside ? join(capture.topLevel, file.slice(isolated.length + 1)) : file;
}

function describe(status: RecordAtom['status'], outcome: Outcome): string {
  if (outcome.cancelled) {
    return `cancelled by ${outcome.cancelled.by === 'timeout' ? 'its timeout' : outcome.cancelled.signal}`;
  }
  if (outcome.signal) return `${status} by ${outcome.signal}`;
  return outcome.exitCode === 0 ? status : `${status} with exit code ${outcome.exitCode}`;
}
