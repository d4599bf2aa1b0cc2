import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { digestOrNull, findByDigest } from '../../../src/machine/files/find-by-digest.ts';
import { placeFile } from '../../../src/machine/files/place-file.ts';

let place: string;
let top: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'place-file-'));
  top = join(place, 'top');
  mkdirSync(join(top, '.git'), { recursive: true });
  mkdirSync(join(place, 'elsewhere'));
});
afterEach(() => rmSync(place, { recursive: true }));

const bytes = new TextEncoder().encode('new');

test('makes folders, replaces files with their mode, and links themselves', async () => {
  await placeFile(top, 'a/b/c.txt', { bytes });
  expect(readFileSync(join(top, 'a/b/c.txt'), 'utf8')).toBe('new');
  writeFileSync(join(top, 'run.sh'), 'old', { mode: 0o755 });
  await placeFile(top, 'run.sh', { bytes });
  expect(statSync(join(top, 'run.sh')).mode & 0o777).toBe(0o755);
  writeFileSync(join(place, 'elsewhere/kept'), 'theirs');
  symlinkSync(join(place, 'elsewhere/kept'), join(top, 'link'));
  await placeFile(top, 'link', { copyOf: join(top, 'run.sh') });
  expect(lstatSync(join(top, 'link')).isFile()).toBe(true);
  expect(readFileSync(join(place, 'elsewhere/kept'), 'utf8')).toBe('theirs');
  // A link to a folder of the tree is that folder.
  symlinkSync('a', join(top, 'short'));
  await placeFile(top, 'short/d.txt', { bytes });
  expect(readFileSync(join(top, 'a/d.txt'), 'utf8')).toBe('new');
});

test.each(['../x', '/x', 'out/x', 'git/hooks', '.git/hooks', 'file/x', 'a\\b'])('%s leads nowhere', async path => {
  symlinkSync(join(place, 'elsewhere'), join(top, 'out'));
  symlinkSync('.git', join(top, 'git'));
  writeFileSync(join(top, 'file'), '');
  await expect(placeFile(top, path, { bytes })).rejects.toMatchObject({ code: 'REFUSED' });
  expect(readdirSync(join(place, 'elsewhere'))).toEqual([]);
  expect(readdirSync(join(top, '.git'))).toEqual([]);
});

test('contents are found by size and digest, wherever they are', async () => {
  mkdirSync(join(top, 'x/y'), { recursive: true });
  writeFileSync(join(top, 'x/y/z'), 'abc');
  writeFileSync(join(top, 'same-size'), 'abd');
  const sha256 = (await digestOrNull(join(top, 'x/y/z')))!;
  const found = await findByDigest(top, [
    { sha256, size: 3 },
    { sha256: '0'.repeat(64), size: 3 },
  ]);
  expect([...found]).toEqual([[sha256, join(top, 'x/y/z')]]);
});
