import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { userGit } from '../../../src/machine/git/user-git.ts';
import { cleanEnvironment, newFolder, TemporaryRepository } from './temporary-repository.ts';

const words = ["it's", 'two words', '$HOME `id` $(id)', 'line\nbreak', '"', '\\', '*', '-x', '', 'å'];

test('calls together answer as each by itself: any word, any byte', async () => {
  const repository = TemporaryRepository.make();
  for (const [at, word] of words.entries()) repository.do('config', `test.word${at}`, word);
  const { git } = repository;
  const calls = [
    { args: ['config', '-z', '--get-regexp', '^test'] },
    { args: ['rev-parse', '--sq-quote', ...words] },
    { args: ['hash-object', '-t', 'tree', '/dev/null'] },
  ];
  const together = await git.runTogether(calls);
  expect(together).toEqual(await Promise.all(calls.map(({ args }) => git.run(args))));
  expect(together[0]!.stdout.toString().split('\0')).toHaveLength(words.length + 1);
});

test('a failure is told with the words of git, unless its code is an answer', async () => {
  const { git } = TemporaryRepository.make();
  const good = { args: ['rev-parse', '--is-bare-repository'] };
  const bad = { args: ['rev-parse', '--verify', 'nothing'] };
  await expect(git.runTogether([good, bad])).rejects.toMatchObject({
    code: 'GIT_FAILED',
    message: 'git rev-parse failed (exit 128): Needed a single revision',
  });
  const [first, second] = await git.runTogether([good, { ...bad, accept: [128] }]);
  expect([first!.code, first!.stdout.toString(), second!.code, second!.stdout.toString()]).toEqual([
    0,
    'false\n',
    128,
    '',
  ]);
});

test('what two of them say alike is told once', async () => {
  const { git, folder } = TemporaryRepository.make();
  appendFileSync(join(folder, '.git/config'), '[broken\n');
  const call = { args: ['rev-parse', 'HEAD'] };
  await expect(git.runTogether([call, call, call])).rejects.toThrow(
    /^git rev-parse failed \(exit 128\): bad config line \d+ in file .git\/config$/,
  );
});

/** A `git` of this script in a folder of its own, first on the PATH. */
function withGit(script: string, environment: NodeJS.ProcessEnv = {}) {
  const bin = newFolder('bin');
  writeFileSync(join(bin, 'git'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return userGit(newFolder(), { ...cleanEnvironment, ...environment, PATH: `${bin}:${cleanEnvironment.PATH}` });
}

const two = [{ args: ['one'] }, { args: ['two'], accept: [1] }];
const codes = (answers: readonly { readonly code: number }[]) => answers.map(({ code }) => code);

test('whatever git and what it starts write to standard error, the codes are those of git', async () => {
  const loud = withGit(`(sleep 0.2; printf 'late\\000127 0' >&2) & printf 'a\\0007 7\\n' >&2; test "$7" = one`);
  expect(codes(await loud.runTogether(two))).toEqual([0, 1]);
});

test('a git that cannot run is told as by itself', async () => {
  const linker = withGit('echo "git: cannot open shared object file" >&2; exit 127');
  const failed = { message: 'git one failed (exit 127): git: cannot open shared object file' };
  await expect(linker.runTogether(two)).rejects.toMatchObject(failed);
  await expect(linker.run(['one'])).rejects.toMatchObject(failed);
  const killed = withGit('kill -9 $$');
  // The shell has a word for it too.
  await expect(killed.runTogether(two)).rejects.toThrow('git one failed (exit 128)');
  await expect(killed.run(['one'])).rejects.toMatchObject({ message: 'git one failed (exit 128)' });
});

test('what a shell takes from the environment is not heeded', async () => {
  const environment = {
    SHELLOPTS: 'errexit:xtrace:nounset',
    'BASH_FUNC_git%%': '() { echo a function; }',
    IFS: '01',
    codes: '5',
    ENV: '/nothing',
  };
  const git = withGit('test "$7" = one', environment);
  const answers = await git.runTogether(two);
  expect(codes(answers)).toEqual([0, 1]);
  expect(answers.map(({ stdout }) => stdout.toString())).toEqual(['', '']);
});

test('neither a folder that is gone nor a missing git is taken for an answer', async () => {
  const folder = newFolder();
  const call = { args: ['--version'], accept: [127, 128] };
  const missing = { code: 'UNSUPPORTED', message: expect.stringContaining('is git installed and on the PATH') };
  await expect(userGit(join(folder, 'gone'), cleanEnvironment).runTogether([call, call])).rejects.toMatchObject(
    missing,
  );
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  await expect(userGit(folder, { PATH: bin }).runTogether([call, call])).rejects.toMatchObject(missing);
});

test('another program runs beside, and nothing of it is told', async () => {
  const { git, folder } = TemporaryRepository.make();
  const call = { args: ['rev-parse', '--is-bare-repository'] };
  const loud = ['sh', '-c', 'echo out; echo err >&2; sleep 0.1; echo "$1" > made; exit 1', 'sh', "it's"];
  for (const beside of [loud, ['no-such-program']]) {
    const [answer] = await git.runTogether([call], { beside });
    expect(answer).toMatchObject({ code: 0, stderr: '' });
    expect(answer!.stdout.toString()).toBe('false\n');
  }
  expect(readFileSync(join(folder, 'made'), 'utf8')).toBe("it's\n");
});
