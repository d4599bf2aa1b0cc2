import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { placeArchive, readOciArchive } from '../../../src/machine/containers/oci-archive.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'corroborate-oci-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const sha256 = (bytes: string) => createHash('sha256').update(bytes).digest('hex');

/** An image layout of one layer, packed. @param change of what stands in the layout before it is packed */
function archive(change: (at: string) => void = () => {}): { file: string; manifest: string; config: string } {
  const at = join(folder, 'layout');
  mkdirSync(join(at, 'blobs/sha256'), { recursive: true });
  const blob = (content: string) => {
    writeFileSync(join(at, 'blobs/sha256', sha256(content)), content);
    return { digest: `sha256:${sha256(content)}`, size: content.length };
  };
  const config = blob('{"architecture":"amd64"}');
  const manifest = blob(JSON.stringify({ schemaVersion: 2, config, layers: [blob('a layer')] }));
  writeFileSync(join(at, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(at, 'index.json'), JSON.stringify({ manifests: [manifest] }));
  change(at);
  const file = join(folder, 'image.tar');
  execFileSync('tar', ['-cf', file, '-C', at, '.']);
  return { file, manifest: manifest.digest, config: config.digest };
}

test('is known by the digest of its manifest', async () => {
  const { file, manifest, config } = archive();
  expect(await readOciArchive(file)).toEqual({ manifest, config });
});

test('in which any byte of any blob is another is damaged', async () => {
  for (const [index, change] of ['config', 'manifest', 'layer'].entries()) {
    const { file } = archive(at => {
      const blobs = join(at, 'blobs/sha256');
      const name = readdirSync(blobs)[index]!;
      const bytes = readFileSync(join(blobs, name));
      bytes[0] = bytes[0]! ^ 1;
      writeFileSync(join(blobs, name), bytes);
    });
    await expect(readOciArchive(file), change).rejects.toMatchObject({ code: 'DAMAGED' });
    rmSync(join(folder, 'layout'), { recursive: true });
  }
});

test('that lacks something, or is something else, is none', async () => {
  const { file } = archive(at => rmSync(join(at, 'blobs/sha256', sha256('a layer'))));
  await expect(readOciArchive(file)).rejects.toMatchObject({ code: 'INVALID' });
  writeFileSync(join(folder, 'text'), 'no tar at all, and longer than a header is'.repeat(100));
  await expect(readOciArchive(join(folder, 'text'))).rejects.toMatchObject({
    code: expect.stringMatching(/INVALID|DAMAGED/),
  });
  await expect(readOciArchive(join(folder, 'absent'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('is put in its place whole, or not at all, and over nothing', async () => {
  const file = join(folder, 'new/place.tar');
  const failing = placeArchive(file, async partial => {
    writeFileSync(partial, 'half');
    throw new Error('the disk is full');
  });
  await expect(failing).rejects.toThrow('the disk is full');
  expect(readdirSync(join(folder, 'new'))).toEqual([]);
  await placeArchive(file, async partial => writeFileSync(partial, 'whole'));
  expect(readFileSync(file, 'utf8')).toBe('whole');
  await expect(placeArchive(file, async partial => writeFileSync(partial, 'other'))).rejects.toMatchObject({
    code: 'REFUSED',
  });
  expect(existsSync(`${file}.${process.pid}.partial`)).toBe(false);
  expect(readFileSync(file, 'utf8')).toBe('whole');
});

test.skipIf(process.platform !== 'linux')('a folder that cannot be made is a sentence, not a wait', async () => {
  const file = '/proc/corroborate/of/image.tar';
  await expect(placeArchive(file, async () => {})).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: expect.stringContaining('name another place'),
  });
});

test('small layers, however many, are not held in memory, and the manifest is found behind them', async () => {
  const layers = 20;
  const { file, manifest } = archive(at => {
    for (let index = 0; index < layers; index++) {
      const layer = `${index}${'l'.repeat(4_000_000)}`;
      writeFileSync(join(at, 'blobs/sha256', sha256(layer)), layer);
    }
  });
  expect(await readOciArchive(file)).toMatchObject({ manifest });
});
