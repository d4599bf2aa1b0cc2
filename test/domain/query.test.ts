import { describe, expect, test } from 'vitest';
import { generateRecord } from '../../bench/generated-store.ts';
import type { RecordAtom } from '../../src/domain/generated/shapes.ts';
import { Problem } from '../../src/domain/problem.ts';
import { matches, parseQuery, queryFields } from '../../src/domain/query.ts';
import type { StoredRecord } from '../../src/domain/record-fields.ts';

const base = generateRecord(0, 1);
const record: RecordAtom = {
  ...base,
  id: '20261122T092530Z-7f3a9c04e1',
  created: '2026-11-22T09:25:30.412Z',
  owner: { login: 'Ada', id: 1815 },
  project: 'demo-sumatra',
  image: 'c-5d41402abc',
  reproduces: '20261101T000000Z-00aa11bb22',
  status: 'failed',
  program: {
    ...base.program,
    command: ['python3', 'main.py', 'default.param'],
    version_control: { ...base.program.version_control, commit: `ab12${'0'.repeat(36)}`, branch: 'try-5', dirty: true },
    source: `cd34${'0'.repeat(36)}`,
    exit_code: 3,
    signal: null,
    duration_seconds: 12.5,
    peak_memory_bytes: 600 * 1024 ** 2,
    environment: { OMP_NUM_THREADS: '4', EMPTY: '', UNSET: null },
    reason: 'A long run, for Ångström’s "figure 3"',
    tags: ['figure-3'],
  },
  inputs: [{ path: 'default.param', sha256: 'e'.repeat(64), size: 3, stored: true }],
  outputs: [{ path: 'Data/example.dat', sha256: 'f'.repeat(64), size: 3, stored: true }],
  dependencies: [
    { name: 'numpy', version: '1.26.4', system: 'pip' },
    { name: 'Ruamel.YAML', version: '0.17', system: 'pip' },
    { name: 'libc6', version: null, system: 'apt' },
  ],
  system: { ...base.system, host: 'Node12.cluster.example' },
  notes: ['the CPU time is not known'],
};
const stored: StoredRecord = { id: record.id, record };
const finds = (...words: string[]) => matches(parseQuery(words), stored);

describe('a query finds a record', () => {
  test.each([
    [''],
    ['ADA'],
    ['sumatra'],
    ['7f3a9c'],
    ['figure-3'],
    ['"long run"'],
    ['reason:"long run"'],
    ['reason:"\\"figure 3\\""'],
    ['ångström'],
    ['a\u030angstro\u0308m'],
    ['status:failed'],
    ['STATUS:Failed'],
    ['input:default'],
    ['output:example.dat'],
    ['outputs:data/'],
    ['owner:ada'],
    ['owner:1815'],
    ['tag:figure'],
    ['source:cd34'],
    ['commit:AB12'],
    ['branch:try-5'],
    ['container:c-5d41'],
    ['image:c-5d41'],
    ['command:"main.py default"'],
    ['env:OMP_NUM_THREADS=4'],
    ['env:omp'],
    ['env:EMPTY='],
    ['env:unset'],
    ['reproduces:00aa11'],
    ['host:node12'],
    ['project:demo'],
    ['id:20261122'],
    ['sha256:eee'],
    ['dirty:yes'],
    ['note:"cpu time"'],
    ['exit-code:3'],
    ['exit_code:>=3'],
    ['duration:>10'],
    ['peak-memory:>=512MiB'],
    ['dependency:numpy'],
    ['dependency:num'],
    ['dependency:numpy<2'],
    ['dependency:numpy>=1.20,<2'],
    ['dependency:numpy=1.26.*'],
    ['dependency:numpy==1.26.4.0'],
    ['dependency:ruamel-yaml<=0.17'],
    ['dependency:libc6'],
    ['manager:apt'],
    ['since:2026'],
    ['since:2026-11-22'],
    ['since:2026-11-22T09:25:30.412Z'],
    ['until:2026-11'],
    ['until:2026-11-22'],
    ['until:2026-11-22T09:25'],
    ['-until:2026-11-21'],
    ['-status:finished'],
    ['-tag:"figure 3"'],
    ['-nothing'],
    ['-env:UNSET='],
    ['main.py:10', false],
    ['grace', false],
    ['eeee', false],
    ['status:finished', false],
    ['-status:failed', false],
    ['owner:18', false],
    ['source:d34', false],
    ['env:OMP_NUM_THREADS=44', false],
    ['env:NUM_THREADS=4', false],
    ['env:4', false],
    ['duration:<12.5', false],
    ['exit-code:2', false],
    ['dependency:numpy>=2', false],
    ['dependency:num<2', false],
    ['dependency:numpy=1.2.*', false],
    ['dependency:libc6>0', false],
    ['dependency:1.26', false],
    ['since:2026-11-22T09:25:31', false],
    ['until:2026-11-21', false],
    ['until:2026-11-22T09:25:30.411', false],
    ['-ada', false],
    ['status:failed tag:other', false],
  ] as [string, boolean?][])('%s', (words, found = true) => expect(finds(words)).toBe(found));

  test('all words must hold, whether in one argument or in several', () => {
    expect(finds('status:failed owner:ada', 'dependency:numpy<2')).toBe(true);
    expect(finds('status:failed', 'owner:grace')).toBe(false);
  });
});

test('a damaged record has an id, a time and that it is damaged, nothing else', () => {
  const damaged: StoredRecord = { id: '20261122T092530Z-7f3a9c04e1', faults: [] };
  const is = (words: string) => matches(parseQuery([words]), damaged);
  expect(['', '7f3a', 'id:7f3a', 'since:2026-11-22', 'status:damaged', '-status:failed'].map(is)).not.toContain(false);
  expect(['ada', 'since:2026-11-23', 'status:failed', 'duration:<1', 'duration:>=0'].map(is)).not.toContain(true);
});

describe('a query is refused', () => {
  const refusal = (words: string) => {
    try {
      parseQuery([words]);
    } catch (cause) {
      expect(cause).toBeInstanceOf(Problem);
      expect((cause as Problem).code).toBe('USAGE');
      return (cause as Problem).message;
    }
    throw new Error(`${words} was not refused`);
  };

  test('an unknown field, naming those there are', () => {
    const said = refusal('colour:red');
    for (const field of queryFields) expect(said).toContain(field);
    expect(said).toContain('"colour"');
    expect(finds('"python3 main.py"')).toBe(true);
    expect(finds('"colour:red"')).toBe(false);
  });

  test.each([
    ['status:done', 'finished'],
    ['status:', 'value'],
    ['-', 'nothing'],
    ['""', 'nothing'],
    ['reason:"never closed', 'never closed'],
    ['one "two', 'never closed'],
    ['since:yesterday', '2026-11-01'],
    ['since:2026-02-30', '2026-11-01'],
    ['until:2026-13', '2026-11-01'],
    ['dependency:<2', 'numpy>=1.20,<2'],
    ['dependency:numpy<', 'numpy>=1.20,<2'],
    ['dependency:numpy<<2', 'numpy>=1.20,<2'],
    ['duration:long', 'seconds'],
    ['peak-memory:1GB', 'bytes'],
    ['dirty:perhaps', 'true or false'],
    ['constructor:x', 'no field'],
  ])('%s', (words, said) => expect(refusal(words)).toContain(said));
});
