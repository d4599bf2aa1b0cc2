import { createHash } from 'node:crypto';
import type { OutputsComparison } from '../differentiation/compare-outputs.ts';
import {
  diffPath,
  parseBranchPath,
  recordContainerPath,
  recordFolder,
  recordPath,
  requestBranch,
} from '../domain/branch-layout.ts';
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
import { type Fault, Problem } from '../domain/problem.ts';
import type { Proposal, ProposedChange, RecordFacts, RequestFacts, StoredFile } from '../domain/rules/rule.ts';
import { userOfAuthor } from '../domain/user.ts';
import type { CommitInfo, CommitReader, Snapshot } from '../store/record-store.ts';
import { readHistory, readProject, readSettledRequests } from './branch-documents.ts';
import { isDeniedOnly } from './denied-record.ts';
import { methodRefusal, recompute } from './recompute-results.ts';

/** The facts, and what was computed on the way: who shows the comparison need not compute it again. */
export interface GatheredFacts extends RequestFacts {
  readonly computed: OutputsComparison | null;
}

/** A commit that waits for an answer, and who speaks through it. */
export interface ProposedCommit {
  readonly commit: string;
  /** The request that its branch is named after; null where no name says. */
  readonly id: string | null;
  /** Who opened the request; `diff` is what it says of itself. */
  author(diff: DiffRequest | null, info: CommitInfo): Promise<RequestFacts['author']> | RequestFacts['author'];
}

/** The author of a request of this clone: as git tells. */
export const authorByCommit: ProposedCommit['author'] = (_, { author }) => ({
  user: userOfAuthor(author.name, author.email),
});

/** A request adds one diff and one record; nothing is read of a commit that changes more than this. */
const mostChanges = 20_000;
/** Bytes of one file, and of all together, that are looked at: what is more is not read, and so does not hold. */
const mostBytes = { file: 64 * 2 ** 20, together: 256 * 2 ** 20 };

/**
 * Everything that the rules look at, for a request that waits: on a branch of a clone, or in a pull request.
 * @param configuration corroborate.yml of the target's default branch: its limits, `keep` and `compare`
 * @param computes whether the results are computed again; else they rest on the requester's word, said so
 */
export async function gatherProposal(
  store: CommitReader,
  tip: Snapshot,
  { commit, id, author }: ProposedCommit,
  configuration: Configuration,
  computes = true,
): Promise<GatheredFacts> {
  const info = await store.commitInfo(commit);
  const parent = info.parents[0] ?? null;
  // What stands on something else may bring anything, any amount of it: it is not looked at.
  const parentOnBranch = parent !== null && info.parents.length === 1 && (await store.isAncestor(parent, tip.commit));
  const { changes, contents, unread } = parentOnBranch ? await changesOrWhyNot(store, tip, parent, commit) : nothing;
  const proposal: Proposal = { commit, parents: info.parents, parentOnBranch, changes, unread };
  const documents = await settledDocuments(tip);
  const facts = await assemble(tip, documents, proposal, contents, configuration, computes, diff => author(diff, info));
  return { ...facts, faults: [...facts.faults, ...misnamed(id, facts)] };
}

/**
 * The record's files in the commit that was denied, which the branch knows by their digests only.
 * @param commit with one parent
 */
export async function leftOutOf(
  store: CommitReader,
  tip: Snapshot,
  commit: string,
  record: string,
): Promise<Map<string, Uint8Array>> {
  const { parents } = await store.commitInfo(commit);
  const { contents } = await changesOf(store, tip, parents[0]!, commit);
  return new Map([...contents].filter(([path]) => path.startsWith(`${recordFolder(record)}/`)));
}

interface Changes {
  readonly changes: ProposedChange[];
  readonly contents: ReadonlyMap<string, Uint8Array>;
  readonly unread: string | null;
}

const nothing: Changes = { changes: [], contents: new Map(), unread: null };

/** A few trees that hold each other stand for more files than any store can list: that is a fault of the request's. */
async function changesOrWhyNot(store: CommitReader, tip: Snapshot, parent: string, commit: string): Promise<Changes> {
  try {
    return { ...(await changesOf(store, tip, parent, commit)), unread: null };
  } catch (cause) {
    if (cause instanceof Problem && cause.code === 'UNSUPPORTED') return { ...nothing, unread: cause.message };
    throw cause;
  }
}

/** What a commit changes, and the content of what it adds as far as that may be looked at. */
async function changesOf(
  store: CommitReader,
  tip: Snapshot,
  parent: string,
  commit: string,
): Promise<{ changes: ProposedChange[]; contents: Map<string, Uint8Array> }> {
  const proposed = await store.snapshot(commit);
  const differences = await store.differences(parent, commit);
  const few = differences.length <= mostChanges;
  const paths = differences.map(difference => difference.path);
  const sizes = new Map<string, number>();
  for (const folder of few ? placesOf(paths) : []) {
    for (const { path, size } of await proposed.files(folder)) sizes.set(path, size);
  }
  let left = mostBytes.together;
  const wanted = differences.flatMap(({ path, after }) => {
    const size = sizes.get(path) ?? 0;
    if (after === null || !sizes.has(path) || size > mostBytes.file || size > left) return [];
    left -= size;
    return [path];
  });
  const contents = new Map<string, Uint8Array>();
  for (const [index, bytes] of (await proposed.readAll(wanted)).entries()) {
    if (bytes) contents.set(wanted[index]!, bytes);
  }
  const onBranch = few ? await blobsOf(tip, paths) : new Map<string, string>();
  const changes = differences.map(({ path, before, after }) => ({
    path,
    before: before !== null,
    after: after === null ? null : { mode: after.mode, id: after.id, size: sizes.get(path) ?? 0 },
    onBranch: onBranch.get(path) ?? null,
  }));
  return { changes, contents };
}

/** The folders of a request's own layout in which the paths stand; who brings more than a few brings no request. */
function placesOf(paths: readonly string[]): string[] {
  const places = paths.flatMap(path => {
    const place = parseBranchPath(path);
    if (place === null || !('id' in place)) return [];
    return [place.kind === 'diff' ? path.slice(0, path.lastIndexOf('/')) : recordFolder(place.id)];
  });
  return [...new Set(places)].slice(0, 3);
}

/** Whoever answers a request by its id must not answer another one that hides on its branch. */
function misnamed(id: string | null, { diff, path }: RequestFacts): Fault[] {
  if (id === null || diff === null || path === null || diff.id === id) return [];
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

/**
 * Likewise for a request that was settled, or merged by hand, and stands on the branch itself.
 * @param leftOut what its denial left out of its record, where somebody has that still
 */
export async function gatherSettled(
  tip: Snapshot,
  documents: SettledDocuments,
  diff: DiffRequest,
  configuration: Configuration,
  computes = true,
  leftOut: ReadonlyMap<string, Uint8Array> = new Map(),
): Promise<GatheredFacts> {
  const path = diffPath(diff.id);
  const bytes = await tip.read(path);
  const contents = new Map([...(bytes ? [[path, bytes] as const] : []), ...leftOut]);
  // Merged by hand, its container has not come into the history, and comes there by an agreement only.
  const container = diff.status !== 'agreed' ? await tip.read(recordContainerPath(diff.from)) : null;
  if (container) contents.set(recordContainerPath(diff.from), container);
  // What was settled later does not speak against it; against one that waits, everything does that is settled.
  const before = documents.requests.filter(other => other.answer && (!diff.answer || answeredBefore(other, diff)));
  const author = { user: diff.sender };
  return assemble(tip, { ...documents, requests: before }, null, contents, configuration, computes, () => author);
}

async function assemble(
  tip: Snapshot,
  { project, history, requests }: SettledDocuments,
  proposal: Proposal | null,
  contents: ReadonlyMap<string, Uint8Array>,
  configuration: Configuration,
  computes: boolean,
  author: (diff: DiffRequest | null) => Promise<RequestFacts['author']> | RequestFacts['author'],
): Promise<GatheredFacts> {
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
  const { recomputation, outputs } =
    diff && from && toward
      ? await recompute(diff.diff, { record: from.record, read }, { record: toward.record, read }, computes)
      : { recomputation: { is: 'impossible', because: 'a record cannot be read' } as const, outputs: null };
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
    author: await author(diff),
    settled: diff
      ? requests.filter(other => other.id !== diff.id && other.status !== 'proposed' && isSamePair(other, diff))
      : [],
    limits: limitsOf(configuration),
    isKept: compileGlobs(configuration.keep ?? []).matches,
    methodRefusal: diff ? methodRefusal(diff.diff, configuration.compare) : null,
    recomputation,
    computed: outputs,
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
async function storedFiles(snapshot: Snapshot, record: RecordAtom): Promise<StoredFile[]> {
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
