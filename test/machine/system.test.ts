import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeSystem, zoneName } from '../../src/machine/system.ts';

test('the machine as its own tools describe it', async () => {
  const uname = (flag: string) => spawnSync('uname', [flag], { encoding: 'utf8' }).stdout.trim();
  const system = await describeSystem({ TZ: 'Europe/Berlin', LANG: 'de_DE.UTF-8', LC_NUMERIC: 'C' });
  expect(system).toMatchObject({
    release: uname('-r'),
    architecture: uname('-m'),
    host: uname('-n'),
    runner: null,
    timezone: 'Europe/Berlin',
    locale: 'C',
  });
  expect(system.cores).toBeGreaterThan(0);
  expect(system.memory_bytes).toBeGreaterThan(2 ** 27);
});

test.skipIf(process.platform !== 'linux')('the name of the operating system is that of os-release', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'corroborate-system-'));
  const file = join(folder, 'os-release');
  const os = async () => (await describeSystem({}, [join(folder, 'absent'), file])).os;
  expect(await os()).toBeNull();
  writeFileSync(file, 'NAME=x\nPRETTY_NAME="Some \\"Linux\\" 12 (word)"\nVERSION=1\n');
  expect(await os()).toBe('Some "Linux" 12 (word)');
  writeFileSync(file, 'PRETTY_NAME=Plain\n');
  expect(await os()).toBe('Plain');
  rmSync(folder, { recursive: true });
});

test('what is not told is null', async () => {
  const system = await describeSystem({ TZ: 'CET-1CEST', LANG: '', LC_ALL: '' });
  expect([system.timezone, system.locale, system.runner]).toEqual([null, null, null]);
});

test('universal time is one zone, whatever a machine calls it: an image without any has it, too', async () => {
  expect(['UTC', 'Etc/UTC', 'Zulu', 'Etc/Universal'].map(zoneName)).toEqual(['UTC', 'UTC', 'UTC', 'UTC']);
  expect(['Europe/London', 'Etc/GMT+1'].map(zoneName)).toEqual(['Europe/London', 'Etc/GMT+1']);
  expect((await describeSystem({ TZ: 'Etc/UTC' })).timezone).toBe('UTC');
});

test('the runner of GitHub Actions', async () => {
  expect((await describeSystem({ RUNNER_NAME: 'GitHub Actions 2', RUNNER_OS: 'Linux' })).runner).toBe(
    'GitHub Actions 2 (Linux)',
  );
});
