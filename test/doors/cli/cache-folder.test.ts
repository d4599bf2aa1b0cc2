import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cacheFolder } from '../../../src/doors/cli/cache-folder.ts';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'corroborate-home-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

test('it is made where it is not there, for the user alone, and found again', () => {
  const folder = join(home, '.cache/corroborate');
  expect(cacheFolder({ HOME: home })).toBe(folder);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(cacheFolder({ HOME: home })).toBe(folder);
  expect(cacheFolder({ HOME: '/else', XDG_CACHE_HOME: join(home, 'other') })).toBe(join(home, 'other/corroborate'));
});

test('there is none without a home, and no home is made for it', () => {
  expect(cacheFolder({})).toBeNull();
  expect(cacheFolder({ HOME: 'relative' })).toBeNull();
  expect(cacheFolder({ HOME: join(home, 'nobody') })).toBeNull();
  expect(existsSync(join(home, 'nobody'))).toBe(false);
});

test('a file in its place, or a folder that others may write to, is none', () => {
  writeFileSync(join(home, '.cache'), '');
  expect(cacheFolder({ HOME: home })).toBeNull();
  rmSync(join(home, '.cache'));
  mkdirSync(join(home, '.cache/corroborate'), { recursive: true });
  for (const mode of [0o777, 0o1777, 0o775]) {
    chmodSync(join(home, '.cache/corroborate'), mode);
    expect(cacheFolder({ HOME: home })).toBeNull();
  }
  chmodSync(join(home, '.cache/corroborate'), 0o755);
  expect(cacheFolder({ HOME: home })).not.toBeNull();
});

test.skipIf(process.getuid?.() !== 0)("somebody else's is none (only root can make that)", () => {
  mkdirSync(join(home, '.cache/corroborate'), { recursive: true });
  chownSync(join(home, '.cache/corroborate'), 65534, 65534);
  expect(cacheFolder({ HOME: home })).toBeNull();
});
