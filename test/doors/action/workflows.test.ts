import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ActionsMetadataProvider, registerLogger, validate } from '@actions/languageservice';
import { afterEach, expect, test } from 'vitest';
import { parse } from 'yaml';

const top = join(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(top, path), 'utf8');
const action = parse(read('action.yml'));
const folders = ['examples/workflows', '.github/workflows'];
const workflows = folders.flatMap(folder => readdirSync(join(top, folder)).map(name => `${folder}/${name}`));

type TextDocument = Parameters<typeof validate>[0];

/** As much of a text document as the language service asks of one. */
function documentOf(path: string, text = read(path)): TextDocument {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return {
    uri: `file:///${path}`,
    languageId: 'yaml',
    version: 1,
    lineCount: starts.length,
    getText: () => text,
    offsetAt: ({ line, character }: { line: number; character: number }) => (starts[line] ?? text.length) + character,
    positionAt(offset: number) {
      const line = starts.findLastIndex(start => start <= offset);
      return { line, character: offset - starts[line]! };
    },
  } as TextDocument;
}

/** The inputs, as far as they are used here, of actions that the language service would look up on GitHub. */
const others: Readonly<{ [name: string]: readonly string[] }> = {
  checkout: ['ref'],
  'setup-node': ['node-version'],
  'setup-python': ['python-version', 'check-latest'],
  'upload-artifact': ['name', 'path'],
  'download-artifact': ['pattern', 'path'],
};
const actionsMetadataProvider: ActionsMetadataProvider = {
  async fetchActionMetadata({ owner, name }) {
    if (name === 'corroborate') return action;
    const known = owner === 'actions' ? others[name] : undefined;
    return (
      known && { name, description: '', inputs: Object.fromEntries(known.map(input => [input, { description: '' }])) }
    );
  },
};

// What it stumbles over it only logs.
const stumbles: string[] = [];
registerLogger({ error: text => stumbles.push(text), warn() {}, info() {}, log() {} });
afterEach(() => expect(stumbles.splice(0)).toEqual([]));

const faultsOf = async (path: string, text?: string) =>
  (await validate(documentOf(path, text), { actionsMetadataProvider })).map(
    ({ message, range }) => `${range.start.line + 1}: ${message}`,
  );

test.each(['action.yml', ...workflows])("%s is valid by GitHub's own language service", async path => {
  expect(await faultsOf(path)).toEqual([]);
});

test('the language service would say so if it were not', async () => {
  expect(await faultsOf('elsewhere/action.yml', read('action.yml').replace('main: dist', 'mian: dist'))).not.toEqual(
    [],
  );
  const misspelt = read('examples/workflows/record.yml').replace('outputs: Data', 'output: Data');
  expect(await faultsOf('.github/workflows/x.yml', misspelt)).toEqual([expect.stringContaining('output')]);
});

test('there is one for each of the ways to use it, and the Action is used on the example here', () => {
  expect(readdirSync(join(top, folders[0]!)).sort()).toEqual([
    'bit-rot-watch.yml',
    'record.yml',
    'repeat.yml',
    'reproduce-in-fork.yml',
    'sweep.yml',
  ]);
  const { jobs } = parse(read('.github/workflows/ci.yml'));
  expect(JSON.stringify(jobs)).toContain('.ci/run');
  expect(JSON.stringify(jobs)).toContain('"uses":"./"');
});

const inputsRead = () => {
  const source = ['inputs.ts', 'secrets.ts'].map(name => read(`src/doors/action/${name}`)).join('');
  const names = [...source.matchAll(/\b(?:text|textOrNull|lines|value)\('([a-z-]+)'\)/g)].map(([, name]) => name!);
  return [...new Set(names)].sort();
};

test('action.yml has the inputs that are read and the outputs that are given, and docs/action.md tells of each', () => {
  expect(Object.keys(action.inputs).sort()).toEqual(inputsRead());
  const given = ['tell-runs.ts', 'collect.ts'].flatMap(name =>
    [...read(`src/doors/action/${name}`).matchAll(/(?:runner\.output|give)\('([a-z-]+)'/g)].map(
      ([, output]) => output!,
    ),
  );
  expect(Object.keys(action.outputs).sort()).toEqual([...new Set(given)].sort());
  const page = read('docs/action.md');
  for (const name of [...Object.keys(action.inputs), ...Object.keys(action.outputs)]) {
    expect(page).toMatch(new RegExp(`^\\| \`${name}\` +\\|`, 'm'));
  }
});

test.each(workflows)('%s uses the inputs that there are', path => {
  const { jobs } = parse(read(path)) as { jobs: { [name: string]: { steps: { uses?: string; with?: object }[] } } };
  const ours = Object.values(jobs)
    .flatMap(({ steps }) => steps)
    .filter(({ uses }) => uses === './' || uses?.startsWith('corroborate/corroborate@'));
  expect(ours.length).toBeGreaterThan(0);
  for (const { with: given = {} } of ours) {
    expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(given)));
  }
});
