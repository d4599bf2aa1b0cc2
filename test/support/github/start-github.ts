import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Circumstances, GitHub } from './github.ts';
import { serve } from './http/serve.ts';

/**
 * A GitHub on loopback with real repositories in a temporary folder; it goes away with the block that awaits it:
 *
 *     await using github = await startGitHub();
 *     const ada = github.user('ada', 1815);
 *     const repository = await ada.createRepository('acme/demo', { files: { 'README.md': '# demo\n' } });
 */
export async function startGitHub(circumstances: Circumstances = {}): Promise<GitHub> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'corroborate-github-')));
  const server = createServer((request, response) => void serve(github, request, response));
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    const closed = new Promise(done => server.close(done));
    server.closeAllConnections();
    await closed;
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const github = new GitHub(`http://127.0.0.1:${port}`, folder, close, circumstances);
  return github;
}
