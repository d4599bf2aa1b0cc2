import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Scientist, scientist } from '../support/scientist.ts';

const folder = join(import.meta.dirname, '../../examples/demo-sumatra');
const example = Object.fromEntries(
  ['main.py', 'default.param'].map(name => [name, readFileSync(join(folder, name), 'utf8')]),
);

/** A Python that has numpy: the first on the PATH may be another one. */
const python = ['python3', '/usr/bin/python3'].find(program => spawnSync(program, ['-c', 'import numpy']).status === 0);
const hasPython = spawnSync('python3', ['--version']).status === 0;

async function withData(files: { [path: string]: string }): Promise<Scientist> {
  return scientist('ada', { files: { ...files, 'Data/.gitkeep': '' } });
}

describe.skipIf(python === undefined)("the paper's example (needs python3 with numpy)", () => {
  const run = [python ?? '', 'main.py', 'default.param'];

  test('repeated, with another seed, with another source', async () => {
    await using ada = await withData(example);
    const first = await ada.records(...run);
    expect(first).toMatchObject({ status: 'finished', inputs: [{ path: 'default.param', stored: true }] });
    expect(first.outputs.map(({ path }) => path)).toEqual(['Data/example2.dat']);
    const numpy = first.dependencies.filter(({ name }) => name === 'numpy');
    expect(numpy).toHaveLength(1);
    expect(numpy[0]!.version).toMatch(/^\d+\.\d+/);
    expect(await ada.lists(`dependency:numpy>=${numpy[0]!.version}`)).toHaveLength(1);

    const again = await ada.records(...run);
    expect(await ada.asks('compare', again.id, first.id)).toMatchObject({ assessment: 'repeatable' });

    // Nothing is configured: another seed is another input all the same, since the command line names the file.
    ada.write('default.param', example['default.param']!.replace('65785', '65786'));
    const seeded = await ada.records(...run);
    expect(await ada.asks('compare', seeded.id, first.id)).toMatchObject({
      source: 'same',
      inputs: 'different',
      outputs: 'different',
      assessment: 'unknown',
      proposition: 'non-reproduced',
    });
    ada.write('default.param', example['default.param']!);
    ada.write('main.py', `${example['main.py']}\n# another source\n`);
    const changed = await ada.records(...run);
    expect(await ada.asks('compare', changed.id, first.id)).toMatchObject({
      source: 'different',
      inputs: 'same',
      outputs: 'same',
      assessment: 'reproducible',
    });
    expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds', records: 4, problems: [] });
  });
});

describe.skipIf(!hasPython)('a program in Python (needs python3)', () => {
  const main = 'import helper\nopen("out.txt", "w").write(str(helper.number))\n';

  test('a module that was loaded is source, although nobody ever added it to git', async () => {
    await using ada = await scientist('ada', { files: { 'main.py': main } });
    ada.write('helper.py', 'number = 1\n');
    ada.write('other.py', 'nobody loads this\n');
    const first = await ada.records('python3', 'main.py');
    expect(first.program.version_control.dirty).toBe(true);
    const patch = ada.onBranch(`${first.path}/source.patch`);
    expect(patch).toContain('+number = 1');
    expect(patch).not.toContain('nobody loads this');
    ada.write('other.py', 'still nobody\n');
    expect((await ada.records('python3', 'main.py')).program.source).toBe(first.program.source);
    // Of another length: Python takes its compiled module for fresh by second and size.
    ada.write('helper.py', 'number = 22\n');
    const second = await ada.records('python3', 'main.py');
    expect(second.program.source).not.toBe(first.program.source);
    expect(await ada.asks('compare', second.id, first.id)).toMatchObject({ source: 'different', outputs: 'different' });
    // The patch on top of the commit is the source again.
    ada.git('clean', '-q', '-f', '-x', '-d');
    ada.write('../source.patch', patch);
    ada.git('apply', '../source.patch');
    expect((await ada.records('python3', 'main.py')).program.source).toBe(first.program.source);
    expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds', records: 4 });
  });

  test('an isolated run takes the untracked module with it', async () => {
    await using ada = await scientist('ada', {
      files: { 'main.py': main, 'corroborate.yml': "source: ['helper.py']\n" },
    });
    ada.write('helper.py', 'number = 1\n');
    const plain = await ada.records('python3', 'main.py');
    const isolated = await ada.records('--isolate', 'python3', 'main.py');
    expect(isolated.program.source).toBe(plain.program.source);
    expect(await ada.asks('compare', isolated.id, plain.id)).toMatchObject({ assessment: 'repeatable' });
  });
});

describe.skipIf(spawnSync('strace', ['-V']).status !== 0)('--trace (needs strace)', () => {
  test('data that it read is an input, code that it loaded is source', async () => {
    await using ada = await scientist('ada', { files: { 'run.sh': '. ./part.sh\ncat data.bin > out.txt\n' } });
    ada.write('part.sh', ': part\n');
    ada.write('data.bin', 'numbers\n');
    const record = await ada.records('--trace', 'sh', 'run.sh');
    expect(record.inputs.map(({ path }) => path)).toEqual(['data.bin']);
    expect(record.outputs.map(({ path }) => path)).toEqual(['out.txt']);
    expect(ada.onBranch(`${record.path}/source.patch`)).toContain('part.sh');
    expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds' });
  });
});
