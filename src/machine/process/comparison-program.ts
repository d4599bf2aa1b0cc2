import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Problem } from '../../domain/problem.ts';
import { resolveExecutable } from './executable.ts';
import { endSession, signalSession } from './process-group.ts';

/** Files by path. */
type Files = ReadonlyMap<string, Uint8Array>;

export interface ComparisonWorld {
  /** Absolute; where the program is looked for and runs. */
  readonly cwd: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Where the two folders are made, e.g. `os.tmpdir()`. */
  readonly temporaryFolder: string;
}

/** Largest answer, in bytes. */
const answerLimit = 16 * 1024 ** 2;
/** Milliseconds between asking the program to stop and making it. */
const grace = 2000;

/**
 * Runs a person's own program on two sets of files, written to two temporary folders that are its last two words. It has
 * no input, its stderr is ours, and what it left running is ended. Its answer is what it prints on stdout.
 * @param seconds after which it is ended
 * @returns what it printed; or why that is no answer: an exit code that is not 0, a signal, too much of it, no time left
 * @throws Problem as `resolveExecutable` does where there is no such program; NO_SPACE, UNSUPPORTED or REFUSED where the
 *   files cannot be written
 */
export async function runComparison(
  command: readonly string[],
  sides: { readonly from: Files; readonly toward: Files },
  seconds: number,
  { cwd, environment, temporaryFolder }: ComparisonWorld,
): Promise<{ readonly printed: Uint8Array } | { readonly failed: string }> {
  const executable = resolveExecutable(command, cwd, environment.PATH);
  const folder = await mkdtemp(join(temporaryFolder, 'corroborate-compare-')).catch(cause => {
    throw unwritable(cause);
  });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  let pid: number | undefined;
  // Whoever ends us ends the program, which is in a session of its own.
  const onSignal = (signal: NodeJS.Signals): void => {
    if (pid !== undefined) signalSession(pid, 'SIGKILL');
    release();
    process.kill(process.pid, signal);
  };
  const release = (): void => {
    for (const signal of signals) process.off(signal, onSignal);
    try {
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    } catch {
      // What the program took the permissions of is left to the system's own cleaning.
    }
  };
  for (const signal of signals) process.on(signal, onSignal);
  try {
    const folders = [join(folder, 'from'), join(folder, 'toward')] as const;
    await writeFiles(folders[0], sides.from);
    await writeFiles(folders[1], sides.toward);

    const child = spawn(executable.path, [...command.slice(1), ...folders], {
      argv0: command[0]!,
      cwd,
      env: environment,
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    pid = child.pid;
    const exit = once(child, 'exit');
    const closed = once(child.stdout, 'close');
    let failed: string | null = null;
    const stop = (because: string): void => {
      if (failed !== null) return;
      failed = because;
      if (pid !== undefined) void endSession(pid, grace);
    };
    const timer = setTimeout(() => stop(`the program did not end within ${seconds} seconds.`), seconds * 1000);
    const chunks: Buffer[] = [];
    let size = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= answerLimit) chunks.push(chunk);
      else stop(`the program printed more than the ${answerLimit} bytes that are read of an answer.`);
    });
    const [code, signal] = await exit
      .catch((cause: Error) => {
        throw new Problem('COMMAND_NOT_EXECUTABLE', `${command[0]} could not be started: ${cause.message}.`, { cause });
      })
      .finally(() => clearTimeout(timer));
    await endSession(pid!, grace);
    // A process that left the session may hold the pipe for ever.
    await Promise.race([closed, pause(1000, undefined, { ref: false })]);
    child.stdout.destroy();
    if (failed !== null) return { failed };
    if (signal !== null) return { failed: `the program was ended by ${signal}.` };
    if (code !== 0) return { failed: `the program ended with exit code ${code}.` };
    return { printed: Buffer.concat(chunks) };
  } finally {
    release();
  }
}

async function writeFiles(folder: string, files: Files): Promise<void> {
  await mkdir(folder, { recursive: true }).catch(cause => {
    throw unwritable(cause);
  });
  for (const [path, bytes] of files) {
    // Two files that were named by a path from elsewhere. What Windows would not take for a name is a name here.
    if (path.includes('\0') || path.split('/').some(part => part === '' || part === '.' || part === '..'))
      throw new Problem(
        'REFUSED',
        `${JSON.stringify(path)} is no path that a program is given, since it leads out of its folder. Compare the folders that hold the files.`,
      );
    const place = join(folder, path);
    try {
      await mkdir(dirname(place), { recursive: true });
      await writeFile(place, bytes, { flag: 'wx' });
    } catch (cause) {
      throw unwritable(cause);
    }
  }
}

function unwritable(cause: unknown): Problem {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'EEXIST' || code === 'ENOTDIR')
    return new Problem('UNSUPPORTED', `This file system takes two of the outputs for one: ${message}.`, { cause });
  const kind = code === 'ENOSPC' || code === 'EDQUOT' ? 'NO_SPACE' : 'READ_ONLY';
  return new Problem(kind, `The outputs to compare cannot be written: ${message}. Free some space, or set TMPDIR.`, {
    cause,
  });
}
