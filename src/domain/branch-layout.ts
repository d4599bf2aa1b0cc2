import { isRecordId, shardsOf } from './record-id.ts';

/** Where everything stands on the records branch (design, section 3). */
export const branchName = 'records';

export const projectPath = 'project.yml';
export const historyPath = 'history.yml';
export const assessmentPath = 'assessment.yml';
export const readmePath = 'README.md';

/** `records/7f/3a/<id>` */
export function recordFolder(id: string): string {
  const [first, second] = shardsOf(id);
  return `records/${first}/${second}/${id}`;
}

export function recordPath(id: string): string {
  return `${recordFolder(id)}/record.yml`;
}

export function inputPath(id: string, path: string): string {
  return `${recordFolder(id)}/inputs/${path}`;
}

export function outputPath(id: string, path: string): string {
  return `${recordFolder(id)}/outputs/${path}`;
}

export function logPath(id: string): string {
  return `${recordFolder(id)}/log.txt`;
}

export function patchPath(id: string): string {
  return `${recordFolder(id)}/source.patch`;
}

/** Only in a diff request whose container the history lacks. */
export function recordContainerPath(id: string): string {
  return `${recordFolder(id)}/container.yml`;
}

/** `diffs/7f/3a/<id>.yml` */
export function diffPath(id: string): string {
  const [first, second] = shardsOf(id);
  return `diffs/${first}/${second}/${id}.yml`;
}

/** The branch on which a local request waits for its answer. */
export function requestBranch(id: string): string {
  return `diffs/${id}`;
}

/** What a path on the branch is, or null where nothing of the layout stands at such a path. */
export type BranchPath =
  | { readonly kind: 'project' | 'history' | 'assessment' | 'readme' }
  | { readonly kind: 'record' | 'log' | 'patch' | 'container'; readonly id: string }
  | { readonly kind: 'input' | 'output'; readonly id: string; readonly path: string }
  | { readonly kind: 'diff'; readonly id: string };

const single: Readonly<{ [path: string]: 'project' | 'history' | 'assessment' | 'readme' }> = {
  [projectPath]: 'project',
  [historyPath]: 'history',
  [assessmentPath]: 'assessment',
  [readmePath]: 'readme',
};
const inFolder: Readonly<{ [name: string]: 'record' | 'log' | 'patch' | 'container' }> = {
  'record.yml': 'record',
  'log.txt': 'log',
  'source.patch': 'patch',
  'container.yml': 'container',
};

/** Reads a path as the layout would write it; a record in another shard than its id says is not of the layout. */
export function parseBranchPath(path: string): BranchPath | null {
  const alone = Object.hasOwn(single, path) ? single[path] : undefined;
  if (alone) return { kind: alone };
  const diff = /^diffs\/[^/]+\/[^/]+\/([^/]+)\.yml$/.exec(path)?.[1];
  if (diff !== undefined) return isRecordId(diff) && diffPath(diff) === path ? { kind: 'diff', id: diff } : null;
  const parts = path.split('/');
  const id = parts[3];
  if (
    parts[0] !== 'records' ||
    id === undefined ||
    !isRecordId(id) ||
    recordFolder(id) !== parts.slice(0, 4).join('/')
  ) {
    return null;
  }
  const rest = parts.slice(4);
  if (rest.length === 1) {
    const kind = Object.hasOwn(inFolder, rest[0]!) ? inFolder[rest[0]!] : undefined;
    return kind ? { kind, id } : null;
  }
  const kind = rest[0] === 'inputs' ? 'input' : rest[0] === 'outputs' ? 'output' : null;
  const own = rest.slice(1).join('/');
  return kind && own !== '' ? { kind, id, path: own } : null;
}
