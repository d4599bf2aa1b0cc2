import { createHash } from 'node:crypto';
import { diffPath, historyPath, inputPath, logPath, outputPath, recordPath } from '../../domain/branch-layout.ts';
import { containerId } from '../../domain/container.ts';
import type { Container, DiffRequest, Project, RecordAtom, RecordedFile } from '../../domain/generated/shapes.ts';
import type { JudgedRequest } from '../../domain/pull-request/judged-request.ts';
import type { PullRequest, TargetRepository } from '../../domain/pull-request/pull-request.ts';
import { pullRequestView } from '../../domain/pull-request/pull-request-page.ts';
import { stageOf } from '../../domain/pull-request/stage.ts';
import { rootFiles, yamlBytes } from '../../flows/branch-documents.ts';
import { judgePullRequest, type Question } from '../../flows/judge-pull-request.ts';
import type { CommitReader, Entry, Snapshot } from '../../store/record-store.ts';

/** How often: from then on a judgement takes a tenth of what the first took. */
export const practiceTimes = 10;

/*
 * A diff request that is built in. Code that has run some times is quicker by far, and whoever opens the first request
 * after a start should not be the one to wait for that.
 */

const sha = (name: string, content: string | Uint8Array) => createHash(name).update(content).digest('hex');
const [tip, head] = [sha('sha1', 'tip'), sha('sha1', 'head')];
const [owner, sender] = [
  { login: 'owner', id: 1 },
  { login: 'sender', id: 2 },
];
const source = sha('sha1', 'source');
const created = '2026-01-01T00:00:00.000Z';

const container: Container = {
  id: containerId({ system: 'none', source, image: null }, text => sha('sha256', text)),
  created,
  system: 'none',
  version: { system: 'git', commit: sha('sha1', 'commit'), tag: null, source },
  image: null,
  origin: null,
};

const project: Project = {
  created,
  private: false,
  name: 'practice',
  description: '',
  goals: 'Draw n values from a distribution',
  owner,
};

const lines = Array.from({ length: 40 }, (_, line) => `${line} ${Math.sqrt(line)}\n`);
const curve = lines.join('');
/** One sign is another. */
const otherCurve = curve.replace('\n1 1\n', '\n1 2\n');

function recordWith(id: string, by: RecordAtom['owner'], outputs: Readonly<Record<string, string>>): Files {
  const file = (path: string, content: string): RecordedFile => {
    return { path, sha256: sha('sha256', content), size: Buffer.byteLength(content), stored: true };
  };
  const parameters = 'n = 40\n';
  const at = '2026-01-01T00:00:01.000Z';
  const record: RecordAtom = {
    id,
    created: at,
    updated: at,
    owner: by,
    project: project.name,
    image: container.id,
    reproduces: null,
    status: 'finished',
    program: {
      command: ['python3', 'main.py', 'default.param'],
      executable: { path: '/usr/bin/python3', sha256: sha('sha256', 'python3') },
      version_control: {
        system: 'git',
        repository: 'https://github.com/practice/practice',
        commit: container.version.commit,
        branch: 'main',
        tag: null,
        dirty: false,
      },
      source,
      exit_code: 0,
      signal: null,
      started: at,
      finished: at,
      duration_seconds: 0.1,
      cpu_seconds: 0.1,
      peak_memory_bytes: 2 ** 20,
      environment: { OMP_NUM_THREADS: '1' },
      stdin: null,
      reason: 'practice',
      tags: [],
    },
    inputs: [file('default.param', parameters)],
    outputs: Object.entries(outputs).map(([path, content]) => file(path, content)),
    dependencies: Array.from({ length: 20 }, (_, n) => ({ name: `package-${n}`, version: `1.${n}`, system: 'pip' })),
    system: {
      os: 'Debian GNU/Linux 12',
      release: '6.1.0',
      architecture: 'x86_64',
      cpu: null,
      cores: 2,
      memory_bytes: 2 ** 33,
      host: by === owner ? 'one' : 'other',
      runner: null,
      timezone: 'UTC',
      locale: 'C.UTF-8',
    },
    notes: [],
  };
  return new Map<string, Uint8Array>([
    [recordPath(id), yamlBytes(record)],
    [inputPath(id, 'default.param'), Buffer.from(parameters)],
    [logPath(id), Buffer.from('practised\n')],
    ...Object.entries(outputs).map(([path, content]) => [outputPath(id, path), Buffer.from(content)] as const),
  ]);
}

type Files = ReadonlyMap<string, Uint8Array>;

const [toward, from, diffId] = [
  '20260101T000001Z-aaaaaaaaaa',
  '20260101T000001Z-bbbbbbbbbb',
  '20260101T000002Z-cccccccccc',
];

const diff: DiffRequest = {
  id: diffId,
  created: '2026-01-01T00:00:02.000Z',
  sender,
  toward,
  from,
  diff: {
    method: 'default',
    name: null,
    options: {},
    observation: null,
    results: [
      {
        path: 'Data/curve.dat',
        same: false,
        identical: false,
        distance: 1,
        exact: true,
        similarity: 1 - 1 / curve.length,
      },
      { path: 'Data/same.dat', same: true, identical: true, distance: 0, exact: true, similarity: 1 },
    ],
  },
  proposition: 'non-repeated',
  run: null,
  status: 'proposed',
  answer: null,
};

function snapshotOf(commit: string, contents: Files): Snapshot {
  const entry = (path: string, bytes: Uint8Array) => ({
    path,
    mode: '100644',
    id: sha('sha1', bytes),
    size: bytes.length,
  });
  const read = async (path: string) => contents.get(path) ?? null;
  return {
    commit,
    read,
    readAll: paths => Promise.all(paths.map(read)),
    async folder(path) {
      const under = path === '' ? '' : `${path}/`;
      return [...contents]
        .filter(([one]) => one.startsWith(under) && !one.slice(under.length).includes('/'))
        .map(([one, bytes]): Entry => entry(one, bytes));
    },
    files: async under =>
      [...contents]
        .filter(([one]) => under === '' || one.startsWith(`${under}/`))
        .map(([one, bytes]) => entry(one, bytes)),
  };
}

function exampleStore(): CommitReader {
  const same = { 'Data/curve.dat': curve, 'Data/same.dat': curve };
  const onBranch: Files = new Map([
    ...rootFiles(project),
    [historyPath, yamlBytes([container])],
    ...recordWith(toward!, owner, same),
  ]);
  const added: Files = new Map([
    ...recordWith(from!, sender, { ...same, 'Data/curve.dat': otherCurve }),
    [diffPath(diff.id), yamlBytes(diff)],
  ]);
  const proposed = snapshotOf(head, new Map([...onBranch, ...added]));
  const snapshot = async (commit: string) => (commit === head ? proposed : snapshotOf(tip, onBranch));
  const signature = { name: 'practice', email: '', at: new Date(created) };
  return {
    branch: 'records',
    snapshot,
    isAncestor: async ancestor => ancestor === tip,
    commitInfo: async commit => ({
      commit,
      parents: commit === head ? [tip] : [],
      author: signature,
      message: 'practice',
    }),
    async differences() {
      const files = await proposed.files('');
      return files.flatMap(({ path, mode, id }) =>
        added.has(path) ? [{ path, before: null, after: { path, mode, id } }] : [],
      );
    },
  };
}

const question: Question = {
  commit: head,
  tip,
  isMerged: false,
  defaultCommit: null,
  author: { ...sender, isBot: false },
  computes: true,
};

/** Judges the example, some times, as a judging thread does. */
export async function practiseJudging(times: number): Promise<JudgedRequest> {
  const store = exampleStore();
  let judged: JudgedRequest;
  do judged = await judgePullRequest(store, question, async () => ({ unknown: 'nobody' }));
  while (--times > 0);
  return judged;
}

const target: TargetRepository = {
  owner: 'practice',
  name: 'practice',
  url: 'https://github.com/practice/practice',
  isPrivate: false,
};

/** Writes what would be shown of it, some times, as the main thread does. */
export async function practiseShowing(times: number): Promise<void> {
  const judged = await practiseJudging(1);
  const pull: PullRequest = {
    number: 1,
    url: `${target.url}/pull/1`,
    author: { ...sender, isBot: false },
    isOpen: true,
    isMerged: false,
    base: { branch: 'records', defaultBranch: 'main' },
    head: { commit: head, branch: 'diffs/practice', repository: 'sender/practice' },
    labels: [],
    reviewers: [],
    comments: [],
    reviews: [],
    unread: 0,
    checks: [],
  };
  const stage = stageOf(pull, judged, []);
  const digestOf = (text: string) => sha('sha256', text).slice(0, 32);
  const shown = { repository: target, pull, judged, stage, attempts: [], askings: [], mentions: false, digestOf };
  for (; times > 0; times--) pullRequestView(shown);
}
