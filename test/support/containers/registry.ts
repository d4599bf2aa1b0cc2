import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../until.ts';

export const hasRegistry = spawnSync('docker-registry', ['--version']).status === 0;

/** A registry of images on loopback, with nothing in it. */
export interface Registry extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** Its content, to be damaged. */
  readonly folder: string;
}

export async function startRegistry(): Promise<Registry> {
  const folder = mkdtempSync(join(tmpdir(), 'corroborate-registry-'));
  const host = `127.0.0.1:${await freePort()}`;
  const configuration = join(folder, 'registry.yml');
  writeFileSync(
    configuration,
    `version: 0.1\nlog: {level: error}\nstorage:\n  filesystem: {rootdirectory: ${folder}/data}\n  delete: {enabled: true}\nhttp: {addr: '${host}'}\n`,
  );
  const child = spawn('docker-registry', ['serve', configuration], { stdio: 'ignore' });
  await until(() =>
    fetch(`http://${host}/v2/`).then(
      answer => answer.ok,
      () => false,
    ),
  );
  return {
    host,
    folder: join(folder, 'data'),
    async [Symbol.asyncDispose]() {
      await ended(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise(fulfil => child.once('exit', fulfil));
  child.kill('SIGTERM');
  await exit;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as { port: number };
  await new Promise(closed => server.close(closed));
  return port;
}
