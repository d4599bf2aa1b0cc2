import { rmSync } from 'node:fs';
import { logLimit } from '../domain/limits.ts';
import { watchContainer } from '../machine/containers/container-resources.ts';
import { traceCommand } from '../machine/dependencies/trace.ts';
import { markStart } from '../machine/files/file-clock.ts';
import { diesOfInterrupt, exitStatus } from '../machine/process/exit-status.ts';
import { cleanUpWhenStopped } from '../machine/process/preparation-signals.ts';
import { startSimulation } from '../machine/process/simulation.ts';
import { clockPlaces, type GoingRun, type PreparedRun, traceFile } from './run/going-run.ts';
import { endInside, factsInside, reachInto } from './run/inside-run.ts';
import { prepareRun, stdinFile } from './run/prepare-run.ts';
import { removeRecovery } from './run/recovery-file.ts';
import { type RunStates, runStates } from './run/run-states.ts';
import type { RunWords } from './run/run-words.ts';
import type { RunWorld } from './run/run-world.ts';
import type { SettledRun } from './run/settle-run.ts';
import { readSlowFacts } from './run/slow-facts.ts';

export interface RecordedRun extends SettledRun {
  /** What `run` exits with. */
  readonly exitCode: number;
  /** It died of Ctrl-C at the terminal: whoever called should see the same, or a shell's loop goes on. */
  readonly interrupted: boolean;
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
  const leavings: string[] = [];
  const release = cleanUpWhenStopped(() => {
    for (const path of leavings) rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  });
  try {
    const { container } = words;
    const prepared =
      container === null
        ? await prepareRun(world, words, leavings)
        : await (await import('./run/prepare-inside.ts')).prepareInside(world, words, container, leavings);
    return await recordPrepared(prepared, release);
  } finally {
    release();
  }
}

/** @param onSteered to be called when the simulation has started and signals are passed on to it */
async function recordPrepared(prepared: PreparedRun, onSteered: () => void): Promise<RecordedRun> {
  const { world } = prepared;
  const states = runStates(prepared);
  let run: GoingRun | null = null;
  try {
    run = await startRun(prepared, states, onSteered);
    // Loaded while the simulation runs.
    const [ended, { settleRun }] = await Promise.all([run.running.done, import('./run/settle-run.ts')]);
    const outcome = run.inside === null ? ended : await endInside(run.inside, ended, run.watch?.finish() ?? null);
    // The container is removed while the record is written.
    const removed = run.inside?.ready.remove().catch(problem => world.say((problem as Error).message));
    const { record, kept } = await settleRun(run, outcome, states);
    await removed;
    await forget(prepared);
    const interrupted = diesOfInterrupt(outcome, run.running.atTerminal);
    return { record, kept, exitCode: exitStatus(outcome), interrupted, isolated: prepared.isolated };
  } catch (cause) {
    // Before the simulation started nothing is left behind; afterwards the heartbeat is what `recover` goes by.
    if (run === null) {
      await prepared.probing.finish();
      await prepared.inside?.ready.remove().catch(problem => world.say((problem as Error).message));
      await forget(prepared);
      if (prepared.isolated !== null) rmSync(prepared.isolated, { recursive: true, force: true });
    }
    throw cause;
  } finally {
    await prepared.capture.release();
    rmSync(prepared.scratch, { recursive: true, force: true });
    // Last, since a signal has its usual effect from here on, and what is not removed by then stays.
    run?.running.release();
  }
}

async function forget({ beating, runsFolder, id }: PreparedRun): Promise<void> {
  removeRecovery(runsFolder, id);
  await beating.end();
}

/** Starts the simulation, and only then what can be done beside it. */
async function startRun(prepared: PreparedRun, states: RunStates, onSteered: () => void): Promise<GoingRun> {
  const { world, words, cwd, scratch, probing, inside } = prepared;
  const ready = inside?.ready ?? null;
  const mark = await markStart(clockPlaces(prepared), prepared.clocks ?? undefined);
  const running = await startSimulation({
    command: ready ? ready.command : words.trace ? traceCommand(words.command, traceFile(scratch)) : words.command,
    cwd,
    environment: ready ? ready.environment : { ...world.environment, ...probing.environment },
    stdin: stdinFile(world, words),
    pipes: prepared.pipes,
    stdout: words.stdout,
    json: words.json,
    timeout: words.timeout,
    grace,
    print: world.print ?? null,
    logLimit,
    redaction: prepared.redaction,
    temporaryFolder: scratch,
    now: world.chance.now,
    onState: states.change,
    onSteered,
    reach: ready && reachInto(ready),
  });
  probing.started(running.pid);
  const facts = inside ? factsInside(prepared, inside, mark) : readSlowFacts(prepared, mark);
  // Asked for when the run is settled.
  facts.catch(() => {});
  const watch = ready?.name ? watchContainer(ready) : null;
  const run = { ...prepared, mark, running, facts, watch };
  states.start(run);
  return run;
}
