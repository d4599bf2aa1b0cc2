import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const top = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'corroborate-demo-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What is shown to a file has no colours, whatever the terminal is that the tests run in. */
const plain: NodeJS.ProcessEnv = { ...process.env, FORCE_COLOR: undefined };

const hasNumpy = ['python3', '/usr/bin/python3'].some(
  python => spawnSync(python, ['-c', 'import numpy'], { env: { ...process.env, HOME: folder } }).status === 0,
);

/** Runs the demo with a home and a folder for temporary files of its own. */
function demo(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const [home, temporary] = ['home', 'tmp'].map(name => mkdtempSync(join(folder, `${name}-`))) as [string, string];
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(top, 'scripts/demo.ts'), ...args], {
    env: { ...plain, HOME: home, TMPDIR: temporary, ...environment },
    encoding: 'utf8',
  });
  return { status, stdout, stderr, home, temporary };
}

/** The demo's text with what differs from run to run and from machine to machine taken out, wherever its lines break. */
function fixedParts(text: string): string {
  return text
    .replaceAll(/\b\d{8}T\d{6}Z-[0-9a-f]{10}\b/g, 'ID')
    .replaceAll(/\b[0-9a-f]{10}\b/g, 'DIGITS')
    .replaceAll(/\d+ dependencies/g, 'N dependencies')
    .replaceAll(/the same \(\d+\)/g, 'the same (N)')
    .replaceAll(/\s+/g, ' ');
}

const commandLines = (text: string) => text.match(/(?<=^(?:Ada|Grace) \$ ).*$/gm) ?? [];

/** Shows a life of a claim in full; what the simulation is matters not. */
function expectTheWholeLife({ status, stdout, stderr, home, temporary }: ReturnType<typeof demo>): void {
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(commandLines(stdout).map(line => line.split(' ').slice(0, 2).join(' '))).toEqual([
    ...['corroborate init', 'corroborate run', 'corroborate push'],
    ...['git clone', 'corroborate pull'],
    ...Array<string[]>(4).fill(['corroborate run', 'corroborate compare']).flat(),
    ...Array<string>(3).fill('corroborate request'),
    ...['corroborate push', 'corroborate pull', 'corroborate requests', 'corroborate check'],
    ...['corroborate agree', 'corroborate deny'],
    ...['corroborate list', 'corroborate report', 'corroborate verify', 'corroborate push'],
  ]);
  for (const sentence of [
    '\nThe output is the same. Table 1 says repeatable.\n',
    '\nThe output differs (by content). Table 1 says unknown.\n',
    '\nThe output is the same. Table 1 says reproducible.\n',
    'outputs same       [repeatable]       reproducible    reproducible    reproducible',
    'outputs different   non-repeatable   [unknown]        unknown         unknown',
    'corroborate: no request was opened: with different source, same inputs and same outputs, Table 1 says reproducible: only "reproduced" may be proposed, not "repeated" (rule table-1).\n(exit code 1)',
    'The project is repeatable: 1 repeated, by 2 people, 1 independent.',
    '\ndenied: ',
    '\nholds: 5 records, 0 problems\n',
  ]) {
    expect(stdout).toContain(sentence);
  }
  expect(readdirSync(home), 'left in the home folder').toEqual([]);

  const script = stdout.trimEnd().split('\n').slice(-3).join('\n');
  expect(script).toContain(temporary);
  const looked = spawnSync('sh', ['-ec', script], { encoding: 'utf8', env: { ...plain, HOME: home } });
  expect(looked.stderr).toBe('');
  expect(looked.status).toBe(0);
  expect(looked.stdout).toContain('outputs (1)');
  expect(looked.stdout).toContain('records/');
}

describe('the demo', () => {
  test('shows the whole life of a claim with nothing but git and node', () => {
    const shown = demo(['--simulation', 'ising']);
    expect(shown.stdout).toContain('The simulation is examples/ising, in JavaScript.');
    expectTheWholeLife(shown);
  });

  test.skipIf(!hasNumpy)("takes the paper's own example where there is numpy (skipped where there is none)", () => {
    const shown = demo([]);
    expect(shown.stdout).toContain("The simulation is the paper's own example, examples/demo-sumatra (Python 3.");
    expectTheWholeLife(shown);
    let rest = fixedParts(shown.stdout);
    for (const part of excerpts()) {
      const excerpt = fixedParts(part);
      expect(rest, "what the README shows, in the README's order").toContain(excerpt);
      rest = rest.slice(rest.indexOf(excerpt) + excerpt.length);
    }
  });

  test('stops with a sentence where a step fails', () => {
    const tools = mkdtempSync(join(folder, 'bin-'));
    symlinkSync(process.execPath, join(tools, 'node'));
    const { status, stderr } = demo(['--simulation', 'ising'], { PATH: tools });
    expect(stderr).toContain('The demo stopped: git could not be started');
    expect(status).toBe(1);
  });

  test('refuses a simulation that it does not have', () => {
    const { status, stderr } = demo(['--simulation', 'weather']);
    expect(stderr).toContain('--simulation is one of demo-sumatra, ising.');
    expect(status).toBe(1);
  });
});

/** What the README shows of the demo, split where it leaves something out. */
function excerpts(): string[] {
  const readme = readFileSync(join(top, 'README.md'), 'utf8');
  const [, excerpt] = /```console\n(Ada \$ [\s\S]*?)\n```/.exec(readme) ?? [];
  if (excerpt === undefined) throw new Error('the README holds no excerpt of the demo');
  return excerpt.split('\n…\n');
}
