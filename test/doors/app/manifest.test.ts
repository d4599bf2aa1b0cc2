import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePorts, manifest } from '../../support/app-process.ts';
import { startGitHub } from '../../support/github/start-github.ts';
import { sharedProject } from '../../support/shared-project.ts';
import { until } from '../../support/until.ts';

const top = join(import.meta.dirname, '../../..');

test('a maintainer who has nothing registers the App by its manifest, starts it again, and it works', async () => {
  await using github = await startGitHub();
  await using project = await sharedProject(github);
  const folder = mkdtempSync(join(tmpdir(), 'corroborate-manifest-'));
  for (const file of ['app.yml', 'package.json']) copyFileSync(join(top, file), join(folder, file));
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  const start = async (path: string) => {
    child = spawn(process.execPath, [join(top, 'lib/corroborate-app.mjs')], {
      cwd: folder,
      stdio: 'ignore',
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        HOST: '127.0.0.1',
        PORT: String(port),
        NO_SMEE_SETUP: 'true',
        GHE_HOST: new URL(github.origin).host,
        GHE_PROTOCOL: 'http',
        THROTTLE: 'off',
      },
    });
    await until(() =>
      fetch(`${url}${path}`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
  };
  const stop = async () => {
    const ended = new Promise(done => child!.once('close', done));
    child!.kill('SIGKILL');
    await ended;
  };
  try {
    await start('/probot');
    const page = await (await fetch(`${url}/probot`)).text();
    expect(page).toContain(`action="${github.origin}/settings/apps/new"`);
    const asked = JSON.parse(/name="manifest"[^>]* value='([^']+)'/.exec(page)![1]!);
    expect(asked).toMatchObject({
      ...manifest,
      redirect_url: `${url}/probot/setup`,
      hook_attributes: { url: `${url}/` },
    });
    const code = github.acceptsManifest(asked, github.organization('acme'));
    const answer = await fetch(`${asked.redirect_url}?code=${code}`, { redirect: 'manual' });
    expect(answer.headers.get('location')).toContain('/installations/new');
    expect(readFileSync(join(folder, '.env'), 'utf8')).toMatch(/^APP_ID=\d+$/m);
    await stop();

    await start('/healthz');
    const app = github.apps.find(({ slug }) => slug === manifest.name)!;
    github.installs(app, project.repository);
    await project.opensRequest();
    await until(() => [...project.repository.checkRuns.values()].some(({ conclusion }) => conclusion === 'success'));
    expect(github.crashes).toEqual([]);
  } finally {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
