import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export const node = process.execPath;
export const corroborate = [node, join(import.meta.dirname, '../lib/corroborate.js')];

export interface Timed {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** Exit codes that are no failure, besides 0. */
  readonly accept?: readonly number[];
}

/** Seconds that a whole process took. @throws where it failed: a failure is no measurement */
export function seconds({ command, cwd, environment = process.env, accept = [] }: Timed): number {
  const begun = process.hrtime.bigint();
  const { status, stderr, error } = spawnSync(command[0]!, command.slice(1), {
    cwd,
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
    maxBuffer: 2 ** 28,
  });
  const took = Number(process.hrtime.bigint() - begun) / 1e9;
  if (error) throw error;
  if (status !== 0 && !accept.includes(status ?? -1))
    throw new Error(`${command.join(' ')}: exit ${status}: ${stderr}`);
  return took;
}

/** Runs each thing in turn, round after round, after one round that does not count; so drift hits all alike. */
export function inTurns<Name extends string>(
  rounds: number,
  things: Readonly<Record<Name, () => number>>,
): Record<Name, number[]> {
  const names = Object.keys(things) as Name[];
  const taken = Object.fromEntries(names.map(name => [name, []])) as unknown as Record<Name, number[]>;
  for (let round = -1; round < rounds; round++) {
    for (const name of names) {
      const took = things[name]();
      if (round >= 0) taken[name].push(took);
    }
  }
  return taken;
}

export function isInstalled(program: string, ...args: string[]): boolean {
  return spawnSync(program, args.length > 0 ? args : ['--version'], { stdio: 'ignore' }).status === 0;
}

/** A python with numpy, the system's own before a version manager's shim, which is slow; null where there is none. */
export function pythonWithNumpy(): string | null {
  return ['/usr/bin/python3', 'python3'].find(python => isInstalled(python, '-c', 'import numpy')) ?? null;
}

export function git(cwd: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(
    'git',
    ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...args],
    { cwd, encoding: 'utf8', maxBuffer: 2 ** 28 },
  );
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
  return stdout;
}
