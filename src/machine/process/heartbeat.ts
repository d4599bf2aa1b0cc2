import { closeSync, fsync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Problem } from '../../domain/problem.ts';
import { isRecordId } from '../../domain/record-id.ts';
import { processStart } from './process-table.ts';
import type { Host } from './this-host.ts';

/** A process, and what tells it from a later one of the same pid (`processStart`). */
export interface ProcessIdentity {
  readonly pid: number;
  /** Null: it had ended before it could be asked for. */
  readonly start: string | null;
}

/** A run that is going on: all that `recover` needs to settle it when its recorder has died. */
export interface Heartbeat {
  readonly id: string;
  readonly host: Host;
  readonly recorder: ProcessIdentity;
  /** Null until it was started. */
  readonly simulation: ProcessIdentity | null;
  /** The container that it runs in, by its engine (null: the one found here) and its name there; null on the host. */
  readonly container: { readonly system: string | null; readonly name: string } | null;
  /** Absolute: the top of the working tree, and the folder in it that the command runs in. */
  readonly top: string;
  readonly cwd: string;
  /** ISO 8601. */
  readonly started: string;
  /** The globs that name its outputs, relative to `top`; empty when none are declared. */
  readonly outputs: readonly string[];
  /** A recorder that is stopped (Ctrl-Z) does not beat. */
  readonly paused: boolean;
}

/** A heartbeat as found: when it last beat (by the file's time). */
export interface FoundHeartbeat extends Heartbeat {
  readonly beat: Date;
}

export interface Beating {
  /** Writes what has changed: the simulation's process, the pause. */
  update(change: Partial<Pick<Heartbeat, 'simulation' | 'paused'>>): Promise<void>;
  /** The run is settled: the file is removed. */
  end(): Promise<void>;
}

/** Milliseconds between two beats, and without one until a recorder on another host counts as dead (section 8). */
const interval = 60_000;
const patience = 5 * 60_000;

/** The folder of the heartbeats, outside the history, shared by all worktrees of a repository. */
export function heartbeatFolder(commonGitFolder: string): string {
  return join(commonGitFolder, 'corroborate', 'runs');
}

/** Where a run's heartbeat stands. */
export function heartbeatPath(folder: string, id: string): string {
  return join(folder, `${id}.json`);
}

/**
 * The heartbeat of a run whose recorder is this process, before there is a simulation.
 * @param host the one that this process is on
 */
export async function ownHeartbeat(
  run: Omit<Heartbeat, 'host' | 'recorder' | 'simulation' | 'paused'>,
  host: Host,
): Promise<Heartbeat> {
  const recorder = { pid: process.pid, start: await processStart(process.pid) };
  return { ...run, host, recorder, simulation: null, paused: false };
}

/**
 * Writes the heartbeat of a run and keeps it beating until `end`. It does not keep the process alive.
 * @throws Problem NO_SPACE or READ_ONLY where it cannot be written
 */
export async function beginHeartbeat(folder: string, heartbeat: Heartbeat, now: () => Date): Promise<Beating> {
  const path = heartbeatPath(folder, heartbeat.id);
  let current = heartbeat;
  let hasEnded = false;
  // One after the other, so that an older state never replaces a newer one, nor `end` is undone.
  let turn: Promise<void> = Promise.resolve();
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const result = turn.then(work);
    turn = result.catch(() => {});
    return result;
  };
  const store = async () => {
    if (!hasEnded) await writeWhole(folder, path, current);
  };
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw unwritable(folder, cause);
  }
  await inTurn(store);

  const timer = setInterval(() => {
    void inTurn(async () => {
      const time = now();
      // Whoever removed it was mistaken: the run is going on.
      if (!hasEnded) await utimes(path, time, time).catch(store);
    }).catch(() => {
      // A disk that is full now may not be at the next beat.
    });
  }, interval);
  timer.unref();

  return {
    update: change =>
      inTurn(() => {
        current = { ...current, ...change };
        return store();
      }),
    end: () =>
      inTurn(async () => {
        hasEnded = true;
        clearInterval(timer);
        rmSync(path, { force: true });
      }),
  };
}

/** A file in the folder that is no heartbeat, with what is wrong with it. */
export interface DamagedHeartbeat {
  readonly path: string;
  readonly because: string;
}

/**
 * Every run that is going on, or was when its recorder died; by id, oldest first.
 * @param except the id of a run that is not asked for
 */
export async function listHeartbeats(
  folder: string,
  except?: string,
): Promise<{ readonly heartbeats: FoundHeartbeat[]; readonly damaged: DamagedHeartbeat[] }> {
  const heartbeats: FoundHeartbeat[] = [];
  const damaged: DamagedHeartbeat[] = [];
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { heartbeats, damaged };
    throw new Problem('UNREADABLE', `The runs that are going on cannot be listed: ${(error as Error).message}`, {
      cause: error,
    });
  }
  for (const name of names.filter(name => name.endsWith('.json') && name !== `${except}.json`).sort()) {
    const path = join(folder, name);
    try {
      const [text, { mtime }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
      const heartbeat = parse(text);
      if (`${heartbeat.id}.json` !== name) throw new Error(`it is of another run, ${heartbeat.id}`);
      heartbeats.push({ ...heartbeat, beat: mtime });
    } catch (error) {
      // Ended while we looked.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      damaged.push({ path, because: (error as Error).message });
    }
  }
  return { heartbeats, damaged };
}

/** `recover` has settled the run of a dead recorder. */
export async function removeHeartbeat(folder: string, id: string): Promise<void> {
  if (!isRecordId(id)) throw new Problem('DEFECT', `${JSON.stringify(id)} is no id of a run.`);
  await rm(heartbeatPath(folder, id), { force: true });
}

/**
 * Whether the recorder of a run lives. A process that is gone from this host is dead at once; one on another host (or
 * in another container) is when it has not beaten for 5 minutes, unless it said that it would pause.
 */
export async function isAlive(found: FoundHeartbeat, now: Date, host: Host): Promise<boolean> {
  const here = whereabouts(found.host, host);
  if (here === 'same') return isRunning(found.recorder);
  if (here === 'restarted') return false;
  return found.paused || now.getTime() - found.beat.getTime() < patience;
}

/**
 * Whether the simulation itself still runs, which it may after its recorder has died: then it is too early to settle
 * the run. Null when that cannot be seen from here.
 */
export async function isSimulationRunning(found: Heartbeat, host: Host): Promise<boolean | null> {
  const here = whereabouts(found.host, host);
  if (here === 'elsewhere') return null;
  if (here === 'restarted' || found.simulation === null) return false;
  return isRunning(found.simulation);
}

function whereabouts(that: Host, host: Host): 'same' | 'restarted' | 'elsewhere' {
  if (that.name !== host.name) return 'elsewhere';
  if (that.boot !== host.boot) return 'restarted';
  return that.pidNamespace === host.pidNamespace ? 'same' : 'elsewhere';
}

async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  return identity.start !== null && (await processStart(identity.pid)) === identity.start;
}

/** Whole or not at all, even when the power goes: written beside, forced to the disk, then renamed. */
async function writeWhole(folder: string, path: string, heartbeat: Heartbeat): Promise<void> {
  const beside = join(folder, `.${heartbeat.id}.${process.pid}`);
  try {
    // Only what waits for the disk gives way to others: a run does not start before this is done.
    const file = openSync(beside, 'w', 0o644);
    try {
      writeFileSync(file, `${JSON.stringify(heartbeat, null, 2)}\n`);
      await promisify(fsync)(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, path);
  } catch (cause) {
    rmSync(beside, { force: true });
    throw unwritable(path, cause);
  }
}

function unwritable(path: string, cause: unknown): Problem {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new Problem(
    code === 'ENOSPC' || code === 'EDQUOT' ? 'NO_SPACE' : 'READ_ONLY',
    `That a run is going on cannot be noted in ${path}: ${message}. Make the git folder writable, with some space.`,
    { cause },
  );
}

/** @throws Error that says what is wrong */
function parse(text: string): Heartbeat {
  const data: unknown = JSON.parse(text);
  const wrong = (field: string): never => {
    throw new Error(`${field} is missing or no such thing`);
  };
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  const isText = (value: unknown): value is string => typeof value === 'string';
  const isTextOrNull = (value: unknown) => value === null || isText(value);
  const isIdentity = (value: unknown) =>
    isObject(value) && Number.isSafeInteger(value.pid) && Number(value.pid) > 0 && isTextOrNull(value.start);
  if (!isObject(data)) return wrong('the heartbeat');
  if (!isText(data.id) || !isRecordId(data.id)) wrong('id');
  if (!isObject(data.host) || !isText(data.host.name) || !isTextOrNull(data.host.boot)) return wrong('host');
  if (!isTextOrNull(data.host.pidNamespace)) wrong('host.pidNamespace');
  if (!isIdentity(data.recorder)) wrong('recorder');
  if (data.simulation !== null && !isIdentity(data.simulation)) wrong('simulation');
  // Written by an older version, it has none.
  data.container ??= null;
  const { container } = data;
  if (container !== null && !(isObject(container) && isTextOrNull(container.system) && isText(container.name))) {
    wrong('container');
  }
  for (const field of ['top', 'cwd', 'started']) if (!isText(data[field])) wrong(field);
  if (!Array.isArray(data.outputs) || !data.outputs.every(isText)) wrong('outputs');
  if (typeof data.paused !== 'boolean') wrong('paused');
  return data as unknown as Heartbeat;
}
