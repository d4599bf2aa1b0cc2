import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { inputPath, outputPath, patchPath } from '../domain/branch-layout.ts';
import type { RecordAtom } from '../domain/generated/shapes.ts';
import type { CapturedFile } from '../machine/files/captured-file.ts';
import { digestFile } from '../machine/files/digest.ts';
import { findOutputs } from '../machine/files/outputs.ts';
import { recordFiles } from '../machine/files/recorded-files.ts';
import { type FoundHeartbeat, isSimulationRunning, removeHeartbeat } from '../machine/process/heartbeat.ts';
import { thisHost } from '../machine/process/this-host.ts';
import type { Content, RecordStore } from '../store/record-store.ts';
import { findRecord } from './branch-documents.ts';
import { deadRuns } from './list-records.ts';
import { type Recovery, readRecovery, removeRecovery } from './run/recovery-file.ts';
import { ensureBranch, storeState } from './run/store-state.ts';

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
    const record = await settleRun(store, runsFolder, run, now());
    if (record) settled.push(record);
    await removeRecovery(runsFolder, run.id);
    await removeHeartbeat(runsFolder, run.id);
  }
  return { settled, left };
}

/** Null where the run never came as far as a record, or that was final already. */
async function settleRun(
  store: RecordStore,
  runsFolder: string,
  run: FoundHeartbeat,
  now: Date,
): Promise<RecordAtom | null> {
  const recovery = await readRecovery(runsFolder, run.id);
  if (recovery) await ensureBranch(store, recovery.project, recovery.record, now);
  const tip = await store.tip();
  // Its start may have found no space on the branch.
  const record = (tip && (await findRecord(tip, run.id))) ?? recovery?.record;
  if (!record || (record.status !== 'started' && record.status !== 'paused')) return null;
  const found = recovery ? await filesOf(recovery) : null;
  const { image: _, ...draft } = { image: null, ...record };
  const contents = new Map<string, Content>();
  for (const [path, bytes] of found?.inputContents ?? []) contents.set(inputPath(run.id, path), bytes);
  for (const [path, bytes] of found?.outputContents ?? []) contents.set(outputPath(run.id, path), bytes);
  const patch = recovery?.patch ? Buffer.from(recovery.patch, 'base64') : null;
  if (patch) contents.set(patchPath(run.id), patch);
  const settled = {
    ...draft,
    updated: now.toISOString(),
    status: 'unknown' as const,
    inputs: found?.inputs ?? record.inputs,
    outputs: found?.outputs ?? [],
    notes: [
      ...record.notes,
      'its recorder died before the end of the run: how that ended, what it depended on and what it printed is not known',
      found ? 'its outputs are those that were found when it was recovered' : 'its outputs are not known',
      ...(found?.notes ?? []),
    ],
  };
  return storeState(store, settled, contents, 'unknown, its recorder died', now, async () => new Date(record.created));
}

async function filesOf(recovery: Recovery) {
  const { record, mark, top, outputs: declared, ignore, keep, limits } = recovery;
  if (!(await stat(top).catch(() => null))?.isDirectory()) return null;
  const inputs = await unchangedInputs(record, top, limits.file);
  const source = new Set(record.inputs.map(input => input.path));
  const outputs = await findOutputs({
    top,
    mark,
    declared,
    ignore,
    inputs,
    limits,
    keep,
    isTracked: path => source.has(path),
  });
  const files = recordFiles(inputs, outputs.files, limits, keep);
  const kept = new Map(files.inputs.map(input => [input.path, input]));
  return { ...files, inputs: record.inputs.map(input => kept.get(input.path) ?? input), notes: outputs.notes };
}

/** Inputs that still have the bytes that the run read. */
async function unchangedInputs(record: Pick<RecordAtom, 'inputs'>, top: string, keep: number): Promise<CapturedFile[]> {
  const found: CapturedFile[] = [];
  for (const { path, sha256 } of record.inputs) {
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
