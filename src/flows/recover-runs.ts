import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { inputPath, outputPath, patchPath } from '../domain/branch-layout.ts';
import type { RecordAtom } from '../domain/generated/shapes.ts';
import { Problem } from '../domain/problem.ts';
import { type Redaction, redactionOf } from '../domain/redaction.ts';
import type { UserGit } from '../domain/user-git.ts';
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
import { findRecord } from './branch-documents.ts';
import { deadRuns } from './list-records.ts';
import { patchWithoutSecrets, withoutSecrets } from './run/hide-secrets.ts';
import { type Recovery, readRecovery, removeRecovery } from './run/recovery-file.ts';
import {
  ensureBranch,
  hostContainer,
  type RecordDraft,
  type RecordState,
  storeState,
  withImage,
} from './run/store-state.ts';
import { separateSource } from './run/written-source.ts';
import type { ProjectWords } from './start-project.ts';

export interface Recovered {
  /** The records that were settled. */
  readonly settled: readonly RecordAtom[];
  /** Runs that were left as they are, and why. */
  readonly left: readonly { readonly id: string; readonly because: string }[];
}

export interface Recovering {
  /** The runs of one working tree alone, by its top. */
  readonly only?: string;
  /** What must stand nowhere in the record. */
  readonly secrets?: readonly string[];
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
  recovering: Recovering = {},
): Promise<Recovered> {
  const { only } = recovering;
  const host = await thisHost();
  const settled: RecordAtom[] = [];
  const left: { id: string; because: string }[] = [];
  for (const run of await deadRuns(runsFolder, now())) {
    if (only !== undefined && run.top !== only) continue;
    if ((await isSimulationRunning(run, host)) === true) {
      left.push({
        id: run.id,
        because: `its simulation still runs (process ${run.simulation!.pid}); stop it, or wait for its end`,
      });
      continue;
    }
    const record = await settleRun(store, git, runsFolder, run, now(), recovering);
    if (record) settled.push(record);
    await removeRecovery(runsFolder, run.id);
    await removeHeartbeat(runsFolder, run.id);
  }
  for (const { path, because } of (await listHeartbeats(runsFolder)).damaged) {
    left.push({
      id: path,
      because: `it tells of a run and cannot be read (${because}); remove it once no run goes on`,
    });
  }
  return { settled, left };
}

/** Null where the run never came so far that anything is known of it, or was final already. */
async function settleRun(
  store: RecordStore,
  git: UserGit,
  runsFolder: string,
  run: FoundHeartbeat,
  now: Date,
  { secrets = [], keep }: Recovering,
): Promise<RecordAtom | null> {
  const tip = await store.tip();
  const record = tip ? await findRecord(tip, run.id) : null;
  if (record && record.status !== 'started' && record.status !== 'paused') return null;
  const recovery = await readRecovery(runsFolder, run.id);
  const draft = record ? withoutImage(record) : recovery?.draft;
  if (!draft) return null;
  const redaction = redactionOf(secrets);
  const found = recovery ? await filesOf(git, recovery, redaction) : null;
  const contents = new Map<string, Content>();
  for (const [path, bytes] of found?.inputContents ?? []) contents.set(inputPath(run.id, path), bytes);
  for (const [path, bytes] of found?.outputContents ?? []) contents.set(outputPath(run.id, path), bytes);
  const made = recovery?.patch ? Buffer.from(recovery.patch, 'base64') : null;
  const { patch, notes: hiding } = patchWithoutSecrets(redaction, made);
  if (patch) contents.set(patchPath(run.id), patch);
  const settled = {
    ...draft,
    updated: now.toISOString(),
    status: 'unknown' as const,
    inputs: found?.inputs ?? draft.inputs,
    outputs: found?.outputs ?? [],
    notes: [
      ...draft.notes,
      'its recorder died before the end of the run: how that ended, what it depended on and what it printed is not known',
      found ? 'its outputs are those that were found when it was recovered' : 'its outputs are not known',
      ...(found?.notes ?? []),
      ...hiding,
    ].map(redaction.text),
  };
  const sourceMade = async () => new Date(draft.created);
  const state = { draft: settled, files: contents, what: 'unknown, its recorder died', sourceMade };
  try {
    if (recovery) await ensureBranch(store, recovery.project, draft, new Date(draft.created));
    return await storeState(store, state, now);
  } catch (cause) {
    if (!(cause instanceof Problem) || !keep || !recovery) throw cause;
    await keep(state, recovery.project, cause);
    return withImage(settled, hostContainer(settled, await sourceMade()).id);
  }
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
  const { shown, notes } = withoutSecrets(redaction, [...inputs, ...outputs.files]);
  const files = recordFiles(shown(inputs), shown(outputs.files), limits, keep);
  const kept = new Map(files.inputs.map(input => [input.path, input]));
  return {
    ...files,
    inputs: draft.inputs.map(input => kept.get(input.path) ?? input),
    notes: [...outputs.notes, ...notes],
  };
}

/** The files that git tracked when the run started: a file of the program that somebody edits is no output of it. */
async function trackedAtStart(git: UserGit, { draft, alsoTracked }: Recovery): Promise<Set<string>> {
  const { commit } = draft.program.version_control;
  const listing = await git.run(['ls-tree', '-r', '-z', '--name-only', '--full-tree', commit], { accept: [128] });
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
