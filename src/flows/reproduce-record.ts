import { existsSync, realpathSync, rmSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Method, Options } from '../differentiation/method.ts';
import type { Configuration, RecordAtom } from '../domain/generated/shapes.ts';
import { Problem } from '../domain/problem.ts';
import { makeRecordId } from '../domain/record-id.ts';
import { runFolderIn } from '../domain/run-folder-note.ts';
import type { UserGit } from '../domain/user-git.ts';
import { withRoom } from '../machine/files/on-disk.ts';
import type { ShowProgress } from '../machine/files/pace.ts';
import { placeFolderOf } from '../machine/files/place-file.ts';
import { findRunFolder, type RunFolder } from '../machine/files/run-folder.ts';
import { removeWorkingDirectory } from '../machine/files/working-directory.ts';
import { type Repository, readRepository } from '../machine/git/repository.ts';
import { beginHeartbeat, heartbeatPath, ownHeartbeat } from '../machine/process/heartbeat.ts';
import { cleanUpWhenStopped } from '../machine/process/preparation-signals.ts';
import { thisHost } from '../machine/process/this-host.ts';
import { shownPath } from '../machine/source/tree.ts';
import type { RecordStore, Snapshot } from '../store/record-store.ts';
import { readRecord, requireTip } from './branch-documents.ts';
import { type ComparedRecords, compareRecords, type ReadStored } from './compare-records.ts';
import type { ContainerWords } from './container/container-words.ts';
import { recordRun } from './record-run.ts';
import { withArchive } from './reproduce/brought-archive.ts';
import { requireFiles } from './reproduce/given-files.ts';
import { makeOutputFolders } from './reproduce/output-folders.ts';
import {
  containerWordsOf,
  type RecordedPlace,
  recordedPlace,
  type WantedPlace,
  withWayOut,
} from './reproduce/recorded-container.ts';
import { findRecordedInputs, type OtherInput, placeInputs } from './reproduce/recorded-inputs.ts';
import { restoreRecordedSource } from './reproduce/recorded-source.ts';
import { reproductionEnvironment, reproductionWords, type ToldOfRun } from './reproduce/reproduction-words.ts';
import { takeUntrackedPrograms } from './reproduce/untracked-programs.ts';
import { containerName } from './run/inside-run.ts';
import type { RunWords } from './run/run-words.ts';
import type { RunWorld } from './run/run-world.ts';
import type { SettledRun } from './run/settle-run.ts';
import type { RecordState } from './run/store-state.ts';
import { unstoredOutputs } from './working-directories.ts';

/** Everything of the outside that a reproduction may touch, handed in by the door. */
export interface ReproductionWorld extends Omit<RunWorld, 'label'> {
  /** Where the record stands that is reproduced: `store`, or in a fork the parent's. */
  readonly originals: RecordStore;
  /** The user's git, to work in another folder, with nothing of the environment that names his repository. */
  readonly gitAt: (folder: string) => UserGit;
  readonly runsFolder: string;
  readonly workFolder: string;
  /** corroborate.yml of the user's working tree. */
  readonly configuration: Configuration;
  /** The user may be asked for a password when a commit has to be fetched. */
  readonly interactive: boolean;
}

export interface Wanted {
  readonly inputs: readonly OtherInput[];
  /** `--stdin FILE`, absolute. */
  readonly stdin: string | null;
  readonly told: ToldOfRun;
  readonly container: WantedPlace;
  /** `--archive FILE`, absolute, or its address on the web: where the image's archive is, if not where the history says. */
  readonly archive: string | null;
  readonly method: Method;
  readonly options: Options;
}

export interface Reproduction {
  /** The record that it set out to reproduce, and the new one. */
  readonly original: RecordAtom;
  readonly record: RecordAtom;
  /** Where the new one was kept, and why, where the branch did not take it; null where it did. */
  readonly unstored: SettledRun['kept'];
  /** What stands beside the new record, by its path on the branch. */
  readonly read: ReadStored;
  /** Null where the two cannot be compared, and then why. */
  readonly compared: ComparedRecords | null;
  readonly because: string | null;
  /** What is, or may be, otherwise than in the original run, in sentences. */
  readonly otherwise: readonly string[];
  /** The labelled directory, where it holds what nothing else does; else null, and it is gone. */
  readonly kept: string | null;
  /** As of `recordRun`. */
  readonly exitCode: number;
  readonly interrupted: boolean;
}

/**
 * Runs a recorded command again in a labelled directory of its own, with the recorded source (proved before anything
 * runs), inputs and asked-for environment, records that as a run of whoever calls, and compares the two. The user's
 * checkout, index, refs and objects are as before, the records branch and what it takes aside.
 * @throws Problem before anything ran, and then nothing is left behind: as `restoreRecordedSource`, `findRecordedInputs`,
 *   `recordRun`, `withArchive`, and REFUSED where the record's own run still goes on
 */
export async function reproduceRecord(world: ReproductionWorld, id: string, wanted: Wanted): Promise<Reproduction> {
  return withArchive(world, wanted.archive, archive => reproduceHere(world, id, { ...wanted, archive }));
}

/** With the image's archive on this machine, if one is named. */
async function reproduceHere(world: ReproductionWorld, id: string, wanted: Wanted): Promise<Reproduction> {
  const { chance, runsFolder } = world;
  const tip = await requireTip(world.originals);
  const original = await readRecord(tip, id);
  if (original.status === 'started' || original.status === 'paused') {
    throw new Problem(
      'REFUSED',
      `${id} is ${original.status}: what it reads and writes is not known yet. Wait for its end.`,
    );
  }
  await requireFiles([
    ...wanted.inputs.map(({ path, file }) => ({ flag: `--input ${path}=…`, file })),
    ...(wanted.stdin === null ? [] : [{ flag: '--stdin', file: wanted.stdin }]),
    ...(wanted.archive === null ? [] : [{ flag: '--archive', file: wanted.archive }]),
  ]);
  const present = reproductionEnvironment(original, world.environment);
  const top = world.repository.topLevel ?? world.repository.commonDir;
  const place = await recordedPlace(tip, original, wanted.container, wanted.archive, top, world.engine);
  const created = chance.now();
  const newId = makeRecordId(created, chance.randomBytes(5));
  const folder = join(world.workFolder, newId);
  const release = cleanUpWhenStopped(() => {
    for (const path of [folder, heartbeatPath(runsFolder, newId)]) rmSync(path, { recursive: true, force: true });
  });
  let isRunning = false;
  try {
    const beating = await begin(world, newId, created, folder, place);
    try {
      const prepared = await withRoom(folder, () => prepare(world, tip, original, wanted, place, folder));
      const otherwise = [...place.notes, ...present.notes, ...prepared.notes];
      for (const sentence of otherwise) world.say(sentence);
      const label = { id: newId, created, runsFolder, beating };
      world.say(`it is to run ${prepared.words.command.join(' ')} in ${prepared.cwd}`);
      // From here on whoever runs it cleans up.
      release();
      isRunning = true;
      let state: RecordState | null = null;
      const { keeping } = world;
      const ran = await recordRun(
        {
          ...world,
          label,
          git: prepared.git,
          repository: prepared.repository,
          folder: prepared.cwd,
          environment: inFolder(present.environment, original, prepared.cwd),
          keeping: keeping && {
            ...keeping,
            keep: kept => {
              state = kept;
              return keeping.keep(kept);
            },
          },
        },
        prepared.words,
      );
      const { record, exitCode, interrupted } = ran;
      const unalike = unlike(original, record, prepared.made);
      for (const sentence of unalike) world.say(sentence);
      const read = await readerOf(world, ran.kept && state);
      const compared = await compareWith(tip, read, original, record, wanted);
      return {
        original,
        record,
        unstored: ran.kept,
        read,
        ...compared,
        otherwise: [...otherwise, ...unalike],
        kept: await tidy(record, folder),
        exitCode,
        interrupted,
      };
    } catch (cause) {
      // Once it has started, `recover` goes by the heartbeat and the directory.
      if (!isRunning || !existsSync(heartbeatPath(runsFolder, newId))) {
        await beating.end();
        await rm(folder, { recursive: true, force: true });
        if (isRunning) throw withWayOut(cause, place.container);
      }
      throw cause;
    }
  } finally {
    release();
  }
}

/** A shell's own idea of where it is would be the user's. */
function inFolder(environment: NodeJS.ProcessEnv, { program }: RecordAtom, cwd: string): NodeJS.ProcessEnv {
  if (environment.PWD === undefined || Object.hasOwn(program.environment, 'PWD')) return environment;
  const { OLDPWD: _, ...rest } = environment;
  return { ...rest, PWD: cwd };
}

/** Before anything is there: whatever becomes of us, `recover` finds what was made for it. */
async function begin(
  { chance, runsFolder }: ReproductionWorld,
  id: string,
  created: Date,
  top: string,
  { container, system }: RecordedPlace,
) {
  const run = {
    id,
    container: container && { system, name: containerName(id) },
    top,
    cwd: top,
    started: created.toISOString(),
    outputs: [],
  };
  return beginHeartbeat(runsFolder, await ownHeartbeat(run, await thisHost()), chance.now);
}

interface PreparedReproduction {
  readonly git: UserGit;
  readonly repository: Repository;
  readonly cwd: string;
  readonly words: RunWords;
  readonly notes: readonly string[];
  /** Folders that are no part of the source, for its outputs. */
  readonly made: readonly string[];
}

/** The source, proved, and the inputs in the directory, and what `run` is to be told. */
async function prepare(
  world: ReproductionWorld,
  tip: Snapshot,
  original: RecordAtom,
  wanted: Wanted,
  place: RecordedPlace,
  folder: string,
): Promise<PreparedReproduction> {
  const { repository: user, configuration: present, interactive } = world;
  await mkdir(folder, { recursive: true });
  const top = realpathSync(folder);
  const git = world.gitAt(top);
  world.say(
    `bringing back the source of ${original.id}, commit ${original.program.version_control.commit.slice(0, 10)}`,
  );
  const { clone, configuration, notes } = await restoreRecordedSource(
    git,
    user,
    tip,
    original,
    present,
    top,
    interactive,
  );
  if (clone.fetchedFrom !== null) world.say(`its commit was fetched from ${clone.fetchedFrom}`);
  const progress: ShowProgress = ({ doing, files }) => world.progress(doing, files, null);
  const { inputs: others, stdin } = wanted;
  const places = { tip, workingTree: user.topLevel, folder: top, stdin, others, progress };
  const inputs = await findRecordedInputs(original, places);
  await placeInputs(top, inputs);
  const made = await makeOutputFolders(original, top);
  const paths = [...clone.files.map(({ path }) => shownPath(path)), ...original.inputs.map(({ path }) => path)];
  const container = containerWordsOf(place, configuration);
  const told = runFolderIn(original.notes);
  const at = told === null ? findRunFolder(original.program.command, paths) : { folder: told, others: [] };
  const cwd = told === null ? join(top, at.folder) : await placeFolderOf(top, `${told}/any`);
  await mkdir(cwd, { recursive: true });
  const taken = container === null ? user.topLevel : null;
  const programs = await takeUntrackedPrograms(original.program.command, at.folder, top, taken);
  const words = reproductionWords(original, configuration, present, inputs, container, wanted.told);
  return {
    git,
    repository: { ...(await readRepository(git, cwd)), remote: original.program.version_control.repository },
    cwd,
    words: { ...words, command: programs.command },
    notes: [...notes, ...(told === null ? folderNotes(at) : []), ...programs.notes, ...accessNotes(container)],
    made,
  };
}

function folderNotes({ folder, others }: RunFolder): string[] {
  const shown = (name: string) => (name === '' ? 'the top' : name);
  if (others.length > 0) {
    return [
      `it runs in ${shown(folder)}: the record does not tell in which folder it ran, and ${others.map(shown).join(', ')} would fit as well`,
    ];
  }
  return folder === ''
    ? []
    : [`it runs in ${folder}, where the files are that its command names: the record does not tell its folder`];
}

function accessNotes(container: ContainerWords | null): string[] {
  const network = container?.access.network ?? 'none';
  return network === 'none' ? [] : [`its container has the network (${network}), as its corroborate.yml says`];
}

/** What the run showed to be otherwise, and that Table 1 does not tell or does not explain. */
function unlike(original: RecordAtom, record: RecordAtom, made: readonly string[]): string[] {
  const notes: string[] = [];
  if (made.length > 0 && original.status === 'finished' && record.status === 'failed') {
    notes.push(
      `${made.join(', ')}, where its outputs stood, ${made.length === 1 ? 'was' : 'were'} there before it began: a program that makes that itself may fail for it`,
    );
  }
  const [was, is] = [original.system.architecture, record.system.architecture];
  if (was !== null && is !== null && was !== is) notes.push(`it ran on ${was}, and this machine is ${is}`);
  const [then, now] = [original.program.executable, record.program.executable];
  if (then !== null && now !== null && then.sha256 !== null && now.sha256 !== null && then.sha256 !== now.sha256) {
    notes.push(`the program is another: ${now.path} has other bytes than ${then.path} had`);
  }
  if (original.program.source !== record.program.source) {
    notes.push(
      `the run made the source another: it came out as ${record.program.source}, since the run loaded or wrote other files than the recorded one`,
    );
  }
  return notes;
}

/** From what was kept, where the branch did not take it. */
async function readerOf({ store }: ReproductionWorld, state: RecordState | null): Promise<ReadStored> {
  if (state === null) {
    const tip = await requireTip(store);
    return path => tip.read(path);
  }
  return async path => {
    const content = state.files.get(path);
    return content instanceof Uint8Array ? content : null;
  };
}

async function compareWith(
  tip: Snapshot,
  read: ReadStored,
  original: RecordAtom,
  record: RecordAtom,
  { method, options }: Wanted,
): Promise<Pick<Reproduction, 'compared' | 'because'>> {
  const readOriginal: ReadStored = path => tip.read(path);
  try {
    return { compared: await compareRecords(record, original, read, readOriginal, method, options), because: null };
  } catch (cause) {
    // The run is recorded: it is not lost for what cannot be compared.
    if (!(cause instanceof Problem)) throw cause;
    return { compared: null, because: cause.message };
  }
}

/** Removes the directory where the branch has all that the run wrote. */
async function tidy(record: RecordAtom, folder: string): Promise<string | null> {
  if ((await unstoredOutputs(record, folder)).length > 0) return folder;
  try {
    await removeWorkingDirectory({ path: folder });
    return null;
  } catch (cause) {
    // The run is recorded and compared: what cannot be removed is said.
    if (cause instanceof Problem) return folder;
    throw cause;
  }
}
