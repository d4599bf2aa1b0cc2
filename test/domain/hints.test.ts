import { describe, expect, test } from 'vitest';
import type { RecordAtom } from '../../src/domain/generated/shapes.ts';
import { hintsFor, runSettings } from '../../src/domain/hints.ts';
import { ids, recordOf } from './good-request.ts';

interface Run {
  readonly command?: string[];
  readonly environment?: RecordAtom['program']['environment'];
  readonly dependencies?: RecordAtom['dependencies'];
  readonly system?: Partial<RecordAtom['system']>;
}

function run({
  command = ['./sim', '--seed', '7'],
  environment = {},
  dependencies = [],
  system = {},
}: Run): RecordAtom {
  const record = recordOf(ids.from);
  return {
    ...record,
    program: { ...record.program, command, environment },
    dependencies,
    system: { ...record.system, ...system },
  };
}

function causesOf(from: Run, toward: Run, isRepetition = true): string[] {
  return hintsFor(run(from), run(toward), isRepetition).map(({ cause, seen }) => `${cause}: ${seen}`);
}

describe('seeds and threads that a run was given', () => {
  test.each<[string[], Record<string, string>]>([
    [['./sim', '--seed', '42', '--threads=8'], { '--seed': '42', '--threads': '8' }],
    [['mpirun', '-n', '4', './sim', '-n', '100'], { '-n': '4' }],
    [['mpirun', '--bind-to', 'core', '-n', '4', './sim'], { '-n': '4' }],
    [['mpirun', './sim', '-n', '100'], {}],
    [['srun', '--ntasks=16', './sim', '--random-seed=1'], { '--ntasks': '16', '--random-seed': '1' }],
    [['julia', '-t', '4', 'run.jl'], { '-t': '4' }],
    [['python3', 'main.py', 'seed=3', 'nthreads=2', 'n=10'], { seed: '3', nthreads: '2' }],
    [['python3', 'main.py', 'seeds.csv', '--reseed', '--needle', '3', '-t', '5'], {}],
    [['env', 'OMP_NUM_THREADS=2', './sim'], { OMP_NUM_THREADS: '2' }],
  ])('%j', (command, expected) => {
    const settings = runSettings(run({ command }), run({ command }));
    expect(Object.fromEntries(settings.map(({ name, from }) => [name, from]))).toEqual(expected);
    expect(settings.every(({ same }) => same)).toBe(true);
  });

  test('those that differ come first; a side that was not given one is null', () => {
    const from = run({ command: ['./sim', '--seed', '1'], environment: { OMP_NUM_THREADS: '4', MODE: 'x' } });
    const toward = run({ command: ['./sim', '--seed', '1', '-j', '2'], environment: { OMP_NUM_THREADS: null } });
    expect(runSettings(from, toward)).toEqual([
      { kind: 'threads', name: 'OMP_NUM_THREADS', from: '4', toward: 'not set', same: false },
      { kind: 'threads', name: '-j', from: null, toward: '2', same: false },
      { kind: 'seed', name: '--seed', from: '1', toward: '1', same: true },
    ]);
  });
});

describe('usual causes that two records leave open', () => {
  test('nothing to say of two runs that fix everything', () => {
    expect(causesOf({}, {})).toEqual([]);
  });

  test.each<[string, Run, Run]>([
    ['seed: --seed is 1 and 2', { command: ['s', '--seed', '1'] }, { command: ['s', '--seed', '2'] }],
    [
      'threads: OMP_NUM_THREADS is 4 and 8',
      { environment: { OMP_NUM_THREADS: '4' } },
      { environment: { OMP_NUM_THREADS: '8' } },
    ],
    [
      'threads: both ran with OMP_NUM_THREADS 4',
      { environment: { OMP_NUM_THREADS: '4' } },
      { environment: { OMP_NUM_THREADS: '4' } },
    ],
    [
      'threads: no number of threads is recorded, and the machines have 2 and 64 cores',
      { system: { cores: 2 } },
      { system: { cores: 64 } },
    ],
    [
      'BLAS library: libopenblas0-pthread (apt) is 0.3.21 and absent, mkl (conda) is absent and 2024.0',
      { dependencies: [{ name: 'libopenblas0-pthread', version: '0.3.21', system: 'apt' }] },
      { dependencies: [{ name: 'mkl', version: '2024.0', system: 'conda' }] },
    ],
    ['CPU: x86_64 and aarch64', { system: { architecture: 'x86_64' } }, { system: { architecture: 'aarch64' } }],
    ['CPU: AMD EPYC and Intel Xeon', { system: { cpu: 'AMD EPYC' } }, { system: { cpu: 'Intel Xeon' } }],
    ['locale: C.UTF-8 and de_DE.UTF-8', { system: { locale: 'C.UTF-8' } }, { system: { locale: 'de_DE.UTF-8' } }],
    [
      'time zone: Etc/UTC and Europe/Berlin',
      { system: { timezone: 'Etc/UTC' } },
      { system: { timezone: 'Europe/Berlin' } },
    ],
    ['operating system: Debian 12 and Fedora 43', { system: { os: 'Debian 12' } }, { system: { os: 'Fedora 43' } }],
    [
      'numerical software: numpy (pip) is 1.26.4 and 2.1.0',
      { dependencies: [{ name: 'numpy', version: '1.26.4', system: 'pip' }] },
      { dependencies: [{ name: 'numpy', version: '2.1.0', system: 'pip' }] },
    ],
    [
      'GPU libraries: nvidia-cublas-cu12 (pip) is 12.1 and 12.4',
      { dependencies: [{ name: 'nvidia-cublas-cu12', version: '12.1', system: 'pip' }] },
      { dependencies: [{ name: 'nvidia-cublas-cu12', version: '12.4', system: 'pip' }] },
    ],
    [
      'hash seed: Python ran without PYTHONHASHSEED',
      { dependencies: [{ name: 'python', version: '3.11.2', system: 'python' }] },
      { dependencies: [{ name: 'python', version: '3.11.2', system: 'python' }] },
    ],
  ])('%s', (expected, from, toward) => {
    expect(causesOf(from, toward)).toEqual([expect.stringContaining(expected)]);
  });

  test('a seed that nobody fixed is suspected in a repetition only', () => {
    const open = { command: ['./sim'] };
    expect(causesOf(open, open)).toEqual([expect.stringContaining('seed: no argument')]);
    expect(causesOf(open, open, false)).toEqual([]);
  });

  test('each says what to try', () => {
    for (const { remedy } of hintsFor(
      run({ command: ['x'], system: { cores: 1, cpu: 'a', os: 'a' } }),
      run({ command: ['x'], system: { cores: 2, cpu: 'b', os: 'b' } }),
      true,
    )) {
      expect(remedy).toMatch(/^[A-Z].*\.$/);
    }
  });
});
