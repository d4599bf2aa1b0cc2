import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EngineHost, engineHost, whyNot } from './engines.ts';
import { ended } from './registry.ts';

/** Why docker cannot be tested here; null where it can. */
export const noDocker: string | null = process.getuid?.() === 0 ? await whyNot(() => dockerHost()) : 'it needs root';

if (noDocker !== null) console.log(`Containers are not tested with docker: ${noDocker}`);

/** A daemon of our own, on a socket in the temporary folder. @throws where it does not start */
export async function dockerHost(): Promise<EngineHost> {
  const folder = mkdtempSync(join(tmpdir(), 'corroborate-docker-'));
  const socket = `unix://${folder}/socket`;
  const words = ['--iptables=false', '--ip6tables=false', '--bridge=none', '--storage-driver=vfs', '-H', socket];
  const places = [`--data-root=${folder}/data`, `--exec-root=${folder}/exec`, `--pidfile=${folder}/pid`];
  mkdirSync(join(folder, 'data'));
  const daemon = spawn('dockerd', [...words, ...places], { stdio: 'ignore' });
  const failed = new Promise<boolean>(fulfil => {
    daemon.once('error', () => fulfil(true));
    daemon.once('exit', () => fulfil(true));
  });
  const host = engineHost('docker', { DOCKER_HOST: socket, DOCKER_BUILDKIT: '0', DOCKER_CONFIG: folder }, async () => {
    await ended(daemon);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  const answers = () => spawnSync('docker', ['version'], { env: { ...process.env, ...host.environment } }).status === 0;
  for (let tries = 0; ; tries++) {
    if (answers()) return host;
    const over = await Promise.race([failed, new Promise<boolean>(fulfil => setTimeout(() => fulfil(false), 200))]);
    if (over || tries > 100) {
      await host[Symbol.asyncDispose]();
      throw new Error('its daemon does not start');
    }
  }
}
