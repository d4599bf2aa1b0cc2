import { describe, expect, test } from 'vitest';
import { type ShownRecord, scientist } from '../support/scientist.ts';
import { configured, simulate, simulation } from '../support/simulation.ts';

describe('the words of run', () => {
  test('the simulation prints, reads and exits as it would by itself', async () => {
    await using ada = await scientist('ada');
    const said = await ada.start(['run', 'sh', '-c', 'cat; echo out; echo err >&2; exit 3'], { stdin: 'in\n' }).done;
    expect([said.code, said.stdout]).toEqual([3, 'in\nout\n']);
    expect(said.stderr).toMatch(/^err\n.*recorded .*failed 3/s);
    const record = await ada.shows();
    expect(record.program.stdin).toMatchObject({ size: 3 });
    expect(ada.onBranch(`${record.path}/log.txt`)).toBe('in\nout\nerr\n');
  });

  test('a run that writes no file has its stdout as its output, unless that is empty', async () => {
    await using ada = await scientist('ada');
    const spoke = await ada.records('sh', '-c', 'echo 42; echo aside >&2');
    expect(spoke.outputs).toMatchObject([{ path: 'stdout.txt', size: 3, stored: true }]);
    expect(ada.onBranch(`${spoke.path}/outputs/stdout.txt`)).toBe('42\n');
    expect((await ada.records('sh', '-c', 'echo aside >&2')).outputs).toEqual([]);
    expect((await ada.records('sh', '-c', 'echo 42; echo 1 > file')).outputs.map(({ path }) => path)).toEqual(['file']);
    expect(ada.git('status', '--porcelain')).toBe('?? file');
  });

  test('--json: one document on stdout, the simulation on stderr', async () => {
    await using ada = await scientist('ada');
    const { stdout, stderr } = await ada.does('run', '--json', 'sh', '-c', 'echo printed');
    expect(stderr).toContain('printed\n');
    const record = JSON.parse(stdout) as ShownRecord;
    expect(record).toEqual(await ada.shows());
    expect(Object.keys(record)).toEqual([
      'id',
      'created',
      'updated',
      'owner',
      'project',
      'image',
      'reproduces',
      'status',
      'program',
      'inputs',
      'outputs',
      'dependencies',
      'system',
      'notes',
      'path',
    ]);
    expect(record.path).toBe(`records/${record.id.slice(17, 19)}/${record.id.slice(19, 21)}/${record.id}`);
    expect(record.id).toMatch(/^\d{8}T\d{6}Z-[0-9a-f]{10}$/);
    expect(record.created).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    // The file has the same fields in the same order.
    const keys = ada.onBranch(`${record.path}/record.yml`).match(/^\w+(?=:)/gm);
    expect(keys).toEqual(Object.keys(record).slice(0, -1));
    expect(Object.keys(record.program)).toEqual([
      'command',
      'executable',
      'version_control',
      'source',
      'exit_code',
      'signal',
      'started',
      'finished',
      'duration_seconds',
      'cpu_seconds',
      'peak_memory_bytes',
      'environment',
      'stdin',
      'reason',
      'tags',
    ]);
    expect(Object.keys(record.system)).toEqual([
      'os',
      'release',
      'architecture',
      'cpu',
      'cores',
      'memory_bytes',
      'host',
      'runner',
      'timezone',
      'locale',
    ]);
  });

  test('--reason, --tag, --env, --stdin and --stdout', async () => {
    await using ada = await scientist('ada', { files: { ...simulation, 'numbers.txt': '1\n2\n' } });
    const words = [
      '--reason',
      'to see: "why" #1',
      '-t',
      'first',
      '--tag',
      'höhe',
      '-e',
      'SEED',
      '--env',
      'API_TOKEN',
      '--stdin',
      'numbers.txt',
      '--stdout',
      'sum.txt',
    ];
    const said = await ada.start(['run', '--json', ...words, 'awk', '{ s += $1 } END { print s }'], {
      environment: { SEED: '7', API_TOKEN: 'secret-value', OTHER: 'unasked' },
    }).done;
    expect(said.code).toBe(0);
    const record = JSON.parse(said.stdout) as ShownRecord;
    expect(record.program).toMatchObject({
      reason: 'to see: "why" #1',
      tags: ['first', 'höhe'],
      stdin: { size: 4 },
      command: ['awk', '{ s += $1 } END { print s }'],
    });
    expect(record.program.environment.SEED).toBe('7');
    expect(Object.keys(record.program.environment)).toEqual(['API_TOKEN', 'SEED']);
    expect(ada.lines('sh', '-c', 'git grep -c secret-value records -- || true')).toEqual([]);
    expect(record.outputs.map(({ path }) => path)).toEqual(['sum.txt']);
    expect(ada.read('sum.txt')).toBe('3\n');
    expect(await ada.lists('tag:höhe')).toMatchObject([{ id: record.id }]);
  });

  test('-- and the first word end what is meant for Corroborate', async () => {
    await using ada = await scientist('ada');
    const first = await ada.records('sh', '-c', 'echo "$0 $*"', '--reason', 'x', '--', '-t');
    expect(first.program).toMatchObject({
      reason: '',
      tags: [],
      command: ['sh', '-c', 'echo "$0 $*"', '--reason', 'x', '--', '-t'],
    });
    expect(ada.onBranch(`${first.path}/outputs/stdout.txt`)).toBe('--reason x -- -t\n');
    const second = await ada.records('--reason=x', '--', 'echo', '--', '--help');
    expect(second.program).toMatchObject({ reason: 'x', command: ['echo', '--', '--help'] });
  });

  test('the defaults come from corroborate.yml, and the command line adds to them', async () => {
    await using ada = await scientist('ada', {
      files: {
        ...simulation,
        'corroborate.yml': `project: demo\ngoals: Draw\ncommand: [sh, simulate.sh, default.param]\n${configured}environment: [SEED]\n`,
      },
    });
    const record = await ada.records('-e', 'MORE');
    expect(record).toMatchObject({ project: 'demo', program: { command: [...simulate] } });
    expect(Object.keys(record.program.environment)).toEqual(['MORE', 'SEED']);
    expect(ada.onBranch('project.yml')).toMatch(/^name: demo$/m);
  });

  test('inputs: the files that the command line names; of a glob those of them that it names', async () => {
    await using ada = await scientist('ada', {
      files: { ...simulation, 'corroborate.yml': configured, 'other.param': 'seed=1\nn=1\n', 'mesh.dat': 'mesh' },
    });
    expect((await ada.records(...simulate)).inputs.map(({ path }) => path)).toEqual(['default.param']);
    const more = await ada.records('--input', 'mesh.*', ...simulate);
    expect(more.inputs.map(({ path }) => path)).toEqual(['default.param', 'mesh.dat']);
    expect(ada.onBranch(`${more.path}/inputs/mesh.dat`)).toBe('mesh');
    const all = await ada.records('sh', '-c', 'mkdir -p Data; echo 1 > Data/x');
    expect(all.inputs.map(({ path }) => path)).toEqual(['default.param', 'other.param']);
  });

  test('outputs: what it wrote, with equal bytes too, under the declared globs, less litter', async () => {
    await using ada = await scientist('ada', {
      files: {
        'run.sh':
          'mkdir -p Data __pycache__; echo 1 > Data/a; echo 2 > aside; echo 3 > __pycache__/x.pyc; echo 4 > slurm-1.out\n',
        'corroborate.yml': "ignore: ['aside']\n",
      },
    });
    for (let run = 0; run < 2; run++) {
      expect((await ada.records('sh', 'run.sh')).outputs.map(({ path }) => path)).toEqual(['Data/a']);
    }
    const declared = await ada.records('--output', 'nowhere/**', 'sh', '-c', 'sh run.sh; echo said');
    expect(declared.outputs.map(({ path }) => path)).toEqual(['stdout.txt']);
  });

  test('names with spaces, newlines, quotes and letters of all kinds; empty files; files over the limit', async () => {
    const names = ['a b', "it's", 'two\nlines', 'ünï', '日本', '-dash', '"quoted"', 'tab\there'];
    await using ada = await scientist('ada', {
      files: { 'keep.sh': ': \n', 'corroborate.yml': 'limits: {file: 1KiB, record: 4KiB}\nkeep: [kept]\n' },
    });
    const script = `const fs = require('fs'); for (const n of ${JSON.stringify(names)}) fs.writeFileSync(n, n); fs.writeFileSync('empty', ''); fs.writeFileSync('big', 'x'.repeat(2000)); fs.writeFileSync('kept', 'y'.repeat(9000));`;
    const record = await ada.records(process.execPath, '-e', script);
    expect(record.outputs.map(({ path }) => path).toSorted()).toEqual([...names, 'empty', 'big', 'kept'].sort());
    for (const { path, stored, size } of record.outputs) {
      expect([path, stored]).toEqual([path, path !== 'big']);
      if (stored)
        expect(Buffer.byteLength(ada.gitWith({}, 'cat-file', 'blob', `records:${record.path}/outputs/${path}`))).toBe(
          size,
        );
    }
    expect(await ada.asks('verify')).toEqual({ verdict: 'holds', records: 1, problems: [] });
    expect((await ada.records(...['sh', 'keep.sh'])).outputs).toEqual([]);
    const again = await ada.records(process.execPath, '-e', script);
    expect(await ada.asks('compare', again.id, record.id)).toMatchObject({ assessment: 'repeatable' });
    // Shown, never raw: a name cannot write to the terminal.
    expect((await ada.does('show', record.id)).stdout).toContain('two\\nlines');
  });
});
