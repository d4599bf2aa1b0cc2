import { createHash } from 'node:crypto';
import { diffPath, parseBranchPath, recordFolder, recordPath, requestBranch } from '../domain/branch-layout.ts';
import { containerId } from '../domain/container.ts';
import { answeredBefore, isSamePair } from '../domain/diff-request.ts';
import { readDocument } from '../domain/documents.ts';
import type {
  Configuration,
  Container,
  DiffRequest,
  History,
  Project,
  RecordAtom,
} from '../domain/generated/shapes.ts';
import { compileGlobs } from '../domain/globs.ts';
import { limitsOf } from '../domain/limits.ts';
import type { Fault } from '../domain/problem.ts';
import type { Proposal, ProposedChange, RecordFacts, RequestFacts, StoredFile } from '../domain/rules/rule.ts';
import { userOfAuthor } from '../domain/user.ts';
import type { RecordStore, Snapshot } from '../store/record-store.ts';
import { readHistory, readProject, readSettledRequests } from './branch-documents.ts';
import { isDeniedOnly } from './denied-record.ts';
import { methodRefusal, recompute } from './recompute-results.ts';

/**
 * Everything that the rules look at, for a request that waits on a branch of this clone.
 * @param id the request that the branch is named after
 * @param commit the request's commit
 * @param configuration corroborate.yml of the target's default branch: its limits, `keep` and `compare`
 */
export async function gatherProposal(
  store: RecordStore,
  tip: Snapshot,
  id: string,
  commit: string,
  configuration: Configuration,
): Promise<RequestFacts> {
  const info = await store.commitInfo(commit);
  const parent = info.parents[0] ?? null;
  const proposed = await store.snapshot(commit);
  const [parentOnBranch, differences] = await Promise.all([
    parent === null ? false : store.isAncestor(parent, tip.commit),
    store.differences(parent, commit),
  ]);
  const paths = differences.map(difference => difference.path);
  const after = paths.filter((_, index) => differences[index]!.after !== null);
  const contents = new Map<string, Uint8Array>();
  for (const [index, bytes] of (await proposed.readAll(after)).entries()) if (bytes) contents.set(after[index]!, bytes);
  const onBranch = await blobsOf(tip, paths);
  const changes: ProposedChange[] = differences.map(({ path, before, after: now }) => ({
    path,
    before: before !== null,
    after: now === null ? null : { mode: now.mode, id: now.id, size: contents.get(path)?.length ?? 0 },
    onBranch: onBranch.get(path) ?? null,
  }));
  const proposal: Proposal = { commit, parents: info.parents, parentOnBranch, changes };
  const author = { user: userOfAuthor(info.author.name, info.author.email) };
  const facts = await assemble(tip, await settledDocuments(tip), proposal, contents, configuration, author);
  return { ...facts, faults: [...facts.faults, ...misnamed(id, facts)] };
}

/** Whoever answers a request by its id must not answer another one that hides on its branch. */
function misnamed(id: string, { diff, path }: RequestFacts): Fault[] {
  if (diff === null || path === null || diff.id === id) return [];
  const because = `it stands on the branch ${requestBranch(id)}, which is another request's`;
  return [{ path, line: null, column: null, field: 'id', because }];
}

/** What every request is held against; read once for many of them. */
export interface SettledDocuments {
  readonly project: Project;
  readonly history: History;
  /** All that stand on the branch. */
  readonly requests: readonly DiffRequest[];
}

export async function settledDocuments(tip: Snapshot): Promise<SettledDocuments> {
  const [project, history, requests] = await Promise.all([
    readProject(tip),
    readHistory(tip),
    readSettledRequests(tip),
  ]);
  return { project, history, requests };
}

/** Likewise for a request that was settled, or merged by hand, and stands on the branch itself. */
export async function gatherSettled(
  tip: Snapshot,
  documents: SettledDocuments,
  diff: DiffRequest,
  configuration: Configuration,
): Promise<RequestFacts> {
  const path = diffPath(diff.id);
  const bytes = await tip.read(path);
  const contents = new Map(bytes ? [[path, bytes]] : []);
  // What was settled later does not speak against it.
  const before = documents.requests.filter(other => other.answer && diff.answer && answeredBefore(other, diff));
  const author = { user: diff.sender };
  return assemble(tip, { ...documents, requests: before }, null, contents, configuration, author);
}

async function assemble(
  tip: Snapshot,
  { project, history, requests }: SettledDocuments,
  proposal: Proposal | null,
  contents: ReadonlyMap<string, Uint8Array>,
  configuration: Configuration,
  author: RequestFacts['author'],
): Promise<RequestFacts> {
  const faults: Fault[] = [];
  const path = [...contents.keys()].find(one => parseBranchPath(one)?.kind === 'diff') ?? null;
  const diff = path === null ? null : documentOf('diff', contents.get(path)!, path, faults);
  const containers = new Map(history.map(container => [container.id, container]));
  let brought: Container | null = null;
  for (const [file, bytes] of contents) {
    const kind = parseBranchPath(file)?.kind;
    if (kind === 'record') documentOf('record', bytes, file, faults);
    if (kind === 'container') brought = containerOf(bytes, file, faults);
  }
  const [from, toward] = await Promise.all([
    diff ? recordFacts(tip, contents, diff.from, faults) : null,
    diff ? recordFacts(tip, new Map(), diff.toward, faults) : null,
  ]);
  const read = async (file: string) => (await tip.read(file)) ?? contents.get(file) ?? null;
  return {
    proposal,
    path,
    diff,
    faults,
    from,
    toward,
    project,
    containers,
    brought,
    author,
    settled: diff
      ? requests.filter(other => other.id !== diff.id && other.status !== 'proposed' && isSamePair(other, diff))
      : [],
    limits: limitsOf(configuration),
    isKept: compileGlobs(configuration.keep ?? []).matches,
    methodRefusal: diff ? methodRefusal(diff.diff, configuration.compare) : null,
    recomputation:
      diff && from && toward
        ? await recompute(diff.diff, { record: from.record, read }, { record: toward.record, read })
        : { is: 'impossible', because: 'a record cannot be read' },
  };
}

function documentOf<K extends 'diff' | 'record' | 'container'>(
  kind: K,
  bytes: Uint8Array,
  path: string,
  faults: Fault[],
) {
  const reading = readDocument(kind, bytes, path);
  if ('value' in reading) return reading.value;
  faults.push(...reading.faults);
  return null;
}

/** A container's id says what it is: nobody brings another image under the id of a known one. */
function containerOf(bytes: Uint8Array, path: string, faults: Fault[]): Container | null {
  const container = documentOf('container', bytes, path, faults);
  if (container === null) return null;
  const { system, version, image } = container;
  const due = containerId({ system, source: version.source, image }, text =>
    createHash('sha256').update(text).digest('hex'),
  );
  if (due === container.id) return container;
  faults.push({
    path,
    line: null,
    column: null,
    field: 'id',
    because: `a container of this system, source and image has the id ${due}`,
  });
  return null;
}

/**
 * The record with what really stands beside it: on the branch if that has it, else in the request; there too where the
 * branch has its record.yml from a denial only (that another record.yml comes with it is for `layout` to say).
 */
async function recordFacts(
  tip: Snapshot,
  contents: ReadonlyMap<string, Uint8Array>,
  id: string,
  faults: Fault[],
): Promise<RecordFacts | null> {
  const path = recordPath(id);
  const bytes = await tip.read(path);
  const source = bytes ?? contents.get(path);
  if (!source) return null;
  const record = documentOf('record', source, path, bytes ? faults : []);
  if (!record) return null;
  const folder = recordFolder(id);
  const brings = [...contents.keys()].some(file => file !== path && file.startsWith(`${folder}/`));
  if (bytes === null || (brings && (await isDeniedOnly(tip, id)))) {
    const own = [...contents].filter(([file]) => file.startsWith(`${folder}/`));
    return { record, path, onBranch: false, stored: own.flatMap(([file, content]) => storedFile(file, content)) };
  }
  return { record, path, onBranch: true, stored: await storedFiles(tip, record) };
}

/** Every input and output that stands beside a record on the branch, with the digest of its bytes. */
export async function storedFiles(snapshot: Snapshot, record: RecordAtom): Promise<StoredFile[]> {
  const files = await snapshot.files(recordFolder(record.id));
  const contents = await snapshot.readAll(files.map(file => file.path));
  // A symlink is no content: what its record says to be stored is then missing.
  return files.flatMap((file, index) => (contents[index] ? storedFile(file.path, contents[index]) : []));
}

function storedFile(path: string, content: Uint8Array): StoredFile[] {
  const kind = parseBranchPath(path)?.kind;
  if (kind !== 'input' && kind !== 'output') return [];
  return [{ path, sha256: createHash('sha256').update(content).digest('hex'), size: content.length }];
}

/** The blob at each path of a snapshot, asked folder by folder. */
async function blobsOf(snapshot: Snapshot, paths: readonly string[]): Promise<Map<string, string>> {
  const folders = new Set(paths.map(path => path.slice(0, Math.max(0, path.lastIndexOf('/')))));
  const blobs = new Map<string, string>();
  for (const folder of folders) {
    for (const entry of await snapshot.folder(folder)) blobs.set(entry.path, entry.id);
  }
  return blobs;
}
