import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { compiledCode } from '../../../src/doors/cli/compiled-code.ts';
import { builtCommand } from '../../support/built-command.ts';

let place = '';
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'compiled-code-'));
  writeFileSync(join(place, 'one.js'), "exports.two = require('./two.js').two; exports.name = __filename;");
  writeFileSync(
    join(place, 'two.js'),
    "exports.two = () => require('node:path').sep.length + 1; exports.os = () => __import('node:os');",
  );
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

const cache = () => join(place, 'cache/build');
const kept = () => join(cache(), 'run');

function once(command = 'run'): { two: () => number; name: string } {
  const code = compiledCode(place, cache(), command);
  const one = code.load('one.js') as { two: () => number; name: string };
  expect(one.two()).toBe(2);
  code.keep();
  return one;
}

test('a file is run once, gets those that it requires, and may import', async () => {
  const code = compiledCode(place, null, 'run');
  expect(code.load('one.js')).toBe(code.load('one.js'));
  expect(once().name).toBe(join(place, 'one.js'));
  const { os } = code.load('two.js') as { os: () => Promise<typeof import('node:os')> };
  expect((await os()).EOL).toBe('\n');
});

test('what was compiled is kept, for each command, and written again only where something was lacking', () => {
  once();
  const { ino } = statSync(kept());
  once();
  expect(statSync(kept()).ino).toBe(ino);
  once('list');
  expect(readdirSync(cache()).sort()).toEqual(['list', 'run']);
  writeFileSync(join(place, 'three.js'), 'exports.three = 3;');
  const code = compiledCode(place, cache(), 'run');
  code.load('one.js');
  code.load('three.js');
  code.keep();
  expect(readFileSync(kept()).toString('latin1').split('\n')[0]).toMatch(/one\.js.*two\.js.*three\.js/);
  expect(statSync(kept()).mode & 0o777).toBe(0o600);
});

test.each([
  ['cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
  ['empty', () => Buffer.alloc(0)],
  ['of another kind', () => Buffer.from('{"a": 1}\nnothing')],
  ['of zeros', (bytes: Buffer) => Buffer.alloc(bytes.length)],
])('a file that is %s is not believed, and is written anew', (_, spoil) => {
  once();
  const good = readFileSync(kept());
  writeFileSync(kept(), spoil(good));
  once();
  expect(readFileSync(kept()).toString('latin1').split('\n')[0]).toBe(good.toString('latin1').split('\n')[0]);
});

test('where nothing can be kept, it works all the same', () => {
  writeFileSync(join(place, 'cache'), 'no folder');
  once();
  once();
});

test('code of a build that nobody added to for a month is removed with the first of another', () => {
  once();
  const long = new Date(Date.now() - 40 * 24 * 3600 * 1000);
  utimesSync(cache(), long, long);
  const code = compiledCode(place, join(place, 'cache/other'), 'run');
  code.load('one.js');
  code.keep();
  expect(readdirSync(join(place, 'cache'))).toEqual(['other']);
});

test('the built command keeps the code of commands that there are, and says the same with it', () => {
  const home = join(place, 'home');
  const call = (...args: string[]) =>
    spawnSync(process.execPath, [builtCommand, ...args], {
      cwd: place,
      encoding: 'utf8',
      env: { PATH: process.env.PATH!, HOME: place, XDG_CACHE_HOME: home },
    });
  expect(call('--version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(call('nonsense').status).toBe(2);
  const first = call('list');
  const second = call('list');
  expect(second).toMatchObject({ status: first.status, stdout: first.stdout, stderr: first.stderr });
  const [build] = readdirSync(join(home, 'corroborate/compiled'));
  expect(readdirSync(join(home, 'corroborate/compiled', build!))).toEqual(['list']);
});
