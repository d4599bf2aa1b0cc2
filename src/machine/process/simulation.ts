import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { isatty } from 'node:tty';
import { Problem } from '../../domain/problem.ts';
import type { Redaction } from '../../domain/redaction.ts';
import { type Executable, resolveExecutable } from './executable.ts';
import type { Ending } from './exit-status.ts';
import { type KeptFile, keptFile } from './kept-file.ts';
import { makeStreamPipes, type StreamPipes } from './named-pipes.ts';
import { openOutputChannel } from './output-channel.ts';
import { printedLog } from './printed-log.ts';
import { endSession, signalGroup } from './process-group.ts';
import { processStart } from './process-table.ts';
import { redactedChunks } from './redacted-chunks.ts';
import { type ResourceUse, watchResources } from './resource-use.ts';
import { openStandardInput, type StandardInputContent } from './standard-input.ts';
import { type Reach, steer } from './steering.ts';

/** Shows a chunk of what a simulation prints; resolves when the next may come. */
export type PrintOutput = (chunk: Uint8Array, stream: 'stdout' | 'stderr') => Promise<void>;

export interface SimulationOptions {
  /** The words; the first is the program. */
  readonly command: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  /** All of the simulation's environment; its PATH is where the program is looked for. */
  readonly environment: NodeJS.ProcessEnv;
  /** The user's `--stdin FILE`, relative to `cwd`; null: our own standard input. */
  readonly stdin: string | null;
  /**
   * The user's `--stdout FILE`, relative to `cwd`, written as the shell's `>` does: by the simulation itself, neither
   * shown nor in the log. Null: our own standard output.
   */
  readonly stdout: string | null;
  /** `run --json`: what the simulation prints to stdout goes to our stderr. */
  readonly json: boolean;
  /** Milliseconds after which it is told to stop; null: never. Pauses count, as for timeout(1). */
  readonly timeout: number | null;
  /** Milliseconds between asking to stop (SIGTERM) and making it (SIGKILL), at a timeout and for what is left over. */
  readonly grace: number;
  /** Takes what it prints, instead of our own stdout and stderr; null: those do. */
  readonly print?: PrintOutput | null;
  /** Bytes of the log. */
  readonly logLimit: number;
  /** What must not stand in the log; what is passed on is as it was printed. */
  readonly redaction: Redaction;
  /** Made ahead by `makeStreamPipes` with these very options; else they are made now. */
  readonly pipes?: StreamPipes;
  /** Folder for what is only needed until `release`, e.g. `os.tmpdir()`. */
  readonly temporaryFolder: string;
  readonly now: () => Date;
  /** Awaited, in order, before Corroborate itself stops on Ctrl-Z. When it throws, the run goes on with a note. */
  readonly onState: (state: 'paused' | 'started') => Promise<void> | void;
  /** Called once it has started and signals that arrive here are passed on to it. */
  readonly onSteered?: () => void;
  /** Where the command is the program of a container engine. */
  readonly reach?: Reach | null;
}

export interface Outcome extends Ending {
  readonly started: Date;
  readonly finished: Date;
  /** By the monotonic clock, pauses included. */
  readonly durationSeconds: number;
  readonly resources: ResourceUse;
  /** stdout and stderr in the order in which they came, as they were printed, within the limit. */
  readonly log: Buffer;
  /** All of stdout; null with `--stdout`, and where it could not be kept. */
  readonly stdout: KeptFile | null;
  /** What it read when its input was a file or a pipe; null when it read nothing or from a terminal. */
  readonly stdin: StandardInputContent | null;
  /** What differs from a run without Corroborate, or is not known; for the record. */
  readonly notes: readonly string[];
}

export interface Running {
  readonly executable: Executable;
  readonly pid: number;
  /** With the pid, the simulation's identity for the heartbeat; null when it had ended at once. */
  readonly processStart: string | null;
  readonly started: Date;
  /** Whether one of our standard streams is a terminal. */
  readonly atTerminal: boolean;
  /** Never rejects. Everything that it printed has been passed on by then, and nothing of it runs any more. */
  readonly done: Promise<Outcome>;
  /** As if the signal had arrived at Corroborate. */
  stop(signal: NodeJS.Signals): void;
  /**
   * Deletes the temporary files and lets signals have their usual effect on Corroborate again. Until then a second
   * Ctrl-C does not interrupt the recording of a run that has ended.
   */
  release(): void;
}

/**
 * Runs a command as it would run without us, and sees what it does.
 *
 * The simulation is our direct child in a session of its own, so its group can be signalled without touching us or our
 * neighbours in a shell's pipeline, and every signal reaches it exactly once, by us. Each standard stream is what it
 * would be: a terminal stays one (input is the real one, never put into raw mode; output is a pseudo-terminal), a file
 * stays a file, a pipe a pipe. What a session of its own costs: /dev/tty does not open, full-screen programs that set up
 * the terminal through their output do not get keys one by one, and a run in the background that reads the terminal is
 * not stopped for it.
 *
 * Signals that tell to stop (INT, TERM, HUP, QUIT) go to the whole group; the run then counts as cancelled, whatever the
 * simulation makes of them. HUP is not one under nohup. TSTP and CONT pause and continue it; USR1 and USR2 are passed on.
 * When it has ended, what it left running in its session is ended too. When Corroborate itself is killed by SIGKILL the
 * simulation is not: it runs on until it prints into the pipe that nobody reads any more.
 *
 * @throws Problem COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE, REFUSED, USAGE (see `resolveExecutable`), NOT_FOUND or
 *   UNREADABLE (stdin), NO_SPACE or READ_ONLY (stdout, temporary files): nothing was run then
 */
export async function startSimulation(options: SimulationOptions): Promise<Running> {
  const { command, cwd, environment, grace, now } = options;
  const executable = resolveExecutable(command, cwd, environment.PATH);
  const notes: string[] = [];
  const note = (text: string) => {
    if (!notes.includes(text)) notes.push(text);
  };
  let onLook = (_state: string) => {};
  const resources = watchResources(state => onLook(state));

  const folder = temporaryFolder(options.temporaryFolder);
  const release: (() => void)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const giveUp = () => {
    for (const free of release.splice(0)) free();
  };
  try {
    return await begin();
  } catch (error) {
    giveUp();
    await resources.finish();
    throw error;
  }

  async function begin(): Promise<Running> {
    // Everything that takes time before the start happens here, all at once.
    const outTarget = options.json ? 2 : 1;
    const toEngine = (options.reach ?? null) !== null;
    const pipes = options.pipes ?? (await makeStreamPipes(folder, { ...options, toEngine }));
    if (pipes.note !== null) note(pipes.note);
    const log = printedLog(options.logLimit);
    const [logOut, logErr] = [0, 1].map(() => redactedChunks(options.redaction, log.add));
    const kept = options.stdout === null ? keptFile(join(folder, 'stdout.txt'), note) : null;
    const file = options.stdout === null ? null : openOutput(options.stdout, cwd);
    const printTo = (stream: 'stdout' | 'stderr') => {
      const { print } = options;
      return print ? (chunk: Buffer) => print(chunk, stream) : null;
    };
    const stdin = openStandardInput(options.stdin, cwd, pipes.stdin, note, toEngine);
    const [out, err] = await Promise.all([
      file === null
        ? openOutputChannel(
            'stdout',
            outTarget,
            pipes.stdout,
            environment,
            chunk => {
              logOut!.add(chunk);
              kept!.add(chunk);
            },
            note,
            printTo('stdout'),
          )
        : null,
      openOutputChannel('stderr', 2, pipes.stderr, environment, logErr!.add, note, printTo('stderr')),
    ]);
    const channels = [out, err].filter(channel => channel !== null);

    const started = now();
    const clock = performance.now();
    const attempt = start([stdin.childEnd, out?.childEnd ?? file!, err.childEnd]);
    const child = attempt instanceof Error ? null : attempt;
    if (child !== null) resources.follow(child);
    out?.begin(child?.stdout ?? null);
    err.begin(child?.stderr ?? null);
    stdin.begin();
    if (file !== null) closeSync(file);
    if (child?.pid === undefined) {
      const cause = child === null ? (attempt as Error) : ((await once(child, 'error'))[0] as Error);
      await stdin.finish();
      throw notStarted(command[0]!, cause);
    }
    const exit = once(child, 'exit').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      at: performance.now(),
    }));

    const pid = child.pid;
    const atTerminal = [0, 1, 2].some(descriptor => isatty(descriptor));
    const control = steer(pid, { ...options, channels, atTerminal, note });
    options.onSteered?.();
    onLook = control.onLook;
    release.push(control.release);
    return {
      executable,
      pid,
      processStart: await processStart(pid),
      started,
      atTerminal,
      stop: control.stop,
      release: giveUp,
      done: exit.then(async ({ code, signal, at }) => {
        const finished = now();
        control.ended();
        if (signalGroup(pid, 0)) await endRest(pid);
        const whole = await Promise.all(channels.map(channel => channel.finish(() => endRest(pid))));
        if (whole.includes(false)) {
          note(
            'a process that the simulation started outlives it and holds its output open; what it prints is not kept',
          );
        }
        logOut!.end();
        logErr!.end();
        const read = await stdin.finish();
        await control.settled();
        return {
          exitCode: code,
          signal,
          cancelled: control.cancelled(),
          started,
          finished,
          durationSeconds: Math.round(at - clock) / 1000,
          resources: await resources.finish(),
          log: log.content(),
          stdout: kept?.content() ?? null,
          stdin: read,
          notes,
        };
      }),
    };
  }

  /** Node throws some of the system's refusals and reports the others by an event. */
  function start(stdio: (number | 'pipe' | 'inherit')[]): ChildProcess | Error {
    try {
      return spawn(executable.path, command.slice(1), {
        argv0: command[0]!,
        cwd,
        env: environment,
        detached: true,
        stdio,
      });
    } catch (error) {
      return error as Error;
    }
  }

  async function endRest(pid: number): Promise<void> {
    const told = await endSession(pid, grace);
    if (told > 0) note(`${told} process${told === 1 ? '' : 'es'} that it left running had to be ended`);
  }
}

function temporaryFolder(parent: string): string {
  try {
    return mkdtempSync(join(parent, 'corroborate-'));
  } catch (cause) {
    throw unwritable(`No temporary folder can be made in ${parent}`, cause, 'Free some space, or set TMPDIR.');
  }
}

function openOutput(file: string, cwd: string): number {
  try {
    return openSync(resolve(cwd, file), 'w', 0o666);
  } catch (cause) {
    throw unwritable(`${JSON.stringify(file)} cannot take the standard output`, cause, 'Give another file.');
  }
}

function unwritable(what: string, cause: unknown, advice: string): Problem {
  const { code, message } = cause as NodeJS.ErrnoException;
  const kind = code === 'ENOSPC' || code === 'EDQUOT' ? 'NO_SPACE' : code === 'ENOENT' ? 'NOT_FOUND' : 'READ_ONLY';
  return new Problem(kind, `${what}: ${message}. ${advice}`, { cause });
}

function notStarted(name: string, cause: Error & { code?: string }): Problem {
  return new Problem(
    cause.code === 'ENOENT' ? 'COMMAND_NOT_FOUND' : 'COMMAND_NOT_EXECUTABLE',
    `${JSON.stringify(name)} could not be started: ${cause.code === 'E2BIG' ? 'its arguments and environment are too long for this system' : cause.message}.`,
    { cause },
  );
}
