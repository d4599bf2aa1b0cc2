import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Command } from '../../../src/doors/cli/command.ts';
import { commands } from '../../../src/doors/cli/commands.ts';
import { methodFlags } from '../../../src/doors/cli/method-flags.ts';
import { parseCommand } from '../../../src/doors/cli/parse.ts';

const program = join(import.meta.dirname, '../../../lib/corroborate.js');

/** The flags of the design, section 8, for the commands that there are. */
const promised: Readonly<{ [command: string]: readonly string[] }> = {
  init: ['name', 'goals', 'description', 'private', 'json'],
  run: ['input', 'output', 'env', 'stdin', 'stdout', 'reason', 'tag', 'container', 'isolate', 'timeout', 'json'],
  container: ['rebuild', 'archive', 'json'],
  list: ['limit', 'json'],
  show: ['json'],
  compare: ['method', 'output', 'exit-code', 'json'],
  reproduce: ['input', 'request', 'method', 'all', 'observation', 'json'],
  request: ['proposition', 'method', 'observation', 'json'],
  requests: ['status', 'json'],
  check: ['json'],
  agree: ['json'],
  deny: ['reason', 'json'],
  report: ['format', 'output', 'json'],
  verify: ['json'],
  recover: ['json'],
  push: ['json'],
  pull: ['json'],
};

const loaded: Command[] = await Promise.all(Object.values(commands).map(load => load()));

function corroborate(...words: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], {
    encoding: 'utf8',
    env: { ...process.env, COLUMNS: '80', FORCE_COLOR: undefined },
  });
  expect(stderr).toBe('');
  expect(status, words.join(' ')).toBe(0);
  return stdout;
}

/** A command line's words, as a shell splits them. */
function wordsOf(line: string): string[] {
  return spawnSync('sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' })
    .stdout.split('\0')
    .slice(0, -1);
}

const widest = (text: string) => Math.max(...text.split('\n').map(line => [...line].length));

describe('help', () => {
  test('names every command that the design promises, at 80 columns', () => {
    const overview = corroborate('--help');
    expect(overview.match(/(?<=^ {2})[a-z]+(?= )/gm)).toEqual(Object.keys(promised));
    expect(widest(overview)).toBeLessThanOrEqual(80);
    expect(corroborate()).toBe(overview);
    expect(corroborate('help')).toBe(overview);
  });

  describe.each(loaded.map(command => [command.name, command] as const))('of %s', (name, command) => {
    let text = '';
    beforeAll(() => {
      text = corroborate(name, '--help');
    });

    test('shows every flag of the design, at 80 columns', () => {
      expect(Object.keys(command.flags)).toEqual(expect.arrayContaining([...promised[name]!]));
      for (const flag of Object.keys(command.flags)) expect(text).toMatch(new RegExp(`^  (-\\w, )?--${flag}\\b`, 'm'));
      expect(widest(text)).toBeLessThanOrEqual(80);
      expect(corroborate('help', name)).toBe(text);
    });

    test('has no flag of its own that a method has, too', () => {
      const known = Object.keys(methodFlags());
      if (command.methodFlags) expect(Object.keys(command.flags).filter(flag => known.includes(flag))).toEqual([]);
    });

    test('has examples that the command understands, in a shell', () => {
      const lines = text.match(/(?<=^ {2}\$ ).*$/gm) ?? [];
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) {
        const [program, called, ...words] = wordsOf(line);
        expect([program, called]).toEqual(['corroborate', name]);
        expect(() => parseCommand(command, words, command.methodFlags ? methodFlags() : {})).not.toThrow();
      }
    });

    test('mentions only commands that there are', () => {
      for (const [, mentioned] of text.matchAll(/`corroborate ([a-z]+)/g)) expect(promised).toHaveProperty(mentioned!);
    });
  });
});
