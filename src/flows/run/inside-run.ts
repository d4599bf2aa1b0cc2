import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Container, RecordAtom } from '../../domain/generated/shapes.ts';
import type { ReadyContainer } from '../../machine/containers/container-engine.ts';
import type { KeptPapers } from '../../machine/containers/image-papers.ts';
import { type InsideProgram, systemInside } from '../../machine/containers/inside-image.ts';
import type { DependencyProbing } from '../../machine/dependencies/probe-dependencies.ts';
import type { StartMark } from '../../machine/files/file-clock.ts';
import { readTag } from '../../machine/git/tag.ts';
import { type Executable, resolveExecutable } from '../../machine/process/executable.ts';
import { signalName, signalNumber } from '../../machine/process/exit-status.ts';
import type { ResourceUse } from '../../machine/process/resource-use.ts';
import type { Outcome } from '../../machine/process/simulation.ts';
import type { Reach } from '../../machine/process/steering.ts';
import { describeSystem } from '../../machine/system.ts';
import type { PreparedRun } from './going-run.ts';
import { lateNotes, type SlowFacts } from './slow-facts.ts';

/** What a run in a container has beside what any run has. */
export interface InsideRun {
  readonly container: Container;
  readonly ready: ReadyContainer;
  readonly papers: KeptPapers;
  readonly program: InsideProgram;
  /** The environment that the command has in there. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** For the record; grows while it goes on. */
  readonly notes: string[];
}

/** How the container of a run is called, by its engine and in its heartbeat. */
export function containerName(id: string): string {
  return `corroborate-${id}`;
}

/** Where the program is looked for in an image, it is not looked for here. */
export function unresolved(command: readonly string[]): Executable {
  const [name] = command;
  if (name === undefined || name === '') return resolveExecutable(command, '/', undefined);
  return { path: name, realPath: name, interpreter: null };
}

/** Until the container is known. */
export const noProbing: DependencyProbing = {
  environment: {},
  started() {},
  finish: async () => ({ dependencies: [], loaded: [], notes: [], usage: null }),
};

/** The program and the system as they are in the container. */
export async function factsInside(
  prepared: PreparedRun,
  { program, papers, environment }: InsideRun,
  mark: StartMark,
): Promise<SlowFacts> {
  const { git, folder, repository } = prepared.world;
  const release = ['etc/os-release', 'usr/lib/os-release'].map(path => join(papers.root, path));
  const [system, tag] = await Promise.all([describeSystem(environment, release), readTag(git, folder, repository)]);
  const executable = { path: program.path, sha256: program.sha256 };
  const inside = systemInside(system, papers, environment) as RecordAtom['system'];
  return { executable, system: inside, tag, late: await lateNotes(prepared, mark) };
}

/**
 * What the engine's program told of the end, as the simulation's own: its exit code, the signal that an exit code above
 * 128 stands for, and whether it ran at all. Begins to remove the container.
 */
export async function endInside(
  { ready, notes }: InsideRun,
  outcome: Outcome,
  used: ResourceUse | null,
): Promise<Outcome> {
  const failed = outcome.exitCode !== 0;
  const end = failed ? await ready.end().catch(() => null) : null;
  if (ready.name === null) return outcome;
  const resources = used ?? outcome.resources;
  if (!failed) return { ...outcome, resources };
  if (end === null) {
    notes.push('how it ended in its container is not known: its engine does not tell');
    return { ...outcome, resources };
  }
  if (!end.started) {
    const said = end.error || lastLine(outcome.log) || 'it did not say why';
    notes.push(`nothing of it ran, since its container could not be started: ${said}`);
    const exitCode = outcome.exitCode === 126 || outcome.exitCode === 127 ? outcome.exitCode : 125;
    return { ...outcome, exitCode, signal: null, resources: { ...resources, notes: [] } };
  }
  if (end.running) notes.push("its engine's program ended before it: it was ended where it stood");
  if (end.outOfMemory) notes.push('it took more memory than its container may have, and was ended for that');
  // An engine's program that was ended itself tells nothing; the container does.
  const code = outcome.exitCode ?? end.exitCode;
  const signal = code > 128 && code < 128 + 65 ? signalName(code - 128) : null;
  if (signal === null) return { ...outcome, exitCode: code, signal: null, resources };
  if (signalNumber(signal) !== 9 || !end.outOfMemory) {
    notes.push(`its exit code in the container, ${code}, was taken for ${signal}: an engine tells no signals`);
  }
  return { ...outcome, exitCode: null, signal, resources };
}

/** Milliseconds between two tries to reach a container that is only just being started, and how many there are. */
const pace = 100;
const tries = 100;

/** Signals go to the container by the engine's own word; null where its processes are ours (apptainer). */
export function reachInto({ name, kill, pause, resume }: ReadyContainer): Reach | null {
  if (name === null) return null;
  let hasEnded = false;
  const signal = async (wanted: NodeJS.Signals): Promise<void> => {
    for (let left = tries; left > 0 && !hasEnded && !(await kill(wanted)); left--) {
      await sleep(pace, undefined, { ref: false });
    }
  };
  return {
    signal: wanted => void signal(wanted).catch(() => {}),
    ended: () => {
      hasEnded = true;
    },
    pause,
    resume,
  };
}

function lastLine(log: Buffer): string {
  return log.toString('utf8').trimEnd().split('\n').at(-1)?.slice(0, 1000) ?? '';
}
