import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { startGitHub } from '../../support/github/start-github.ts';
import { Job, onGitHub } from '../../support/runner.ts';
import { simulation } from '../../support/simulation.ts';

const top = join(import.meta.dirname, '../../..');
const home = join(top, 'test/support/local-action');
const tool = join(home, 'node_modules/@github/local-action/bin/local-action.js');
const isThere = existsSync(tool);
if (!isThere) console.warn(`skipped: @github/local-action is not installed (npm ci --prefix ${home}; .ci/run does)`);

test.skipIf(!isThere)("GitHub's own tool for running Actions elsewhere runs it", { timeout: 120_000 }, async () => {
  await using github = await startGitHub();
  const ada = github.user('ada', 1815);
  const repository = await ada.createRepository('acme/demo', { files: simulation });
  await using job = new Job(github, { actor: ada, repository });
  const files = { GITHUB_OUTPUT: 'output', GITHUB_STATE: 'state', GITHUB_STEP_SUMMARY: 'summary' };
  const variables: NodeJS.ProcessEnv = {
    ...job.environment,
    INPUT_COMMAND: 'sh simulate.sh default.param',
    INPUT_TOKEN: job.token,
    PATH: [join(home, 'node_modules/.bin'), process.env.PATH].join(delimiter),
  };
  for (const [name, file] of Object.entries(files)) {
    variables[name] = join(job.folder, file);
    writeFileSync(variables[name]!, '');
  }
  const dotenv = join(job.folder, 'env');
  writeFileSync(
    dotenv,
    Object.entries(variables)
      .map(([name, value]) => `${name}='${value}'\n`)
      .join(''),
  );
  const child = spawn(process.execPath, [tool, top, 'dist/main.js', dotenv], {
    // There it finds what it runs TypeScript with, and does not ask npm for it.
    cwd: home,
    env: { PATH: variables.PATH, HOME: job.folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', chunk => {
      log += chunk;
    });
  }
  const code = await new Promise(done => child.once('close', done));
  expect(code, log).toBe(0);
  const outputs = readFileSync(variables.GITHUB_OUTPUT!, 'utf8');
  const path = /^record-path<<.*\n(.*)$/m.exec(outputs)![1]!;
  expect(onGitHub(repository, `${path}/record.yml`)).toContain('status: finished');
  expect(readFileSync(variables.GITHUB_STEP_SUMMARY!, 'utf8')).toContain('### Outputs');
});
