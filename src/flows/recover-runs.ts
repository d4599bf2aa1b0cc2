import { rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { inputPath, outputPath, patchPath } from '../domain/branch-layout.ts';
import type { RecordAtom } from '../domain/generated/shapes.ts';
import { Problem } from '../domain/problem.ts';
import { type Redaction, redactionOf } from '../domain/redaction.ts';
import type { UserGit } from '../domain/user-git.ts';
import { isEngineName } from '../machine/containers/container-engine.ts';
import type { CapturedFile } from '../machine/files/captured-file.ts';
import { digestFile } from '../machine/files/digest.ts';
import { findOutputs } from '../machine/files/outputs.ts';
import { recordFiles } from '../machine/files/recorded-files.ts';
import {
  type FoundHeartbeat,
  isSimulationRunning,
  listHeartbeats,
  removeHeartbeat,
} from '../machine/process/heartbeat.ts';
import { thisHost } from '../machine/process/this-host.ts';
import type { Content, RecordStore } from '../store/record-store.ts';
import { findRecord, readHistory } from './branch-documents.ts';
import type { FindEngine } from './container/container-world.ts';
import { deadRuns } from './list-records.ts';
import { patchWithoutSecrets, withoutSecrets } from './run/hide-secrets.ts';
import { type Recovery, readRecovery, removeRecovery } from './run/recovery-file.ts';
import {
  type ContainerOfRun,
  containerFor,
  ensureBranch,
  type RecordDraft,
  type RecordState,
  storeState,
  withImage,
} from './run/store-state.ts';
import { separateSource } from './run/written-source.ts';
import type { ProjectWords } from './start-project.ts';

export interface LeftRun {
  readonly id: string;
  readonly because: string;
  /** Its container runs on, or may do so, though no process of ours stands for it. */
  readonly inContainer: boolean;
}

export interface Recovered {
  /** The records that were settled. */
  readonly settled: readonly RecordAtom[];
  /** Runs that were left as they are, and why. */
  readonly left: readonly LeftRun[];
}

/** A record that only has to be stored. */
export interface EndedRun {
  readonly state: RecordState;
  readonly project: ProjectWords;
}

export interface Recovering {
  /** Which runs; without it all of the clone. */
  readonly only?: (run: FoundHeartbeat) => boolean;
  /** What must stand nowhere in the record. */
  readonly secrets?: readonly string[];
  /** A run that had ended when its recorder died, as that had kept it; null where there is none. */
  readonly ended?: (id: string) => Promise<EndedRun | null>;
  /** Keeps a record that cannot be stored, so that the run counts as settled; without it the problem is thrown. */
  readonly keep?: (state: RecordState, project: ProjectWords, cause: Problem) => Promise<void>;
}

/**
 * Settles the runs of this clone whose recorder died: `unknown` becomes final, with the outputs found where the run
 * worked. A simulation that outlived its recorder is left alone until it has ended.
 */
export async function recoverRuns(
  store: RecordStore,
  git: UserGit,
  runsFolder: string,
  now: () => Date,
  engine: FindEngine,
  recovering: Recovering = {},
): Promise<Recovered> {
  const { only } = recovering;
  const host = await thisHost();
  const settled: RecordAtom[] = [];
  const left: LeftRun[] = [];
  for (const run of await deadRuns(runsFolder, now())) {
    if (only !== undefined && !only(run)) continue;
    if ((await isSimulationRunning(run, host)) === true) {
      left.push({
        id: run.id,
        because: `its simulation still runs (process ${run.simulation!.pid}); stop it, or wait for its end`,
        inContainer: false,
      });
      continue;
    }
    const container = await leftContainer(run, engine);
    if (container !== null) {
      left.push({ id: run.id, because: container, inContainer: true });
      continue;
    }
    const record = await settleRun(store, git, runsFolder, run, now(), recovering);
    if (record) settled.push(record);
    else await removeUnused(runsFolder, run);
    removeRecovery(runsFolder, run.id);
    await removeHeartbeat(runsFolder, run.id);
  }
  for (const { path, because } of (await listHeartbeats(runsFolder)).damaged) {
    left.push({
      id: path,
      because: `it tells of a run and cannot be read (${because}); remove it once no run goes on`,
      inContainer: false,
    });
  }
  return { settled, left };
}

/**
 * Removes the container of a run whose recorder died, once it has ended.
 * @returns null, or why it is still there
 */
async function leftContainer({ container }: FoundHeartbeat, find: FindEngine): Promise<string | null> {
  if (container === null || (container.system !== null && !isEngineName(container.system))) return null;
  try {
    const engine = await find(container.system);
    const { name } = container;
    const running = await engine.isRunning(name);
    if (running) {
      return `its container ${name} still runs; stop it (\`${engine.system} stop ${name}\`), or wait for its end`;
    }
    if (running === false) await engine.removeContainer(name);
    return null;
  } catch (problem) {
    return `whether its container ${container.name} still runs is not known: ${(problem as Error).message}`;
  }
}

/** Null where the run never came so far that anything is known of it, or was final already. */
async function settleRun(
  store: RecordStore,
  git: UserGit,
  runsFolder: string,
  run: FoundHeartbeat,
  now: Date,
  { secrets = [], ended, keep }: Recovering,
): Promise<RecordAtom | null> {
  const tip = await store.tip();
  const record = tip ? await findRecord(tip, run.id) : null;
  if (record && record.status !== 'started' && record.status !== 'paused') return null;
  const found = (await ended?.(run.id)) ?? (await unknownEnd(store, git, runsFolder, run.id, record, now, secrets));
  if (found === null) return null;
  const { state, project } = found;
  try {
    if (project !== null) await ensureBranch(store, project, state.draft, new Date(state.draft.created));
    return await storeState(store, state, now);
  } catch (cause) {
    if (!(cause instanceof Problem) || !keep || project === null) throw cause;
    await keep(state, project, cause);
    return withImage(state.draft, (await containerFor(state)).id);
  }
}

/** What can be said of a run whose end nobody saw; `project` is null where nothing but the branch tells of it. */
async function unknownEnd(
  store: RecordStore,
  git: UserGit,
  runsFolder: string,
  id: string,
  record: RecordAtom | null,
  now: Date,
  secrets: readonly string[],
): Promise<{ readonly state: RecordState; readonly project: ProjectWords | null } | null> {
  const recovery = await readRecovery(runsFolder, id);
  const draft = record ? withoutImage(record) : recovery?.draft;
  if (!draft) return null;
  const redaction = redactionOf(secrets);
  const found = recovery ? await filesOf(git, recovery, redaction) : null;
  const files = new Map<string, Content>();
  for (const [path, bytes] of found?.inputContents ?? []) files.set(inputPath(id, path), bytes);
  for (const [path, bytes] of found?.outputContents ?? []) files.set(outputPath(id, path), bytes);
  const made = recovery?.patch ? Buffer.from(recovery.patch, 'base64') : null;
  const { patch, notes: hiding } = patchWithoutSecrets(redaction, made);
  if (patch) files.set(patchPath(id), patch);
  const settled = {
    ...draft,
    updated: now.toISOString(),
    status: 'unknown' as const,
    inputs: found?.inputs ?? draft.inputs,
    outputs: found?.outputs ?? [],
    notes: [
      ...draft.notes,
      ...(recovery?.notes ?? []),
      'its recorder died before the end of the run: how that ended, what it depended on and what it printed is not known',
      found ? 'its outputs are those that were found when it was recovered' : 'its outputs are not known',
      ...(found?.notes ?? []),
      ...hiding,
    ].map(redaction.text),
  };
  const state = {
    draft: settled,
    files,
    what: 'unknown, its recorder died',
    sourceMade: async () => new Date(draft.created),
    ranIn: record ? await containerOf(store, record.image) : (recovery?.container ?? null),
    // An older version wrote none.
    origin: recovery?.origin ?? null,
  };
  return { state, project: recovery?.project ?? null };
}

/** A directory that was being made for a run which never started holds nothing that is not elsewhere. */
async function removeUnused(runsFolder: string, { id, top, simulation }: FoundHeartbeat): Promise<void> {
  if (simulation === null && top === join(dirname(runsFolder), 'work', id)) {
    await rm(top, { recursive: true, force: true });
  }
}

/** Null for a run on the host. */
async function containerOf(store: RecordStore, id: string): Promise<ContainerOfRun> {
  const tip = await store.tip();
  const container = tip ? (await readHistory(tip)).find(one => one.id === id) : null;
  return container && container.image !== null ? container : null;
}

function withoutImage({ image: _, ...draft }: RecordAtom): RecordDraft {
  return draft;
}

async function filesOf(git: UserGit, recovery: Recovery, redaction: Redaction) {
  const { draft, mark, top, cwd, asked, configured, outputs: declared, ignore, keep, limits } = recovery;
  if (!(await stat(top).catch(() => null))?.isDirectory()) return null;
  const inputs = await unchangedInputs(draft, top, limits.file);
  const tracked = await trackedAtStart(git, recovery);
  const written = await findOutputs({
    top,
    mark,
    declared,
    ignore,
    inputs,
    limits,
    keep,
    isTracked: path => tracked.has(path),
  });
  const { command } = draft.program;
  // What probes saw it load died with its recorder; its source was taken down when it started, and stays that.
  const outputs = separateSource(
    { words: { command, outputs: declared, asked, configured }, cwd, top },
    written,
    tracked,
    [],
    'are tracked and were written while the run went on: they are recorded as outputs, and its source has them as they were at the start; `outputs` in corroborate.yml (or --output) says what is which',
  );
  // Whoever recovers may not know what the recorder had to hide: then no content can be told to be free of it.
  const isBlind = recovery.hides && redaction.isEmpty;
  const told = withoutSecrets(redaction, [...inputs, ...outputs.files]);
  const shown = (captured: readonly CapturedFile[]) =>
    isBlind ? captured.map(file => ({ ...file, content: null })) : told.shown(captured);
  const files = recordFiles(shown(inputs), shown(outputs.files), limits, keep);
  const kept = new Map(files.inputs.map(input => [input.path, input]));
  return {
    ...files,
    inputs: draft.inputs.map(input => kept.get(input.path) ?? input),
    notes: [...outputs.notes, ...told.notes, ...(isBlind ? [hiddenContents] : [])],
  };
}

const hiddenContents =
  'the contents of its files are not stored: the value of a secret, which they may hold, was known to its recorder alone';

/** The files that git tracked when the run started: a file of the program that somebody edits is no output of it. */
async function trackedAtStart(git: UserGit, { draft, alsoTracked, top }: Recovery): Promise<Set<string>> {
  const { commit } = draft.program.version_control;
  // Where it worked: a reproduction may stand on a commit that only its own clone has.
  const place = { accept: [128], cwd: top };
  const listing = await git.run(['ls-tree', '-r', '-z', '--name-only', '--full-tree', commit], place);
  return new Set([...listing.stdout.toString('utf8').split('\0').filter(Boolean), ...alsoTracked]);
}

/** Inputs that still have the bytes that the run read. */
async function unchangedInputs(draft: RecordDraft, top: string, keep: number): Promise<CapturedFile[]> {
  const found: CapturedFile[] = [];
  for (const { path, sha256 } of draft.inputs) {
    if (path.startsWith('external/')) continue;
    const where = join(top, path);
    const digest = await digestFile(where, { keep, follow: true }).catch(() => null);
    if (digest?.sha256 === sha256) {
      found.push({
        path,
        sha256,
        size: digest.size,
        content: digest.content,
        outside: false,
        where,
        stamp: digest.stamp,
      });
    }
  }
  return found;
}
