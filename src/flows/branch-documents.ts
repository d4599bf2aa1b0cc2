import { type AgreedRequest, assessProject } from '../domain/assessment.ts';
import {
  assessmentPath,
  historyPath,
  parseBranchPath,
  projectPath,
  readmePath,
  recordPath,
} from '../domain/branch-layout.ts';
import { countedRequests } from '../domain/diff-request.ts';
import { requireDocument } from '../domain/documents.ts';
import type { Assessment, DiffRequest, History, Project, RecordAtom } from '../domain/generated/shapes.ts';
import { Problem } from '../domain/problem.ts';
import { projectPage } from '../domain/project-page.ts';
import { writeYaml } from '../domain/yaml-writing.ts';
import type { RecordStore, Snapshot } from '../store/record-store.ts';

/* The branch's files as documents: every flow reads and writes them through here. */

/** @throws Problem NO_BRANCH, with what to do; FOREIGN_BRANCH where something else has its name */
export async function requireTip(store: RecordStore): Promise<Snapshot> {
  const tip = await requireAnyTip(store);
  await requireRecords(tip, store.branch);
  return tip;
}

/** Likewise, of a branch that may have lost anything but is a records branch still: `verify` names what. */
export async function requireAnyTip(store: RecordStore): Promise<Snapshot> {
  const tip = await store.tip();
  if (!tip) {
    throw new Problem(
      'NO_BRANCH',
      `this repository has no branch ${store.branch} yet. \`corroborate init\` makes it, \`corroborate run\` does so with the first record, \`corroborate pull\` fetches the remote's.`,
    );
  }
  const top = (await tip.folder('')).map(entry => entry.path);
  if (!top.includes(projectPath) && !top.includes(historyPath)) throw foreign(store.branch);
  return tip;
}

/** @throws Problem FOREIGN_BRANCH where a commit is none of a records branch */
export async function requireRecords(snapshot: Snapshot, branch: string): Promise<void> {
  if ((await snapshot.read(projectPath)) === null) throw foreign(branch);
}

function foreign(branch: string): Problem {
  return new Problem(
    'FOREIGN_BRANCH',
    `the branch ${branch} is something else: it has no ${projectPath} at its top. Rename it (\`git branch -m ${branch} …\`) so that the records can have that name.`,
  );
}

async function requireFile(snapshot: Snapshot, path: string): Promise<Uint8Array> {
  return (await snapshot.read(path)) ?? missing(snapshot, path);
}

/** Not there, or no regular file. */
function missing(snapshot: Snapshot, path: string): never {
  throw new Problem(
    'DAMAGED',
    `${path} is missing from the records branch at ${snapshot.commit.slice(0, 10)}, or no regular file. \`corroborate verify\` shows what else is wrong.`,
  );
}

export async function readProject(snapshot: Snapshot): Promise<Project> {
  return requireDocument('project', await requireFile(snapshot, projectPath), projectPath);
}

export async function readHistory(snapshot: Snapshot): Promise<History> {
  return requireDocument('history', await requireFile(snapshot, historyPath), historyPath);
}

/** The record of this id, or null where the snapshot has none. */
export async function findRecord(snapshot: Snapshot, id: string): Promise<RecordAtom | null> {
  const path = recordPath(id);
  const bytes = await snapshot.read(path);
  return bytes ? requireDocument('record', bytes, path) : null;
}

export async function readRecord(snapshot: Snapshot, id: string): Promise<RecordAtom> {
  const record = await findRecord(snapshot, id);
  if (record) return record;
  throw new Problem('NOT_FOUND', `no record ${id} on the branch. \`corroborate list\` shows those there are.`);
}

/** Every diff request that stands on the branch, oldest first: settled ones, and any that was merged by hand. */
export async function readSettledRequests(snapshot: Snapshot): Promise<DiffRequest[]> {
  const paths = (await snapshot.files('diffs'))
    .map(file => file.path)
    .filter(path => parseBranchPath(path)?.kind === 'diff');
  const contents = await snapshot.readAll(paths);
  return paths
    .map((path, index) => requireDocument('diff', contents[index] ?? missing(snapshot, path), path))
    .sort((one, other) => (one.id < other.id ? -1 : 1));
}

/**
 * The agreed requests that count, with the records that they name, as the assessment wants them.
 * @param requests all that are settled
 */
export async function readAgreed(snapshot: Snapshot, requests: readonly DiffRequest[]): Promise<AgreedRequest[]> {
  const agreed = countedRequests(requests);
  const ids = [...new Set(agreed.flatMap(request => [request.from, request.toward]))];
  const contents = await snapshot.readAll(ids.map(recordPath));
  const records = new Map(
    ids.map((id, index) => {
      const bytes = contents[index];
      return [id, bytes ? requireDocument('record', bytes, recordPath(id)) : null];
    }),
  );
  return agreed.map(diff => ({ diff, from: records.get(diff.from) ?? null, toward: records.get(diff.toward) ?? null }));
}

const encoder = new TextEncoder();

export function yamlBytes(value: unknown): Uint8Array {
  return encoder.encode(writeYaml(value));
}

/** The two files that are functions of the project and its agreed requests: assessment.yml and README.md. */
export function derivedFiles(project: Project, assessment: Assessment): Map<string, Uint8Array> {
  return new Map([
    [assessmentPath, yamlBytes(assessment)],
    [readmePath, encoder.encode(projectPage(project, assessment))],
  ]);
}

/** The files of a branch on which nothing has happened yet. */
export function rootFiles(project: Project): Map<string, Uint8Array> {
  return new Map([
    [projectPath, yamlBytes(project)],
    [historyPath, yamlBytes([])],
    ...derivedFiles(project, assessProject([], project)),
  ]);
}
