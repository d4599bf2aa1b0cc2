import { diffPath, inputPath, outputPath, recordPath } from '../../src/domain/branch-layout.ts';
import type { Container, DiffRequest, Project, RecordAtom, RecordedFile } from '../../src/domain/generated/shapes.ts';
import { defaultLimits } from '../../src/domain/limits.ts';
import type { ProposedChange, RequestFacts, StoredFile } from '../../src/domain/rules/rule.ts';

/* A request that holds every rule, for tests that then change one thing of it. */

export const ada = { login: 'ada', id: 1815 };
export const grace = { login: 'grace', id: 1906 };

export const ids = {
  toward: '20261122T092530Z-7f3a9c04e1',
  from: '20261123T101112Z-0a1b2c3d4e',
  diff: '20261124T000000Z-ffeeddccbb',
};

export const source = 'a'.repeat(40);

export const container: Container = {
  id: 'c-5d41402abc',
  created: '2026-11-22T09:20:00.000Z',
  system: 'none',
  version: { system: 'git', commit: 'b'.repeat(40), tag: null, source },
  image: null,
  origin: null,
};

export const project: Project = {
  created: '2026-11-22T09:00:00.000Z',
  private: false,
  name: 'demo-sumatra',
  description: '',
  goals: 'Draw n values from a distribution',
  owner: ada,
};

export function file(path: string, digit = '1', size = 10): RecordedFile {
  return { path, sha256: digit.repeat(64), size, stored: true };
}

export function recordOf(id: string, change: Partial<RecordAtom> = {}): RecordAtom {
  return {
    id,
    created: '2026-11-23T10:11:12.000Z',
    updated: '2026-11-23T10:11:13.000Z',
    owner: id === ids.toward ? ada : grace,
    project: 'demo-sumatra',
    image: container.id,
    reproduces: null,
    status: 'finished',
    program: {
      command: ['python3', 'main.py', 'default.param'],
      executable: { path: '/usr/bin/python3.11', sha256: 'e'.repeat(64) },
      version_control: {
        system: 'git',
        repository: null,
        commit: 'b'.repeat(40),
        branch: 'main',
        tag: null,
        dirty: false,
      },
      source,
      exit_code: 0,
      signal: null,
      started: '2026-11-23T10:11:12.000Z',
      finished: '2026-11-23T10:11:13.000Z',
      duration_seconds: 1.5,
      cpu_seconds: 1,
      peak_memory_bytes: 1024,
      environment: { OMP_NUM_THREADS: '1', UNSET: null },
      stdin: null,
      reason: 'to see',
      tags: ['first try'],
    },
    inputs: [file('default.param', '2')],
    outputs: [file('Data/example2.dat', '3')],
    dependencies: [{ name: 'numpy', version: '1.24.2', system: 'pip' }],
    system: {
      os: 'Debian GNU/Linux 12',
      release: '6.1.0',
      architecture: 'x64',
      cpu: null,
      cores: 2,
      memory_bytes: 8 * 2 ** 30,
      host: 'box',
      runner: null,
      timezone: 'UTC',
      locale: 'C.UTF-8',
    },
    notes: [],
    ...change,
  };
}

export function diffOf(change: Partial<DiffRequest> = {}): DiffRequest {
  return {
    id: ids.diff,
    created: '2026-11-24T00:00:00.000Z',
    sender: grace,
    toward: ids.toward,
    from: ids.from,
    diff: {
      method: 'default',
      name: null,
      options: {},
      observation: null,
      results: [{ path: 'Data/example2.dat', same: true, identical: true, distance: 0 }],
    },
    proposition: 'repeated',
    run: null,
    status: 'proposed',
    answer: null,
    ...change,
  };
}

/** What stands beside a record that is stored whole. */
export function storedWith(record: RecordAtom): StoredFile[] {
  const at = (path: string, { sha256, size }: RecordedFile) => ({ path, sha256, size });
  return [
    ...record.inputs.filter(one => one.stored).map(one => at(inputPath(record.id, one.path), one)),
    ...record.outputs.filter(one => one.stored).map(one => at(outputPath(record.id, one.path), one)),
  ];
}

export function added(path: string, change: Partial<ProposedChange> = {}, size = 10): ProposedChange {
  return { path, before: false, after: { mode: '100644', id: 'd'.repeat(40), size }, onBranch: null, ...change };
}

/** Facts of a request that brings its record from a fork, with both records as given. */
export function factsOf(
  change: Partial<RequestFacts> = {},
  from: RecordAtom = recordOf(ids.from),
  toward: RecordAtom = recordOf(ids.toward),
  diff: DiffRequest = diffOf(),
): RequestFacts {
  const record = (of: RecordAtom, onBranch: boolean) => ({
    record: of,
    path: recordPath(of.id),
    onBranch,
    stored: storedWith(of),
  });
  return {
    proposal: {
      commit: 'f'.repeat(40),
      parents: ['e'.repeat(40)],
      parentOnBranch: true,
      changes: [
        added(diffPath(ids.diff)),
        added(recordPath(ids.from)),
        ...storedWith(from).map(({ path, size }) => added(path, {}, size)),
      ],
    },
    path: diffPath(ids.diff),
    diff,
    faults: [],
    from: record(from, false),
    toward: record(toward, true),
    project,
    containers: new Map([[container.id, container]]),
    brought: null,
    author: { user: grace },
    settled: [],
    limits: defaultLimits,
    isKept: () => false,
    methodRefusal: null,
    recomputation: { is: 'equal' },
    ...change,
  };
}
