import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { knownDigest } from '../../../src/machine/files/known-digest.ts';
import { workingTree } from './working-tree.ts';

const MiB = 1024 * 1024;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const later = () => Date.now() + 10_000;

function keptIn(cache: string): string[] {
  return existsSync(join(cache, 'digests')) ? readdirSync(join(cache, 'digests')) : [];
}

test('a large file is hashed once, and anew in any other state', async () => {
  using tree = workingTree();
  const [path, cache] = [tree.at('program'), tree.at('cache')];
  const first = Buffer.alloc(MiB + 1, 'first ');
  tree.write('program', first);
  expect(await knownDigest(path, cache, later)).toBe(sha256(first));
  const [name] = keptIn(cache);
  const entry = join(cache, 'digests', name!);
  const [mark] = readFileSync(entry, 'latin1').split('\n');
  // Proof that it is not read again: another digest stands there.
  writeFileSync(entry, `${mark}\n${'0'.repeat(64)}\n`);
  expect(await knownDigest(path, cache, later)).toBe('0'.repeat(64));

  const second = Buffer.alloc(MiB + 1, 'second');
  const seconds = 1_700_000_000;
  utimesSync(path, seconds, seconds);
  expect(await knownDigest(path, cache, later)).toBe(sha256(first));
  // Of the same size and time, by another file in its place.
  tree.write('other', second);
  utimesSync(tree.at('other'), seconds, seconds);
  renameSync(tree.at('other'), path);
  expect(await knownDigest(path, cache, later)).toBe(sha256(second));
  // Written over, with its time set back.
  writeFileSync(path, first);
  utimesSync(path, seconds, seconds);
  expect(await knownDigest(path, cache, later)).toBe(sha256(first));
});

test('one that changed just now, a small one, and one without a cache are not kept', async () => {
  using tree = workingTree();
  const cache = tree.at('cache');
  const large = Buffer.alloc(MiB, 'x');
  tree.write('large', large);
  tree.write('small', 'x');
  expect(await knownDigest(tree.at('large'), cache, Date.now)).toBe(sha256(large));
  expect(await knownDigest(tree.at('small'), cache, later)).toBe(sha256(Buffer.from('x')));
  expect(await knownDigest(tree.at('large'), null, later)).toBe(sha256(large));
  expect(keptIn(cache)).toEqual([]);
});

test('what stands in the cache is no digest: it is hashed; where nothing can be kept, too', async () => {
  using tree = workingTree();
  const large = Buffer.alloc(MiB, 'x');
  tree.write('large', large);
  await knownDigest(tree.at('large'), tree.at('cache'), later);
  const entry = join(tree.at('cache'), 'digests', keptIn(tree.at('cache'))[0]!);
  const [mark] = readFileSync(entry, 'latin1').split('\n');
  for (const spoilt of ['', 'x', `${mark}\n`, `${mark}\n../../etc\n`]) {
    writeFileSync(entry, spoilt);
    expect(await knownDigest(tree.at('large'), tree.at('cache'), later)).toBe(sha256(large));
  }
  tree.write('file', 'no folder');
  expect(await knownDigest(tree.at('large'), tree.at('file'), later)).toBe(sha256(large));
});

test('one that is not there is a problem', async () => {
  using tree = workingTree();
  await expect(knownDigest(tree.at('none'), tree.at('cache'), later)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
