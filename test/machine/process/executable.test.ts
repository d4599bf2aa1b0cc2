import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolveExecutable } from '../../../src/machine/process/executable.ts';
import { emptyFolder } from './recording.ts';

const isRoot = process.getuid?.() === 0;
const folder = emptyFolder();
const write = (name: string, content: string | Buffer, mode = 0o755) => {
  writeFileSync(join(folder, name), content);
  chmodSync(join(folder, name), mode);
};
mkdirSync(join(folder, 'folder'));
mkdirSync(join(folder, 'empty'));
write('script', '#!/bin/sh -e\n');
write('by-env', '#!/usr/bin/env -S FOO=1 sh -e\n');
write('plain', 'echo plain\n');
write('locked', '#!/bin/sh\n', 0o644);
write('lost', '#!/no/such/interpreter\n');
write('binary', Buffer.from('a\0b'));
const node = readFileSync(process.execPath).subarray(0, 4096);
node.writeUInt16LE(0x1234, 18);
write('foreign', node);
symlinkSync('script', join(folder, 'link'));

const resolve = (...command: string[]) => resolveExecutable(command, folder, `${folder}:/usr/bin:/bin`);
const codeOf = (work: () => unknown) => {
  try {
    work();
    return null;
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

describe('resolveExecutable', () => {
  test('finds what a shell would, by path and on the PATH', () => {
    expect(resolve('./script').path).toBe(join(folder, 'script'));
    expect(resolve('script').path).toBe(join(folder, 'script'));
    expect(resolveExecutable(['script'], folder, ':/bin').path).toBe(join(folder, 'script'));
    expect(resolve('plain').interpreter).toBeNull();
    // A folder of that name earlier on the PATH is passed over.
    mkdirSync(join(folder, 'first/script'), { recursive: true });
    expect(resolveExecutable(['script'], folder, `${folder}/first:${folder}`).path).toBe(join(folder, 'script'));
  });

  test('keeps the link that is executed and tells what it leads to', () => {
    expect(resolve('./link')).toMatchObject({
      path: join(folder, 'link'),
      realPath: realpathSync(join(folder, 'script')),
    });
  });

  test('names the interpreter of a script, through env too', () => {
    expect(resolve('./script').interpreter?.path).toBe('/bin/sh');
    expect(resolve('./by-env').interpreter?.realPath).toBe(realpathSync('/bin/sh'));
  });

  test('agrees with bash on what cannot be run', () => {
    for (const name of [
      './nothing',
      'no-such-program',
      './folder',
      './lost',
      './binary',
      './foreign',
      ...(isRoot ? [] : ['./locked']),
    ]) {
      const { status } = spawnSync('bash', ['-c', name], { cwd: folder });
      const expected = status === 127 ? 'COMMAND_NOT_FOUND' : 'COMMAND_NOT_EXECUTABLE';
      expect([126, 127], name).toContain(status);
      expect(
        codeOf(() => resolve(name)),
        name,
      ).toBe(expected);
    }
    expect(codeOf(() => resolve('./locked'))).toBe('COMMAND_NOT_EXECUTABLE');
    expect(codeOf(() => resolve())).toBe('USAGE');
    expect(codeOf(() => resolve(''))).toBe('COMMAND_NOT_FOUND');
  });

  test('refuses an sbatch that does not wait, before looking for it', () => {
    write('job.sh', '#!/bin/sh\n');
    for (const command of [
      ['sbatch', 'job.sh'],
      ['/usr/bin/sbatch', '-N', '4', 'job.sh', '--wait'],
    ]) {
      expect(() => resolve(...command)).toThrow(/srun.*sbatch --wait/);
      expect(codeOf(() => resolve(...command))).toBe('REFUSED');
    }
    expect(codeOf(() => resolve('sbatch', '-N', '4', '--wait', 'job.sh'))).toBe('COMMAND_NOT_FOUND');
  });
});
