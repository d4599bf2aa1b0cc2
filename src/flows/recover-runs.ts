import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { inputPath, outputPath, patchPath } from '../domain/branch-layout.ts';
import type { RecordAtom } from '../domain/generated/shapes.ts';
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
import { type Recovery, readRecovery, removeRecovery } from './run/recovery-file.ts';
import { ensureBranch, type RecordDraft, storeState } from './run/store-state.ts';
import { separateSource } from './run/written-source.ts';

export interface Recovered {
  /** The records that were settled. */
  readonly settled: readonly RecordAtom[];
  /** Runs that were left as they are, and why. */
  readonly left: readonly { readonly id: string; readonly because: string }[];
}

/**
 * Settles the runs of this clone whose recorder died: `unknown` becomes final, with the outputs found where the run
 * worked. A simulation that outlived its recorder is left alone until it has ended.
 * @param only the runs of one working tree
 */
export async function recoverRuns(
  store: RecordStore,
  git: UserGit,
  runsFolder: string,
  now: () => Date,
  only?: string,
): Promise<Recovered> {
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
    const record = await settleRun(store, git, runsFolder, run, now());
    if (record) settled.push(record);
    removeRecovery(runsFolder, run.id);
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
): Promise<RecordAtom | null> {
  const tip = await store.tip();
  const record = tip ? await findRecord(tip, run.id) : null;
  if (record && record.status !== 'started' && record.status !== 'paused') return null;
  const recovery = await readRecovery(runsFolder, run.id);
  const draft = record ? withoutImage(record) : recovery?.draft;
  if (!draft) return null;
  const found = recovery ? await filesOf(git, recovery) : null;
  const contents = new Map<string, Content>();
  for (const [path, bytes] of found?.inputContents ?? []) contents.set(inputPath(run.id, path), bytes);
  for (const [path, bytes] of found?.outputContents ?? []) contents.set(outputPath(run.id, path), bytes);
  const patch = recovery?.patch ? Buffer.from(recovery.patch, 'base64') : null;
  if (patch) contents.set(patchPath(run.id), patch);
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
    ],
  };
  if (recovery) await ensureBranch(store, recovery.project, draft, new Date(draft.created));
  const sourceMade = async () => new Date(draft.created);
  return storeState(store, { draft: settled, files: contents, what: 'unknown, its recorder died', sourceMade }, now);
}

function withoutImage({ image: _, ...draft }: RecordAtom): RecordDraft {
  return draft;
}

async function filesOf(git: UserGit, recovery: Recovery) {
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
  const shown = (captured: readonly CapturedFile[]) =>
    recovery.hides ? captured.map(file => ({ ...file, content: null })) : captured;
  const files = recordFiles(shown(inputs), shown(outputs.files), limits, keep);
  const kept = new Map(files.inputs.map(input => [input.path, input]));
  return {
    ...files,
    inputs: draft.inputs.map(input => kept.get(input.path) ?? input),
    notes: [...outputs.notes, ...(recovery.hides ? [hiddenContents] : [])],
  };
}

const hiddenContents =
  'the contents of its files are not stored: the value of a secret, which they may hold, was known to its recorder alone';

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
