import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
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

test('without a shell each is run by itself', async () => {
  const bin = join(newFolder(), 'bin');
  mkdirSync(bin);
  const git = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  symlinkSync(git, join(bin, 'git'));
  const call = { args: ['--version'] };
  const answers = await userGit(newFolder(), { PATH: bin }).runTogether([call, call]);
  expect(answers.map(({ code, stdout }) => [code, stdout.toString()])).toEqual([
    [0, expect.stringContaining('git version')],
    [0, expect.stringContaining('git version')],
  ]);
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
  symlinkSync('/bin/sh', join(bin, 'sh'));
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
