import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onPath } from '../../../src/machine/dependencies/interpreter.ts';
import {
  type DependencyOptions,
  type ProbedDependencies,
  probeDependencies,
} from '../../../src/machine/dependencies/probe-dependencies.ts';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Workplace extends Disposable {
  /** The simulation's working tree. */
  readonly folder: string;
  write(path: string, text: string, mode?: number): string;
  /** The command without any probe. */
  bare(command: readonly string[], more?: Conditions): Promise<Ended>;
  /** The command with the probes' eyes on it. */
  watched(
    command: readonly string[],
    more?: Conditions & DependencyOptions,
  ): Promise<Ended & { found: ProbedDependencies }>;
}

export interface Conditions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Sent as soon as the program has printed something. */
  readonly kill?: NodeJS.Signals;
}

/** A temporary working tree in which real programs are run. */
export function workplace(): Workplace {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'corroborate-dependencies-')));
  const folder = join(base, 'tree');
  mkdirSync(folder);
  const { PYTHONPATH: _, NODE_OPTIONS: __, R_PROFILE_USER: ___, ...inherited } = process.env;

  function run(
    command: readonly string[],
    environment: NodeJS.ProcessEnv,
    kill?: NodeJS.Signals,
    started?: (pid: number) => void,
  ) {
    return new Promise<Ended>((resolve, reject) => {
      const child = spawn(command[0]!, command.slice(1), {
        cwd: folder,
        env: environment,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const out: Buffer[] = [];
      const err: Buffer[] = [];
      child.stdout.on('data', (chunk: Buffer) => {
        if (kill && out.length === 0) child.kill(kill);
        out.push(chunk);
      });
      child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
      child.on('error', reject);
      child.on('spawn', () => started?.(child.pid!));
      child.on('close', (code, signal) =>
        resolve({ code, signal, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
      );
    });
  }

  return {
    folder,
    write(path, text, mode = 0o644) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text, { mode });
      return file;
    },
    bare: (command, { environment, kill } = {}) => run(command, { ...inherited, ...environment }, kill),
    async watched(command, { environment: more, kill, ...options } = {}) {
      const environment = { ...inherited, ...more };
      const hooks = mkdtempSync(join(base, 'run with space-'));
      const name = command[0]!;
      const probing = await probeDependencies(
        {
          command,
          executable: name.includes('/') ? name : onPath(name, environment.PATH ?? ''),
          cwd: folder,
          worktree: folder,
          environment,
          folder: hooks,
        },
        options,
      );
      const ended = await run(command, { ...environment, ...probing.environment }, kill, probing.started);
      const found = await probing.finish();
      rmSync(hooks, { recursive: true });
      return { ...ended, found };
    },
    [Symbol.dispose]: () => rmSync(base, { recursive: true, force: true }),
  };
}
