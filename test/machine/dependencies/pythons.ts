import { spawnSync } from 'node:child_process';
import { readdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { onPath } from '../../../src/machine/dependencies/interpreter.ts';

/** Every Python of this machine: the system's, the one on the PATH, pyenv's. */
export const pythons: readonly string[] = [...new Set([...system(), ...pyenv()])];

/** One that has numpy, or null. */
export const pythonWithNumpy: string | null = pythons.find(python => succeeds(python, 'import numpy')) ?? null;

/** One of version 3.8 or newer. */
export const python: string | null =
  pythons.find(it => succeeds(it, 'import sys; assert sys.version_info >= (3, 8)')) ?? null;

if (!python) console.log('No Python 3.8 or newer on this machine: the tests of the Python probe are passed over.');
if (!pythonWithNumpy) console.log('No Python with numpy on this machine: its test is passed over.');

function system(): string[] {
  return ['/usr/bin/python3', onPath('python3', process.env.PATH ?? '')].filter(
    (it): it is string => it !== null && succeeds(it, '') && !it.includes('/shims/'),
  );
}

function pyenv(): string[] {
  const folder = join(homedir(), '.pyenv/versions');
  try {
    return readdirSync(folder)
      .map(version => join(folder, version, 'bin/python'))
      .filter(it => succeeds(it, ''))
      .map(it => realpathSync(it));
  } catch {
    return [];
  }
}

function succeeds(program: string, code: string): boolean {
  return spawnSync(program, ['-c', code], { stdio: 'ignore' }).status === 0;
}
