import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as core from '@actions/core';
import { describe, expect, test, vi } from 'vitest';
import { redactionOf } from '../../../src/domain/redaction.ts';
import { commandWords } from '../../../src/doors/action/command-words.ts';
import { readInputs } from '../../../src/doors/action/inputs.ts';
import { problemLines } from '../../../src/doors/action/problem-lines.ts';
import { runnerFiles } from '../../../src/doors/action/runner-files.ts';
import { inputVariable } from '../../../src/doors/action/secrets.ts';
import { shownOutput } from '../../../src/doors/action/shown-output.ts';
import { stepLog } from '../../../src/doors/action/step-log.ts';

const given = (inputs: { [name: string]: string }) =>
  Object.fromEntries(
    Object.entries({ token: 't0ken', ...inputs }).map(([name, value]) => [inputVariable(name), value]),
  );

describe('inputs', () => {
  test('lists are one item a line, and what is left out is as the design says', () => {
    const inputs = readInputs(given({ command: 'make run', inputs: '*.param\n\n  data/**  \n', 'fail-on': '' }));
    expect(inputs).toMatchObject({
      command: ['make', 'run'],
      inputs: ['*.param', 'data/**'],
      outputs: [],
      branch: 'records',
      toward: null,
      request: false,
      method: 'default',
      options: {},
      checkpoints: 'end',
      failOn: [],
      collect: null,
    });
  });

  test('options are YAML', () => {
    expect(readInputs(given({ options: 'rtol: 1e-9\nignore: [time]' })).options).toEqual({
      rtol: 1e-9,
      ignore: ['time'],
    });
    expect(readInputs(given({ options: '{rtol: 1e-9}' })).options).toEqual({ rtol: 1e-9 });
  });

  test.each([
    [{ request: 'yes' }, '`request` is "yes"; it may be true or false'],
    [{ checkpoints: 'all' }, '`checkpoints` is "all"; it may be end, every'],
    [{ toward: 'newest' }, '`toward` is "newest"'],
    [{ toward: 'latest', proposition: 'same' }, '`proposition` is "same"'],
    [{ toward: 'latest', 'fail-on': 'bad' }, '`fail-on` is "bad"'],
    [{ 'fail-on': 'unknown' }, '`fail-on` says something of a comparison'],
    [{ options: 'rtol' }, '`options` holds no options'],
    [{ options: 'a: [' }, '`options` is no YAML'],
    [{ branch: 'a..b' }, '`branch` is "a..b"'],
    [{ token: '' }, '`token` is empty'],
  ])('%j is refused in a sentence', (inputs, because) => {
    expect(() => readInputs(given(inputs as { [name: string]: string }))).toThrow(because);
  });

  test.each([
    [`python3 main.py 'a b' "c d" e\\ f`, ['python3', 'main.py', 'a b', 'c d', 'e f']],
    ['mpirun \\\n  -n 4 ./sim', ['mpirun', '-n', '4', './sim']],
    [`bash -c 'cd sub && make > "$LOG"'`, ['bash', '-c', 'cd sub && make > "$LOG"']],
    ['bash -ec "for n in $(seq 3); do ./sim $n; done"', ['bash', '-ec', 'for n in $(seq 3); do ./sim $n; done']],
    ['./sim --at=~/x a=b', ['./sim', '--at=~/x', 'a=b']],
  ])('%j is words', (text, words) => expect(commandWords(text)).toEqual(words));

  test.each([
    'a && b',
    'a | b',
    'a > b',
    'echo $HOME',
    'echo "$HOME"',
    'ls *.py',
    'a\nb',
    '~/sim',
    'a; b',
    'echo `date`',
  ])('%j is a shell’s', text => expect(() => commandWords(text)).toThrow('no shell reads it here'));
});

test("the runner's files are as @actions/core writes them", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'corroborate-files-'));
  const saved = { ...process.env };
  try {
    const values = ['one', 'two\nlines', ''];
    const texts: string[] = [];
    for (const who of ['core', 'own']) {
      const paths = { GITHUB_OUTPUT: join(folder, `${who}-output`), GITHUB_STATE: join(folder, `${who}-state`) };
      for (const path of Object.values(paths)) writeFileSync(path, '');
      Object.assign(process.env, paths);
      const own = runnerFiles(process.env);
      for (const value of values) {
        if (who === 'core') {
          core.setOutput('status', value);
          core.saveState('settled', value);
        } else {
          own.output('status', value);
          own.state('settled', value);
        }
      }
      const written = Object.values(paths).map(path => readFileSync(path, 'utf8'));
      texts.push(written.join('\0').replace(/ghadelimiter_[\w-]+/g, 'DELIMITER'));
    }
    expect(texts[1]).toBe(texts[0]);
  } finally {
    process.env = saved;
    rmSync(folder, { recursive: true });
  }
});

test('annotations are escaped as @actions/core escapes them, and nothing that is said is a command', async () => {
  let written = '';
  const log = stepLog(async bytes => {
    written += Buffer.from(bytes).toString();
  });
  log.annotate({ level: 'error', title: 'a: b, c', message: '100%\nsecond', file: 'x,y:z.py', line: 3 });
  const said = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  core.error('100%\nsecond', { title: 'a: b, c', file: 'x,y:z.py', startLine: 3 });
  const [theirs] = said.mock.calls[0]!;
  said.mockRestore();
  log.say('first\n::error::forged ##[set-output name=x]y');
  await log.done();
  const parts = (line: string) =>
    line
      .trim()
      .split(/[, ]|::/)
      .sort();
  expect(parts(written.split('\n')[0]!)).toEqual(parts(String(theirs)));
  expect(written).toBe(
    '::error file=x%2Cy%3Az.py,line=3,title=a%3A b%2C c::100%25%0Asecond\n' +
      'corroborate: first\\n::error::forged ##\u200b[set-output name=x]y\n',
  );
});

describe('output', () => {
  const shownOf = async (chunks: readonly (readonly ['stdout' | 'stderr', string])[], secrets: string[] = []) => {
    const lines: string[] = [];
    const shown = shownOutput(redactionOf(secrets), async text => {
      lines.push(text);
    });
    for (const [stream, text] of chunks) await shown.print(Buffer.from(text), stream);
    await shown.end();
    return lines.join('');
  };

  test('lines of two streams never run into each other', async () => {
    const text = await shownOf([
      ['stdout', 'a\nb'],
      ['stderr', 'x\ny'],
      ['stdout', 'c\n'],
    ]);
    expect(text).toBe('a\nx\nbc\ny\n');
  });

  test('a secret is hidden wherever it is cut, also in a line without end', async () => {
    const secret = 'correct-horse-battery';
    for (let cut = 1; cut < secret.length; cut++) {
      const pad = 'x'.repeat(64 * 1024 - cut);
      const text = await shownOf(
        [
          ['stdout', pad + secret.slice(0, cut)],
          ['stdout', `${secret.slice(cut)}y`],
        ],
        [secret],
      );
      expect(text.replaceAll('\n', '')).toBe(`${pad}***y`);
    }
  });
});

describe('problem lines', () => {
  const found = (text: string, failed = true) => {
    const lines = problemLines(path => (path.startsWith('/usr') ? null : path.replace('/home/ada/', '')));
    lines.read(text);
    return lines.found(failed);
  };

  test('a Python traceback points at the last line of the project, not of a library', () => {
    const traceback = [
      'Traceback (most recent call last):',
      '  File "/home/ada/main.py", line 12, in <module>',
      '    step(x)',
      '  File "/usr/lib/python3/numpy/linalg.py", line 99, in solve',
      '    raise LinAlgError("Singular matrix")',
      'numpy.linalg.LinAlgError: Singular matrix',
    ].join('\n');
    expect(found(traceback)).toEqual([
      { level: 'error', title: 'numpy.linalg.LinAlgError', message: 'Singular matrix', file: 'main.py', line: 12 },
    ]);
    expect(found(traceback, false)).toMatchObject([{ level: 'warning' }]);
  });

  test('gfortran at run time', () => {
    expect(found('At line 7 of file model.f90\nFortran runtime error: End of file\n')).toEqual([
      { level: 'error', title: 'Fortran runtime error', message: 'End of file', file: 'model.f90', line: 7 },
    ]);
  });

  test('few, each once, and none where nothing is wrong', () => {
    const many = Array.from({ length: 50 }, (_, n) => `a.c:${n}:1: error: x`);
    expect(found([...many, ...many].join('\n'))).toHaveLength(8);
    expect(found('Error in the third digit: 0.002\nwarning: a.c\nstep 3: error 1e-9\n12:30:01 error: none\n')).toEqual(
      [],
    );
  });
});
