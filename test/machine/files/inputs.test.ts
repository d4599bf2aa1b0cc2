import { describe, expect, test } from 'vitest';
import { settleInputs } from '../../../src/machine/files/inputs.ts';
import { asUser, paths, workingTree } from './working-tree.ts';

const files = {
  'main.py': 'print()',
  sim: '#!/bin/sh',
  'default.param': 'n = 1',
  'other.param': 'n = 2',
  'Data/old.csv': '1',
  'in/a b.csv': '1',
  'in/deep/c.csv': '2',
  '.env': 'PASSWORD=x',
};

describe('inputs from the command line', () => {
  test.each<[string[], string[]]>([
    [['python3', 'main.py', 'default.param'], ['default.param']],
    [
      ['./sim', '--config=default.param', 'in/a b.csv', 'nothing.csv'],
      ['default.param', 'in/a b.csv'],
    ],
    [
      ['sh', '-c', 'python main.py default.param < "in/a b.csv"'],
      ['default.param', 'in/a b.csv'],
    ],
    [['sh', '-c', 'cd in && python ../main.py "a b.csv"'], ['in/a b.csv']],
    [['./sim', './in/../default.param', 'default.param'], ['default.param']],
    [['./sim', '/dev/null', '/proc/cpuinfo', '', 'a\0b'], []],
  ])('%j', async (command, expected) => {
    using tree = workingTree(files);
    expect(paths(await tree.inputs(command))).toEqual(expected);
  });

  test.each<[string[], string[]]>([
    [['./sim', 'default.param', '-o', 'Data/old.csv'], []],
    [['sh', '-c', './sim default.param > Data/old.csv'], []],
    [['./sim', 'default.param', 'Data/old.csv'], ['Data/**']],
    [['./sim', 'default.param', 'Data/old.csv'], ['**']],
  ])(
    '%j with outputs %j: what an earlier run left is no input, if this one wrote it again',
    async (command, outputs) => {
      using tree = workingTree(files);
      const inputs = await tree.inputs(command, { outputs });
      const written = await tree.run('echo 2 > Data/old.csv', { declared: outputs, inputs: inputs.files });
      expect(await settleInputs(inputs, written.files)).toMatchObject({
        files: [{ path: 'default.param' }],
        notes: [],
      });
      const nothing = await tree.run('true', { declared: outputs, inputs: inputs.files });
      expect(paths(await settleInputs(inputs, nothing.files))).toEqual(['Data/old.csv', 'default.param']);
    },
  );

  test('a file that an input glob matches is one, also when the run writes it', async () => {
    using tree = workingTree(files);
    const query = { outputs: ['Data/**'], asked: ['Data/old.csv'] };
    const inputs = await tree.inputs(['./sim', 'default.param', 'Data/old.csv'], query);
    const written = await tree.run('echo 2 > Data/old.csv', { inputs: inputs.files });
    expect(paths(await settleInputs(inputs, written.files))).toEqual(['Data/old.csv', 'default.param']);
  });

  test('what is written stands for no configured glob', async () => {
    using tree = workingTree(files);
    const found = await tree.inputs(['./sim', '-o', 'other.param'], { configured: ['*.param'] });
    expect(paths(found)).toEqual(['default.param', 'other.param']);
  });

  test('words are read from the folder that the command runs in, paths are of the top level', async () => {
    using tree = workingTree(files);
    const found = await tree.inputs(['../sim', 'a b.csv', '../default.param'], { cwd: tree.at('in') });
    expect(paths(found)).toEqual(['default.param', 'in/a b.csv']);
  });

  test('a folder is no input, which is said unless a glob covers it', async () => {
    using tree = workingTree(files);
    const found = await tree.inputs(['./sim', 'in', '.']);
    expect(paths(found)).toEqual([]);
    expect(found.notes).toEqual([expect.stringMatching(/folders are named on the command line.*: in$/)]);
    expect((await tree.inputs(['./sim', 'in'], { configured: ['in/**'] })).notes).toEqual([]);
    expect((await tree.inputs(['./sim', 'Data'], { outputs: ['Data'] })).notes).toEqual([]);
  });

  test('a file outside is listed by its absolute path, and its content kept only where `keep` says so', async () => {
    using tree = workingTree(files);
    tree.write('../shared.csv', 'x');
    const path = `external${tree.at('../shared.csv')}`.replace('/tree/..', '');
    const found = await tree.inputs(['./sim', '../shared.csv']);
    expect(found.files).toMatchObject([{ path, size: 1, outside: true, content: null }]);
    expect(found.notes).toEqual([expect.stringContaining('outside the working tree')]);
    const kept = await tree.inputs(['./sim', '../shared.csv'], { keep: ['external/**'] });
    expect(kept.files).toMatchObject([{ path, content: Buffer.from('x') }]);
    expect(paths(await tree.inputs(['./sim'], { asked: ['../shared.csv'] }))).toEqual([path]);
    await expect(tree.inputs(['./sim'], { asked: ['../none.csv'] })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a link counts under its own path; where it leads outside its content is not kept', async () => {
    using tree = workingTree(files);
    tree.sh('ln -s default.param in.param; ln -s /etc/hostname host; ln -s .env plain; ln -s in/deep Folder');
    const found = await tree.inputs(['./sim', 'in.param', 'host', 'plain'], { asked: ['Folder/*.csv'] });
    expect(found.files).toMatchObject([
      { path: 'Folder/c.csv', content: Buffer.from('2') },
      { path: 'host', content: null, outside: true },
      { path: 'in.param', content: Buffer.from('n = 1') },
      { path: 'plain', content: null },
    ]);
  });

  test('an unreadable one is noted', async () => {
    using tree = workingTree(files);
    tree.sh('chmod 0 default.param');
    const found = await asUser(tree.top, () => tree.inputs(['./sim', 'default.param', 'other.param']));
    expect(paths(found)).toEqual(['other.param']);
    expect(found.notes).toEqual([expect.stringMatching(/could not be read \(permission denied\).*: default.param/)]);
  });
});

describe('inputs from globs', () => {
  test('a configured glob gives all it matches, or those that the command names', async () => {
    using tree = workingTree(files);
    const configured = ['*.param', 'in/**'];
    expect(paths(await tree.inputs(['./sim'], { configured }))).toEqual([
      'default.param',
      'in/a b.csv',
      'in/deep/c.csv',
      'other.param',
    ]);
    expect(paths(await tree.inputs(['./sim', 'other.param'], { configured }))).toEqual([
      'in/a b.csv',
      'in/deep/c.csv',
      'other.param',
    ]);
    expect(paths(await tree.inputs(['./sim'], { configured: [...configured, '!in/deep'] }))).toEqual([
      'default.param',
      'in/a b.csv',
      'other.param',
    ]);
  });

  test('one that matches nothing is noted when configured, refused when asked for', async () => {
    using tree = workingTree(files);
    expect((await tree.inputs(['./sim'], { configured: ['*.nml'] })).notes).toEqual([
      'no file matches the configured inputs: "*.nml"',
    ]);
    await expect(tree.inputs(['./sim'], { asked: ['*.nml'] })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('"*.nml"'),
    });
    const inFolder = tree.inputs(['./sim'], { asked: ['deep/c.csv'], cwd: tree.at('in') });
    await expect(inFolder).rejects.toThrow('write "in/deep/c.csv"');
  });

  test('the script is an input where a glob says so', async () => {
    using tree = workingTree(files);
    expect(paths(await tree.inputs(['python3', 'main.py'], { asked: ['main.py'] }))).toEqual(['main.py']);
  });

  test('secrets are listed without content', async () => {
    using tree = workingTree(files);
    expect((await tree.inputs(['./sim', '.env'], { keep: ['**'] })).files).toMatchObject([
      { path: '.env', content: null },
    ]);
  });
});
