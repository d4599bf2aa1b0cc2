import { describe, expect, test } from 'vitest';
import { diffPath, recordPath } from '../../src/domain/branch-layout.ts';
import { readConfiguration } from '../../src/domain/configuration.ts';
import { assertDocument, type Documents, readDocument, requireDocument } from '../../src/domain/documents.ts';
import { Problem } from '../../src/domain/problem.ts';
import { writeYaml } from '../../src/domain/yaml-writing.ts';
import { ada, container, diffOf, file, ids, project, recordOf } from './good-request.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

const good = {
  project,
  history: [container],
  container,
  record: recordOf(ids.from),
  diff: diffOf(),
  assessment: {
    property: 'unknown',
    counts: { repeated: 0, reproduced: 0, non_repeated: 0, non_reproduced: 0, independent: 0, attested: 0, people: 0 },
    pairs: [],
  },
  configuration: {
    project: 'demo',
    inputs: ['*.param'],
    limits: { file: '256KiB' },
    compare: { methods: ['default'], rtol: { max: 1e-4 } },
  },
} satisfies Documents;
const pathOf = (kind: keyof Documents) =>
  kind === 'record' ? recordPath(ids.from) : kind === 'diff' ? diffPath(ids.diff) : `${kind}.yml`;

/** `line:column field: because` of each fault of a text. */
function faultsOf(kind: keyof Documents, text: string, path = pathOf(kind)): string[] {
  const reading = readDocument(kind, bytesOf(text), path);
  if ('value' in reading) throw new Error('it was read');
  return reading.faults.map(({ line, column, field, because }) => `${line}:${column} ${field}: ${because}`);
}

/** A good document with one text of it replaced. */
function altered(kind: keyof Documents, from: string | RegExp, to: string): string {
  const text = writeYaml(good[kind]);
  const changed = text.replace(from, to);
  if (changed === text) throw new Error(`${from} is not in\n${text}`);
  return changed;
}

test.each(Object.keys(good) as (keyof Documents)[])('a good %s is read as it was written', kind => {
  expect(readDocument(kind, bytesOf(writeYaml(good[kind])), pathOf(kind))).toEqual({ value: good[kind] });
  expect(() => assertDocument(kind, good[kind])).not.toThrow();
});

describe('each fault with its place, field and reason', () => {
  const owner = /owner:\n(?: .*\n)+/;
  const cases: [string, keyof Documents, string | RegExp, string, (string | RegExp)[]][] = [
    [
      'a wrong word',
      'record',
      'status: finished',
      'status: done',
      [/^\d+:9 status: must be one of started, paused, finished, failed, cancelled, unknown, not "done"$/],
    ],
    ['a missing field', 'project', /goals: .*\n/, '', ['1:1 null: the field goals is missing']],
    ['a field that there is not', 'project', 'goals:', 'more: 1\ngoals:', [/^\d:\d more: there is no such field$/]],
    [
      'a misspelt field',
      'project',
      'goals:',
      'goal:',
      [/^1:1 null: the field goals is missing$/, /^5:\d goal: there is no such field$/],
    ],
    [
      'a number for a text',
      'record',
      'version: "1.24.2"',
      'version: 1.10',
      [/^\d+:14 dependencies\[0\].version: must be string or null, not 1.1: put it in quotes$/],
    ],
    [
      'a truth for a text',
      'project',
      'goals: Draw n values from a distribution',
      'goals: true',
      ['5:8 goals: must be string, not true: put it in quotes'],
    ],
    [
      'null for a text',
      'project',
      'goals: Draw n values from a distribution',
      'goals: null',
      ['5:8 goals: must be string, not null'],
    ],
    [
      'a text for a number',
      'record',
      'exit_code: 0',
      'exit_code: zero',
      [/^\d+:14 program.exit_code: must be integer or null, not "zero"$/],
    ],
    ['a text for a truth', 'project', 'private: false', 'private: no', ['2:10 private: must be boolean, not "no"']],
    ['a list for a mapping', 'project', owner, 'owner: []\n', [/^6:8 owner: must be object, not a list$/]],
    [
      'a mapping for a text',
      'project',
      'name: demo-sumatra',
      'name: {a: 1}',
      ['3:7 name: must be string, not a mapping'],
    ],
    ['an owner by name alone', 'project', owner, 'owner: {name: ada}\n', ['6:8 owner: the field email is missing']],
    ['an owner by login alone', 'project', owner, 'owner: {login: ada}\n', ['6:8 owner: the field id is missing']],
    [
      'an id in quotes',
      'project',
      owner,
      'owner: {login: ada, id: "1815"}\n',
      ['6:25 owner.id: must be integer, not "1815"'],
    ],
    [
      'an owner that is nobody',
      'project',
      owner,
      'owner: {}\n',
      ['6:8 owner: must have the fields of one form only; missing are login and id, or else name and email'],
    ],
    ['an owner that is a word', 'project', owner, 'owner: ada\n', ['6:8 owner: must be object, not "ada"']],
    [
      'a measure that is no number',
      'diff',
      'distance: 0',
      'max_abs: many',
      [/^\d+:\d+ diff.results\[0\].max_abs: must be number or inf or -inf or nan, not "many"$/],
    ],
    [
      'an answer without a commit',
      'diff',
      'answer: null',
      'answer: {by: {login: ada, id: 1815}, at: 2026-11-24T00:00:00.000Z, reason: null}',
      [/^\d+:9 answer: the field commit is missing$/],
    ],
    [
      'an answer by nobody',
      'diff',
      'answer: null',
      'answer: {by: {login: ada}, at: 2026-11-24T00:00:00.000Z, reason: null, commit: 12}',
      [/answer.by: the field id is missing$/, /answer.commit: must be string, not 12: put it in quotes$/],
    ],
    ['an id of another form', 'record', `id: ${ids.from}`, 'id: first', [/^1:5 id: does not have the form /]],
    [
      'an id of no day',
      'record',
      `id: ${ids.from}`,
      'id: 20261342T101112Z-0a1b2c3d4e',
      [/^1:5 id: does not have the form /],
    ],
    [
      'a variable without a name',
      'record',
      'UNSET: null',
      '"A=B": null',
      [/^\d+:\d+ program.environment: "A=B" is no name that may stand here$/],
    ],
    [
      'a variable that is a number',
      'record',
      'OMP_NUM_THREADS: "1"',
      'OMP_NUM_THREADS: 1',
      [/program.environment.OMP_NUM_THREADS: must be string or null, not 1: put it in quotes$/],
    ],
    [
      'a variable called by a number',
      'record',
      'UNSET: null',
      '"1": 2',
      [/program.environment\["1"\]: must be string or null, not 2: put it in quotes$/],
    ],
    [
      'a day that never was',
      'project',
      '2026-11-22T',
      '2026-02-30T',
      ['1:10 created: 2026-02-30T09:00:00.000Z is no time that there was'],
    ],
    ['a leap second', 'project', '09:00:00.000Z', '23:59:60.000Z', [/^1:10 created: does not have the form/]],
    ['a time without milliseconds', 'project', '09:00:00.000Z', '09:00:00Z', [/^1:10 created: does not have the form/]],
    ['a time elsewhere', 'project', '09:00:00.000Z', '09:00:00.000+01:00', [/^1:10 created: does not have the form/]],
    [
      'a container of system none with an image',
      'container',
      'image: null',
      `image: ghcr.io/a/b@sha256:${'0'.repeat(64)}`,
      ['9:8 image: a container of system none has no image'],
    ],
    [
      'a container without an image',
      'container',
      'system: none',
      'system: docker',
      ['9:8 image: a container of system docker has an image'],
    ],
    ['an image by tag', 'container', 'image: null', 'image: ghcr.io/a/b:latest', [/image: does not have the form/]],
    [
      'a custom method without a name',
      'diff',
      'method: default',
      'method: custom',
      [/^\d+:9 diff.name: a custom method has a name$/],
    ],
    [
      'a name for the default method',
      'diff',
      'name: null',
      'name: image',
      [/^\d+:9 diff.name: only a custom method has a name$/],
    ],
    [
      'an agreement without an answer',
      'diff',
      'status: proposed',
      'status: agreed',
      [/answer: a request that was agreed has an answer$/],
    ],
    [
      'a size of another kind',
      'configuration',
      'file: 256KiB',
      'file: 256 kilo',
      [/limits.file: does not have the form/],
    ],
    [
      'a glob for a list of globs',
      'configuration',
      /inputs:\n.*\n/,
      "inputs: '*.param'\n",
      ['2:9 inputs: must be array, not "*.param"'],
    ],
    [
      'several at once',
      'project',
      /private: false\nname: demo-sumatra\n/,
      'private: 1\nname: 2\n',
      [/private: must be boolean, not 1$/, /name: must be string, not 2: put it in quotes$/],
    ],
  ];
  test.each(cases)('%s', (_, kind, from, to, expected) => {
    const faults = faultsOf(kind, altered(kind, from, to));
    for (const [index, one] of expected.entries()) {
      if (typeof one === 'string') expect(faults).toContain(one);
      else
        expect(
          faults.some(fault => one.test(fault)),
          `${faults.join('\n')}\n${index}: ${one}`,
        ).toBe(true);
    }
    expect(faults).toHaveLength(expected.length);
  });

  test.each([
    '../x',
    '/etc/passwd',
    'a/../../b',
    '.git/config',
    'a/.GIT/b',
    'C:/x',
    'c:x',
    'a\\b',
    'nul',
    'COM1.txt',
    'a/aux/b',
    'a//b',
    './a',
    '',
  ])('the path %j', path => {
    const record = recordOf(ids.from, { outputs: [file(path)] });
    const faults = faultsOf('record', writeYaml(record));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(/^\d+:11 outputs\[0\].path: /);
    const results = faultsOf(
      'diff',
      writeYaml(diffOf({ diff: { ...diffOf().diff, results: [{ path, same: true, identical: true }] } })),
    );
    expect(results[0]).toMatch(/^\d+:\d+ diff.results\[0\].path: /);
  });

  test('paths that stand twice or out of order', () => {
    const listed = (...paths: string[]) => writeYaml(recordOf(ids.from, { inputs: paths.map(path => file(path)) }));
    expect(faultsOf('record', listed('a', 'a'))).toEqual([
      expect.stringContaining('inputs[1].path: this path stands twice'),
    ]);
    expect(faultsOf('record', listed('b', 'a'))).toEqual([
      expect.stringContaining('inputs[1].path: the paths are not sorted'),
    ]);
    const results = ['a', 'a'].map(path => ({ path, same: true, identical: true }));
    expect(faultsOf('diff', writeYaml(diffOf({ diff: { ...diffOf().diff, results } })))).toEqual([
      expect.stringContaining('diff.results[1].path: this path stands twice'),
    ]);
  });

  test('a container that stands in the history twice', () => {
    expect(faultsOf('history', writeYaml([container, container]))).toEqual([
      expect.stringContaining('[1].id: this container stands in the history twice'),
    ]);
  });

  test('a file elsewhere than its id says', () => {
    expect(faultsOf('record', writeYaml(good.record), recordPath(ids.toward))).toEqual([
      `1:5 id: a record of this id stands at ${recordPath(ids.from)}`,
    ]);
    expect(faultsOf('diff', writeYaml(good.diff), diffPath(ids.from))).toEqual([
      `1:5 id: a diff of this id stands at ${diffPath(ids.diff)}`,
    ]);
  });

  test('in a file of another style, too', () => {
    expect(faultsOf('project', '# ours\n{created: 1,\n private: 2}\n')).toEqual(
      expect.arrayContaining([
        '2:11 created: must be string, not 1: put it in quotes',
        '3:11 private: must be boolean, not 2',
        '2:1 null: the field owner is missing',
      ]),
    );
  });

  test('the first hundred of many', () => {
    const outputs = Array.from({ length: 300 }, (_, index) => ({ ...file(`f${index}`), size: -1 }));
    const faults = faultsOf('record', writeYaml(recordOf(ids.from, { outputs })));
    expect(faults).toHaveLength(101);
    expect(faults.at(-1)).toMatch(/and 200 more faults$/);
  });
});

test('requireDocument throws every fault, and a sentence that says where', () => {
  const call = () =>
    requireDocument('project', bytesOf(altered('project', 'private: false', 'private: no')), 'project.yml');
  expect(call).toThrow('project.yml does not hold what it must: line 2, column 10: private: must be boolean, not "no"');
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(Problem);
    expect((error as Problem).faults).toEqual([
      { path: 'project.yml', line: 2, column: 10, field: 'private', because: 'must be boolean, not "no"' },
    ]);
  }
});

test('assertDocument names what could not be read back', () => {
  const broken = recordOf(ids.from, { outputs: [file('../x')] });
  expect(() => assertDocument('record', broken)).toThrow(/outputs\[0\].path: no safe path/);
  expect(() => assertDocument('project', { ...project, owner: { ...ada, id: 0 } })).toThrow(/owner.id/);
});

test('a configuration that is not there, empty or commented out configures nothing', () => {
  for (const text of ['', '\n', '# project: x\n\n', '  # x\r\n']) expect(readConfiguration(bytesOf(text))).toEqual({});
  expect(readConfiguration(null)).toEqual({});
  expect(() => readConfiguration(bytesOf('project: 1\n'))).toThrow('corroborate.yml does not hold what it must');
});
