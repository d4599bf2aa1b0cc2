import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { startGitHub } from '../../support/github/start-github.ts';
import { begun, Job, onGitHub, type StepEnd } from '../../support/runner.ts';

const password = 'tr0ub4dor&3-of-ada';
const apiKey = 'sk-live-0123456789abcdef';
const files = {
  'noisy.sh': [
    'echo "the token is $TOLD_TOKEN, the password $1, the key $API_KEY"',
    'printf "on stderr, in two pieces: %s" "tr0ub4dor" >&2; sleep 0.1; printf "%s\\n" "&3-of-ada" >&2',
    'mkdir -p out; echo "key=$API_KEY" > out/settings.txt; echo 42 > out/answer.txt',
    'echo "Traceback (most recent call last):"; echo "  File \\"noisy.py\\", line 1, in x"; echo "ValueError: $1 is wrong"',
    '[ -z "$FAILS" ] || exit 3',
    '',
  ].join('\n'),
  'tracked.txt': 'nothing\n',
};

async function start(environment: NodeJS.ProcessEnv = {}) {
  const github = await startGitHub();
  const ada = github.user('ada', 1815);
  const repository = await ada.createRepository('acme/demo', { files });
  const job = new Job(github, { actor: ada, repository, environment: { API_KEY: apiKey, ...environment } });
  const inputs = {
    command: `sh noisy.sh '${password}'`,
    redact: `${password}\nsecond-secret-value`,
    environment: 'API_KEY\nMODE',
    reason: `because ${password}`,
    tags: `mine\n${password}`,
  };
  return {
    github,
    repository,
    job,
    secrets: [password, apiKey, job.token, Buffer.from(`x-access-token:${job.token}`).toString('base64')],
    run: (more: { [name: string]: string } = {}, around: NodeJS.ProcessEnv = {}) =>
      job.run({ ...inputs, ...more }, { TOLD_TOKEN: job.token, MODE: `with ${password}`, ...around }),
    inputs,
    async [Symbol.asyncDispose]() {
      await job[Symbol.asyncDispose]();
      await github[Symbol.asyncDispose]();
    },
  };
}

/** The log as the runner shows it: it takes the commands that hide something, and shows nothing of them. */
const shown = ({ log }: StepEnd) => log.replace(/^::add-mask::.*\n/gm, '');
const masks = ({ log }: StepEnd) => [...log.matchAll(/^::add-mask::(.*)$/gm)].map(([, word]) => word);

function holdsNone(text: string, secrets: readonly string[]): void {
  for (const secret of secrets) expect(text).not.toContain(secret);
}

test('in the log: the runner is told to hide them before anything else is said, and they are hidden here already', async () => {
  await using place = await start();
  const end = await place.run();
  expect(end.code, end.log).toBe(0);
  expect(masks(end)).toEqual(expect.arrayContaining([...place.secrets, 'second-secret-value']));
  expect(end.log.startsWith('::add-mask::')).toBe(true);
  expect(shown(end)).toContain('the token is ***, the password ***, the key ***');
  expect(shown(end)).toContain('on stderr, in two pieces: ***');
  holdsNone(shown(end), place.secrets);
});

test('in annotations', async () => {
  await using place = await start({ FAILS: '1' });
  place.job.write('noisy.py', '');
  const end = await place.run();
  expect(end.code).toBe(3);
  expect(end.log).toContain('::error file=noisy.py,line=1,title=ValueError::*** is wrong');
});

test('in the record, its log, its command, environment, reason, tags and notes', async () => {
  await using place = await start();
  const { outputs } = await place.run();
  const path = outputs['record-path']!;
  const text = onGitHub(place.repository, `${path}/record.yml`);
  holdsNone(text, place.secrets);
  const record = parse(text);
  expect(record.program.command).toEqual(['sh', 'noisy.sh', '***']);
  expect(record.program.environment).toEqual({ API_KEY: '***', MODE: 'with ***' });
  expect(record.program.reason).toBe('because ***');
  expect(record.tags ?? record.program.tags).toEqual(['mine', '***']);
  const log = onGitHub(place.repository, `${path}/log.txt`);
  expect(log).toContain('the token is ***, the password ***');
  holdsNone(log, place.secrets);
});

test('in outputs: the file is left unstored, with a note', async () => {
  await using place = await start();
  const { outputs } = await place.run();
  const path = outputs['record-path']!;
  const record = parse(onGitHub(place.repository, `${path}/record.yml`));
  expect(record.outputs).toMatchObject([
    { path: 'out/answer.txt', stored: true },
    { path: 'out/settings.txt', stored: false },
  ]);
  expect(record.notes).toContain('the content of out/settings.txt is not stored, since it holds a secret');
  expect(() => onGitHub(place.repository, `${path}/outputs/out/settings.txt`)).toThrow();
});

test('in the source that nobody committed', async () => {
  await using place = await start();
  place.job.write('tracked.txt', `password: ${password}\n`);
  const { outputs } = await place.run();
  const path = outputs['record-path']!;
  expect(() => onGitHub(place.repository, `${path}/source.patch`)).toThrow();
  expect(parse(onGitHub(place.repository, `${path}/record.yml`)).notes).toContain(
    'source.patch is not kept, since it holds a secret',
  );
});

test('anywhere on the branch, its commits included', async () => {
  await using place = await start();
  await place.run();
  const { folder } = place.repository.git;
  const all = execFileSync('git', ['--git-dir', folder, 'log', '-p', '--all', '--format=%B%an%ae'], {
    encoding: 'utf8',
  });
  holdsNone(all, place.secrets);
});

test('in the summary and the outputs of the step', async () => {
  await using place = await start();
  const end = await place.run();
  expect(end.summary).toContain('noisy.sh ***');
  holdsNone(end.summary, place.secrets);
  holdsNone(JSON.stringify([end.outputs, end.state]), place.secrets);
});

test('one that is too short to be hidden is said to be so', async () => {
  await using place = await start();
  const end = await place.job.run({ command: 'true', redact: 'abc' });
  expect(end.log).toContain('::warning title=Corroborate::a value of `redact` has fewer than 4 characters');
});

test('in error messages', async () => {
  await using place = await start();
  const end = await place.run({ command: `'${password}/no-such-program'` });
  expect(end.code).toBe(127);
  expect(end.log).toContain('::error title=Corroborate::');
  holdsNone(shown(end), place.secrets);
  holdsNone(end.summary, place.secrets);
  const wrong = await place.run({ options: `{${password}` });
  expect(wrong.code).toBe(1);
  holdsNone(shown(wrong), place.secrets);
});

test('in the file that is kept where nothing can be stored', async () => {
  await using place = await start();
  place.github.trouble.fails('POST /graphql', { times: 1000 });
  place.github.trouble.fails('POST /repos/{owner}/{repo}/git/trees', { times: 1000 });
  const end = await place.run({}, { CORROBORATE_PATIENCE: '0' });
  const kept = JSON.parse(readFileSync(end.outputs['record-path']!, 'utf8')) as { files: { [path: string]: string } };
  for (const [path, content] of Object.entries(kept.files)) {
    holdsNone(path, place.secrets);
    holdsNone(Buffer.from(content, 'base64').toString('utf8'), place.secrets);
  }
});

test('in what the simulation is given: neither the token nor the inputs, nor what speaks for the step', async () => {
  await using place = await start();
  const end = await place.job.run(
    { command: 'sh -c env', redact: 'second-secret-value' },
    { ACTIONS_RUNTIME_TOKEN: 'runtime-token', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'id-token', MODE: 'fast' },
  );
  expect(end.code, end.log).toBe(0);
  const names = [...end.log.matchAll(/^([A-Z_a-z]+)=/gm)].map(([, name]) => name);
  expect(names).toEqual(expect.arrayContaining(['MODE', 'GITHUB_REPOSITORY', 'PATH']));
  for (const name of names) {
    expect(name).not.toMatch(/^INPUT_|^STATE_|ACTIONS_RUNTIME|ID_TOKEN|^GITHUB_(OUTPUT|STATE|ENV|PATH|STEP_SUMMARY)$/);
  }
});

test('on command lines and in the settings that git keeps', async () => {
  await using place = await start();
  const { job } = place;
  await place.run();
  const fake = join(job.folder, 'bin');
  execFileSync('mkdir', ['-p', fake]);
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  execFileSync('sh', [
    '-c',
    `printf '#!/bin/sh\\necho "$@" >> ${job.folder}/calls\\nexec ${real} "$@"\\n' > ${fake}/git && chmod +x ${fake}/git`,
  ]);
  const end = await place.run({ toward: 'latest', request: 'true' }, { PATH: `${fake}:${process.env.PATH}` });
  expect(end.outputs['diff-request-url'], end.log).toContain('/pull/');
  const calls = readFileSync(join(job.folder, 'calls'), 'utf8');
  expect(calls).toContain('push');
  holdsNone(calls, place.secrets);
  expect(readdirSync(job.temporary)).toEqual([]);
  holdsNone(readFileSync(job.at('.git/config'), 'utf8'), place.secrets);
});

test('in a record that post settles', async () => {
  await using place = await start();
  const { job, repository } = place;
  job.write('wait.sh', 'echo "key=$API_KEY" > settings.txt; echo 42 > answer.txt; echo begun; exec sleep 600\n');
  job.write('tracked.txt', `password: ${password}\n`);
  const inputs = { ...place.inputs, command: `sh wait.sh '${password}'` };
  const step = job.start(inputs);
  await begun(job, step);
  step.child.kill('SIGKILL');
  const post = await job.post(await step.done, inputs);
  expect(post.code, post.log).toBe(0);
  const all = execFileSync('git', ['--git-dir', repository.git.folder, 'log', '-p', '--all'], { encoding: 'utf8' });
  holdsNone(all, place.secrets);
  expect(all).toContain('answer.txt');
  holdsNone(post.summary, place.secrets);
});
