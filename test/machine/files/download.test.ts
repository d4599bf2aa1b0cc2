import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { download, isWebAddress } from '../../../src/machine/files/download.ts';

const content = Buffer.alloc(3_000_000, 'an image ');
let server: Server;
let base: string;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'corroborate-download-'));
  server = createServer((request, response) => {
    if (request.url === '/releases/download/v1/image.tar') response.writeHead(302, { location: '/asset' }).end();
    else if (request.url === '/asset') response.writeHead(200, { 'content-length': content.length }).end(content);
    else if (request.url?.startsWith('/cut')) {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 1000), () => response.destroy());
    } else response.writeHead(request.url === '/broken' ? 500 : 404).end('no');
  });
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

test('follows where the address leads, and tells how far it is', async () => {
  const file = join(folder, 'image.tar');
  const told: [number, number | null][] = [];
  await download(`${base}/releases/download/v1/image.tar`, file, (...progress) => told.push(progress));
  expect(readFileSync(file).equals(content)).toBe(true);
  expect(told.at(-1)).toEqual([content.length, content.length]);
  expect(told.length).toBeGreaterThan(1);
});

test.each([
  ['nowhere', 'NOT_FOUND', /status 404: there is no such file, or not for everybody\. Fetch it by other means/],
  ['broken', 'REMOTE_FAILED', /status 500\. Fetch it/],
  ['cut?token=abc', 'UNREACHABLE', /\/cut could not be fetched: /],
])('/%s is %s, and leaves nothing', async (path, code, message) => {
  const file = join(folder, 'failed.tar');
  const failed = await download(`${base}/${path}`, file, () => {}).catch((problem: unknown) => problem);
  expect(failed).toMatchObject({ code, message: expect.stringMatching(message) });
  expect(existsSync(file)).toBe(false);
});

test('a server that is not there; a password in the address, which is not repeated; no file is written over', async () => {
  const file = join(folder, 'other.tar');
  await expect(download('http://127.0.0.1:1/x', file, () => {})).rejects.toMatchObject({ code: 'UNREACHABLE' });
  const failed = await download('https://ada:s3cret@example.org/x', file, () => {}).catch(String);
  expect(failed).toContain('holds a name or a password');
  expect(failed).not.toContain('s3cret');
  await expect(download('https://', file, () => {})).rejects.toMatchObject({ code: 'USAGE' });
  writeFileSync(file, 'mine');
  await expect(download(`${base}/asset`, file, () => {})).rejects.toMatchObject({ code: 'REFUSED' });
  expect(readFileSync(file, 'utf8')).toBe('mine');
  expect(['https://x', 'HTTP://x', './https://x', '/a', 'file:///etc'].map(isWebAddress)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
