import { spawnSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tarEntries } from '../../../src/machine/containers/tar-entries.ts';

const long = `${'deep/'.repeat(40)}a file with a name that no old header holds, é.txt`;

/** In pieces of some bytes, as a pipe may give them. */
async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Buffer, size: number, skip = false) {
  const found: Record<string, { kind: string; target: string; content: string; executable: boolean }> = {};
  for await (const { path, kind, target, mode, content } of tarEntries(pieces(bytes, size))) {
    const chunks: Buffer[] = [];
    if (!skip && kind === 'file') for await (const chunk of content()) chunks.push(Buffer.from(chunk));
    found[path] = { kind, target, content: Buffer.concat(chunks).toString(), executable: (mode & 0o100) !== 0 };
  }
  return found;
}

/** A header as a hostile hand writes it. */
function header({ path = 'a', size = '0', type = '0', checksum = true } = {}): Buffer {
  const bytes = Buffer.alloc(512);
  bytes.write(path, 0);
  bytes.write('0000644', 100);
  bytes.write(size.padStart(11, '0'), 124);
  bytes.write(' '.repeat(8), 148);
  bytes.write(type, 156);
  bytes.write('ustar\u000000', 257);
  if (checksum)
    bytes.write(
      `${bytes
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
    );
  return bytes;
}

const padded = (text: string) => Buffer.concat([Buffer.from(text), Buffer.alloc((512 - (text.length % 512)) % 512)]);
const pax = (record: string) => {
  const length = [2, 3].map(digits => digits + 1 + record.length + 1).find((sum, at) => `${sum}`.length === at + 2)!;
  const text = `${length} ${record}\n`;
  return Buffer.concat([header({ type: 'x', size: text.length.toString(8) }), padded(text)]);
};
const file = Buffer.concat([header({ path: 'file', size: '4' }), padded('text')]);

test.each([
  ['a size that is none', header({ size: 'xyz' })],
  ['a size below nothing', Buffer.concat([pax('size=-5'), file])],
  ['a size beyond all', Buffer.concat([pax('size=99999999999999999999'), file])],
  ['a name of gigabytes', Buffer.concat([header({ type: 'L', size: '70000000000' }), Buffer.alloc(1 << 20)])],
  ['a wrong checksum', header({ checksum: false })],
  ['a sparse file, whose map comes between', Buffer.concat([header({ type: 'S' }), Buffer.alloc(512, 'map'), file])],
])('%s: no tar', async (_, bytes) => {
  await expect(read(bytes, 4096)).rejects.toMatchObject({ code: 'DAMAGED' });
});

test('a record that names the prototype of everything names nothing', async () => {
  const bytes = Buffer.concat([pax('__proto__=path'), pax('path=other'), file, Buffer.alloc(1024)]);
  expect(await read(bytes, 4096)).toMatchObject({ other: { content: 'text' } });
});

describe.each(['gnu', 'pax', 'ustar'])('a tar in the %s format', format => {
  let folder: string;
  let bytes: Buffer;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'corroborate-tar-'));
    const at = (path: string) => join(folder, path);
    mkdirSync(at('bin'));
    writeFileSync(at('bin/program'), 'x'.repeat(1000), { mode: 0o755 });
    writeFileSync(at('empty'), '');
    writeFileSync(at('block'), 'y'.repeat(512));
    symlinkSync('/bin/program', at('link'));
    linkSync(at('block'), at('same'));
    if (format !== 'ustar') {
      mkdirSync(at(long.slice(0, long.lastIndexOf('/'))), { recursive: true });
      writeFileSync(at(long), 'far away');
      symlinkSync(`/${'far/'.repeat(60)}end`, at('far'));
    }
    const { stdout, status } = spawnSync('tar', [`--format=${format}`, '-cf', '-', '-C', folder, '.'], {
      maxBuffer: 2 ** 26,
    });
    expect(status).toBe(0);
    bytes = stdout;
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([1, 511, 512, 513, 100_000])('is read in pieces of %i bytes', async size => {
    const found = await read(bytes, size);
    expect(found['bin/program']).toMatchObject({ kind: 'file', content: 'x'.repeat(1000), executable: true });
    expect(found.empty).toMatchObject({ kind: 'file', content: '', executable: false });
    expect(found.link).toMatchObject({ kind: 'symlink', target: '/bin/program' });
    expect([found.block!.kind, found.same!.kind].sort()).toEqual(['file', 'link']);
    if (format !== 'ustar') {
      expect(found[long]).toMatchObject({ content: 'far away' });
      expect(found.far!.target).toBe(`/${'far/'.repeat(60)}end`);
    }
    expect(Object.keys(await read(bytes, size, true))).toEqual(Object.keys(found));
  });

  test('that is cut off is no tar', async () => {
    await expect(read(bytes.subarray(0, 3 * 512 + 100), 4096)).rejects.toMatchObject({ code: 'DAMAGED' });
  });
});
