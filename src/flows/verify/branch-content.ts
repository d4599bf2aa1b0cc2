import {
  assessmentPath,
  historyPath,
  parseBranchPath,
  projectPath,
  readmePath,
  recordPath,
} from '../../domain/branch-layout.ts';
import { type Documents, readDocument } from '../../domain/documents.ts';
import type {
  Assessment,
  Container,
  DiffRequest,
  History,
  Project,
  RecordAtom,
} from '../../domain/generated/shapes.ts';
import { whyUnsafe } from '../../domain/safe-path.ts';
import type { SizedEntry, Snapshot } from '../../store/record-store.ts';
import type { BranchProblem, Progress } from '../verify-branch.ts';

/** The whole branch, read once; what could not be read stands in `problems` and is left out of the rest. */
export interface BranchContent {
  /** Regular files only; of the others `problems` tells. */
  readonly files: readonly SizedEntry[];
  readonly recordPaths: readonly string[];
  readonly project: Project | null;
  readonly history: History | null;
  readonly assessment: Assessment | null;
  readonly records: ReadonlyMap<string, RecordAtom>;
  readonly requests: readonly DiffRequest[];
  /**
   * Containers that stand beside their record and count there, by its id: of a request that somebody merged by hand, and
   * that is not agreed on. An agreement moves them into the history; the file stays, since nothing is ever removed.
   */
  readonly brought: ReadonlyMap<string, Container>;
  /** Records that stand on the branch because a denial names them: their record.yml alone. */
  readonly deniedOnly: ReadonlySet<string>;
  readonly problems: readonly BranchProblem[];
}

/** Records are read this many at a time, so that memory stays flat. */
const batch = 500;

export function problem(path: string, rule: string, because: string, field: string | null = null): BranchProblem {
  return { path, line: null, column: null, field, rule, because, severity: 'error' };
}

export async function readBranch(tip: Snapshot, progress: Progress): Promise<BranchContent> {
  const entries = await tip.files('');
  const files = entries.filter(({ mode }) => mode.startsWith('100'));
  const problems: BranchProblem[] = [];
  const byKind = new Map<string, SizedEntry[]>();
  for (const file of entries) {
    const place = parseBranchPath(file.path);
    const unsafe = whyUnsafe(file.path);
    if (place === null)
      problems.push(problem(file.path, 'layout', 'nothing of a records branch stands at such a path'));
    else if (unsafe !== null) problems.push(problem(file.path, 'layout', `no safe path: ${unsafe}`));
    if (file.mode !== '100644')
      problems.push(problem(file.path, 'layout', `it is no regular file (mode ${file.mode})`));
    if (place && file.mode.startsWith('100')) listOf(byKind, place.kind).push(file);
  }
  const read = async <K extends keyof Documents>(kind: K, path: string): Promise<Documents[K] | null> => {
    const bytes = await tip.read(path);
    if (bytes) return document(kind, bytes, path, problems);
    problems.push(problem(path, 'layout', 'the file is missing'));
    return null;
  };
  const project = await read('project', projectPath);
  const history = await read('history', historyPath);
  const assessment = await read('assessment', assessmentPath);
  if (!files.some(file => file.path === readmePath))
    problems.push(problem(readmePath, 'layout', 'the file is missing'));
  const records = new Map<string, RecordAtom>();
  const recordPaths = listOf(byKind, 'record').map(file => file.path);
  for await (const record of documents(tip, 'record', recordPaths, problems, progress)) records.set(record.id, record);
  const requests: DiffRequest[] = [];
  const diffPaths = listOf(byKind, 'diff').map(file => file.path);
  for await (const diff of documents(tip, 'diff', diffPaths, problems, progress)) requests.push(diff);
  problems.push(...strayFiles(files, recordPaths));
  const unsettled = new Set(requests.filter(({ status }) => status !== 'agreed').map(({ from }) => from));
  for (const { status, from } of requests) if (status === 'agreed') unsettled.delete(from);
  const brought = new Map<string, Container>();
  for (const { path } of listOf(byKind, 'container')) {
    const container = await read('container', path);
    const place = parseBranchPath(path);
    if (container && place?.kind === 'container' && unsettled.has(place.id)) brought.set(place.id, container);
  }
  return {
    files,
    recordPaths,
    project,
    history,
    assessment,
    records,
    requests,
    brought,
    deniedOnly: deniedOnly(requests, records, files),
    problems,
  };
}

function listOf<T>(map: Map<string, T[]>, key: string): T[] {
  const list = map.get(key) ?? [];
  map.set(key, list);
  return list;
}

function document<K extends keyof Documents>(kind: K, bytes: Uint8Array, path: string, problems: BranchProblem[]) {
  const reading = readDocument(kind, bytes, path);
  if ('value' in reading) return reading.value;
  problems.push(...reading.faults.map(fault => ({ ...fault, rule: 'schema', severity: 'error' as const })));
  return null;
}

async function* documents<K extends 'record' | 'diff'>(
  tip: Snapshot,
  kind: K,
  paths: readonly string[],
  problems: BranchProblem[],
  progress: Progress,
): AsyncGenerator<Documents[K]> {
  for (let start = 0; start < paths.length; start += batch) {
    const some = paths.slice(start, start + batch);
    const contents = await tip.readAll(some);
    for (const [index, path] of some.entries()) {
      const value = document(kind, contents[index]!, path, problems);
      if (value) yield value;
    }
    progress(`reading ${kind === 'record' ? 'records' : 'requests'}`, start + some.length, paths.length);
  }
}

/** Content in a folder that holds no record. */
function strayFiles(files: readonly SizedEntry[], recordPaths: readonly string[]): BranchProblem[] {
  const known = new Set(recordPaths);
  return files.flatMap(({ path }) => {
    const place = parseBranchPath(path);
    const stray = place !== null && 'id' in place && place.kind !== 'diff' && !known.has(recordPath(place.id));
    return stray ? [problem(path, 'integrity', 'it stands in a folder without a record.yml')] : [];
  });
}

function deniedOnly(
  requests: readonly DiffRequest[],
  records: ReadonlyMap<string, RecordAtom>,
  files: readonly SizedEntry[],
): Set<string> {
  const denied = new Set(requests.filter(request => request.status === 'denied').map(request => request.from));
  for (const request of requests) if (request.status === 'agreed') denied.delete(request.from);
  for (const { path } of files) {
    const place = parseBranchPath(path);
    if (place && 'id' in place && place.kind !== 'diff' && place.kind !== 'record') denied.delete(place.id);
  }
  return new Set([...denied].filter(id => records.has(id)));
}
