import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runComparison } from '../../../src/machine/process/comparison-program.ts';

let home: string;
let temporaryFolder: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'corroborate-program-'));
  temporaryFolder = mkdtempSync(join(tmpdir(), 'corroborate-sides-'));
});
afterEach(() => {
  // Whatever came of it, nothing of the two sides is left.
  const left = readdirSync(temporaryFolder);
  for (const folder of [home, temporaryFolder]) rmSync(folder, { recursive: true, force: true });
  expect(left).toEqual([]);
});

const bytes = (text: string) => new TextEncoder().encode(text);
const sides = { from: new Map([['a/b.txt', bytes('mine')]]), toward: new Map([['a/b.txt', bytes('theirs')]]) };

const run = (command: readonly string[], seconds = 30, files: Parameters<typeof runComparison>[1] = sides) =>
  runComparison(command, files, seconds, {
    cwd: home,
    environment: { PATH: process.env.PATH, ASKED: 'yes' },
    temporaryFolder,
  });
const shell = (script: string, seconds?: number) => run(['sh', '-c', script, 'sh'], seconds);
const printed = (answer: Awaited<ReturnType<typeof run>>) =>
  'printed' in answer ? new TextDecoder().decode(answer.printed) : answer;

test('a program gets both folders after its words, runs where it was called, and is heard on stdout', async () => {
  expect(printed(await shell('cat "$1/a/b.txt"; echo; cat "$2/a/b.txt"; echo " $ASKED"; pwd; echo unheard >&2'))).toBe(
    `mine\ntheirs yes\n${home}\n`,
  );
  writeFileSync(join(home, 'compare.sh'), '#!/bin/sh\necho "$1 $#"\n', { mode: 0o755 });
  expect(printed(await run(['./compare.sh', 'word']))).toBe('word 3\n');
});

test('it reads nothing from our own input', async () => {
  expect(printed(await shell('cat; echo end'))).toBe('end\n');
});

test.each([
  ['exit 3', 'the program ended with exit code 3.'],
  ['echo "{}"; exit 1', 'the program ended with exit code 1.'],
  ['kill -SEGV $$', 'the program was ended by SIGSEGV.'],
  ['yes', 'the program printed more than the 16777216 bytes that are read of an answer.'],
])('%s is no answer', async (script, failed) => {
  expect(await shell(script)).toEqual({ failed });
});

test('one that does not end is ended, with what it started, even if it does not want to', async () => {
  const pids = join(home, 'pids');
  const answer = await shell(`trap '' TERM; sleep 1000 & echo $$ $! > ${pids}; while :; do sleep 0.1; done`, 0.5);
  expect(answer).toEqual({ failed: 'the program did not end within 0.5 seconds.' });
  for (const pid of readFileSync(pids, 'utf8').trim().split(' ')) {
    expect(isRunning(Number(pid))).toBe(false);
  }
});

test('what it leaves running is ended and holds nothing up', async () => {
  const pid = join(home, 'pid');
  expect(printed(await shell(`sleep 1000 & echo $! > ${pid}; echo done`))).toBe('done\n');
  expect(isRunning(Number(readFileSync(pid, 'utf8')))).toBe(false);
});

test('a program that is not there, or may not be run, is a problem before anything is written', async () => {
  await expect(run(['./nowhere.py'])).rejects.toMatchObject({ code: 'COMMAND_NOT_FOUND' });
  writeFileSync(join(home, 'plain.py'), '');
  await expect(run(['./plain.py'])).rejects.toMatchObject({ code: 'COMMAND_NOT_EXECUTABLE' });
});

test('a path that leads out of its folder is never written', async () => {
  const out = new Map([['../../escaped', bytes('x')]]);
  await expect(run(['true'], 30, { from: out, toward: out })).rejects.toMatchObject({ code: 'REFUSED' });
  expect(existsSync(join(temporaryFolder, '../escaped'))).toBe(false);
});

test.skipIf(process.platform === 'win32')('a name that only Windows would not take is one', async () => {
  const odd = new Map([['aux.txt', bytes('x')]]);
  const answer = await run(['sh', '-c', 'cat "$1/aux.txt" "$2/aux.txt"', 'sh'], 30, { from: odd, toward: odd });
  expect(answer).toEqual({ printed: Buffer.from('xx') });
});

test('two outputs that cannot both be files are a problem', async () => {
  const both = new Map([
    ['a', bytes('x')],
    ['a/b', bytes('y')],
  ]);
  await expect(run(['true'], 30, { from: both, toward: both })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
});

/** A process that ended but was not waited for does not run. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return process.platform !== 'linux';
  }
}
