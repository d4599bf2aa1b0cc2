import type { RecordAtom, RecordStatus } from './generated/shapes.ts';
import type { Fault } from './problem.ts';

/** A record as the branch has it: read, or damaged, with its faults. */
export interface ReadableRecord {
  readonly id: string;
  readonly record: RecordAtom;
}
export interface DamagedRecord {
  readonly id: string;
  readonly faults: readonly Fault[];
}
export type StoredRecord = ReadableRecord | DamagedRecord;

/** What `status:` may ask for: the record's own, or that it could not be read. */
export const statusWords: readonly (RecordStatus | 'damaged')[] = [
  'started',
  'paused',
  'finished',
  'failed',
  'cancelled',
  'unknown',
  'damaged',
];

/**
 * Every field of a record that words are looked for in, and how to get its texts. A dependency is its name, a tab (no
 * name holds one) and its version; a variable is `NAME=value`, or `NAME` where it was not set.
 */
const texts = {
  'owner-id': record => ('login' in record.owner ? [String(record.owner.id)] : []),
  owner: ({ owner }) => ('login' in owner ? [owner.login] : [owner.name, owner.email]),
  project: record => [record.project],
  image: record => [record.image],
  reproduces: record => [record.reproduces],
  status: record => [record.status],
  command: record => [record.program.command.join(' ')],
  executable: record => [record.program.executable?.path],
  repository: record => [record.program.version_control.repository],
  commit: record => [record.program.version_control.commit],
  branch: record => [record.program.version_control.branch],
  'git-tag': record => [record.program.version_control.tag],
  dirty: record => [String(record.program.version_control.dirty)],
  source: record => [record.program.source],
  signal: record => [record.program.signal],
  env: record =>
    Object.entries(record.program.environment).map(([name, value]) => (value === null ? name : `${name}=${value}`)),
  reason: record => [record.program.reason],
  tag: record => record.program.tags,
  input: record => record.inputs.map(file => file.path),
  output: record => record.outputs.map(file => file.path),
  sha256: record => [
    record.program.executable?.sha256,
    record.program.stdin?.sha256,
    ...record.inputs.map(file => file.sha256),
    ...record.outputs.map(file => file.sha256),
  ],
  dependency: record =>
    record.dependencies.map(({ name, version }) => (version === null ? name : `${name}\t${version}`)),
  manager: record => record.dependencies.map(dependency => dependency.system),
  os: ({ system: { os, release } }) => [[os, release].filter(part => part !== null).join(' ')],
  architecture: record => [record.system.architecture],
  cpu: record => [record.system.cpu],
  host: record => [record.system.host],
  runner: record => [record.system.runner],
  timezone: record => [record.system.timezone],
  locale: record => [record.system.locale],
  note: record => record.notes,
} satisfies { readonly [field: string]: (record: RecordAtom) => readonly (string | null | undefined)[] };

export type TextField = keyof typeof texts;
export const textFields = Object.keys(texts) as readonly TextField[];

const numbers = {
  'exit-code': record => record.program.exit_code,
  duration: record => record.program.duration_seconds,
  'cpu-time': record => record.program.cpu_seconds,
  'peak-memory': record => record.program.peak_memory_bytes,
  cores: record => record.system.cores,
  memory: record => record.system.memory_bytes,
} satisfies { readonly [field: string]: (record: RecordAtom) => number | null };

export type NumberField = keyof typeof numbers;
export const numberFields = Object.keys(numbers) as readonly NumberField[];

/** Texts are compared in this form: without case, with one way to write an accented letter, and fit for any storage. */
export function foldText(text: string): string {
  if (/^[\x01-\x7f]*$/.test(text)) return text.toLowerCase();
  return text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[\0\ud800-\udfff]/gu, '\ufffd');
}

/** The distinct, folded, non-empty texts of one field; a damaged record has none but its status. */
export function textsOf(stored: StoredRecord, field: TextField): readonly string[] {
  if (!('record' in stored)) return field === 'status' ? ['damaged'] : [];
  const found = new Set<string>();
  for (const text of texts[field](stored.record)) if (text) found.add(foldText(text));
  return [...found];
}

export function numberOf(stored: StoredRecord, field: NumberField): number | null {
  return 'record' in stored ? numbers[field](stored.record) : null;
}

/** When a record was made; of one that cannot be read, what its id says, to the second. */
export function createdOf(stored: StoredRecord): string {
  if ('record' in stored) return stored.record.created;
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(stored.id) ?? [];
  return `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
}

/** Newest first, by `created` and then by id: the order of every list. */
export function compareNewestFirst(one: StoredRecord, other: StoredRecord): number {
  const [left, right] = [`${createdOf(one)} ${one.id}`, `${createdOf(other)} ${other.id}`];
  return left < right ? 1 : left > right ? -1 : 0;
}
