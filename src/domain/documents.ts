import type { ErrorObject } from 'ajv';
import { diffPath, recordPath } from './branch-layout.ts';
import type {
  Assessment,
  Configuration,
  Container,
  DiffRequest,
  History,
  Project,
  RecordAtom,
} from './generated/shapes.ts';
import {
  validateAssessment,
  validateConfiguration,
  validateContainer,
  validateDiffRequest,
  validateFileResult,
  validateHistory,
  validateProject,
  validateRecordAtom,
} from './generated/validators.js';
import { comparePaths } from './path-order.ts';
import { type Fault, Problem } from './problem.ts';
import { whyUnsafe } from './safe-path.ts';
import { type FieldPath, type Finding, schemaFindings } from './schema-findings.ts';
import { readYaml } from './yaml-reading.ts';

/** The files of the design, section 3, by what they are called here. */
export interface Documents {
  project: Project;
  history: History;
  container: Container;
  record: RecordAtom;
  diff: DiffRequest;
  assessment: Assessment;
  configuration: Configuration;
}

type Validator = { (data: unknown): boolean; errors?: ErrorObject[] | null };
interface Kind<T> {
  readonly validate: Validator;
  readonly check?: (value: T) => Finding[];
}

const kinds: { readonly [K in keyof Documents]: Kind<Documents[K]> } = {
  project: { validate: validateProject, check: value => instant(['created'], value.created) },
  history: { validate: validateHistory, check: checkHistory },
  container: { validate: validateContainer, check: value => checkContainer(value, []) },
  record: { validate: validateRecordAtom, check: checkRecord },
  diff: { validate: validateDiffRequest, check: checkDiff },
  assessment: {
    validate: validateAssessment,
    check: ({ pairs }) => pairs.flatMap(({ agreed }, index) => instant(['pairs', index, 'agreed'], agreed)),
  },
  configuration: { validate: validateConfiguration },
};

export type DocumentReading<T> = { readonly value: T } | { readonly faults: readonly Fault[] };

/**
 * Turns bytes into a document of the given kind, or into every fault that they have, each with file, line, column and
 * field. This is the one place where what comes from outside becomes data that the rest believes.
 * @param path where the bytes stand; for records and diff requests it must be the place that their id says
 */
export function readDocument<K extends keyof Documents>(
  kind: K,
  bytes: Uint8Array,
  path: string,
): DocumentReading<Documents[K]> {
  const reading = readYaml(bytes, path);
  if ('faults' in reading) return reading;
  const findings = findingsIn(kind, reading.value);
  const value = reading.value as Documents[K];
  if (findings.length === 0) findings.push(...misplaced(kind, value, path));
  if (findings.length === 0) return { value };
  const faults = findings.map(({ at, because }) => ({
    path,
    ...reading.locate(at),
    field: fieldName(at),
    because,
  }));
  return { faults };
}

/** Like `readDocument`, for callers that cannot go on without it. @throws Problem INVALID with every fault */
export function requireDocument<K extends keyof Documents>(kind: K, bytes: Uint8Array, path: string): Documents[K] {
  const reading = readDocument(kind, bytes, path);
  if ('value' in reading) return reading.value;
  throw new Problem('INVALID', `${path} does not hold what it must: ${describeFaults(reading.faults)}`, {
    faults: reading.faults,
  });
}

/** A value that Corroborate itself made, checked before it is written. @throws Problem DEFECT */
export function assertDocument<K extends keyof Documents>(kind: K, value: Documents[K]): void {
  const findings = findingsIn(kind, value);
  if (findings.length > 0) {
    const said = findings.map(({ at, because }) => `${fieldName(at) ?? 'the document'}: ${because}`).join('; ');
    throw new Problem('DEFECT', `a ${kind} was about to be written that nobody could read back: ${said}`);
  }
}

/** What keeps a value from being the result of a file, in words; null where it is one. */
export function whyNoFileResult(value: unknown): string | null {
  if (validateFileResult(value)) return null;
  const findings = schemaFindings(validateFileResult.errors ?? [], value);
  return findings.map(({ at, because }) => `${fieldName(at) ?? 'it'}: ${because}`).join('; ');
}

/** Of more faults than this a sentence tells their number. */
const mostDescribed = 5;

export function describeFaults(faults: readonly Fault[]): string {
  const more = faults.length > mostDescribed ? [`and ${faults.length - mostDescribed} more`] : [];
  const described = faults.slice(0, mostDescribed).map(({ line, column, field, because }) => {
    const place = line === null ? '' : `line ${line}${column === null ? '' : `, column ${column}`}: `;
    return `${place}${field === null ? '' : `${field}: `}${because}`;
  });
  return [...described, ...more].join('; ');
}

function findingsIn<K extends keyof Documents>(kind: K, value: unknown): Finding[] {
  const { validate, check } = kinds[kind] as Kind<Documents[K]>;
  if (!validate(value)) return schemaFindings(validate.errors ?? [], value);
  return check ? check(value as Documents[K]) : [];
}

/** `inputs[2].sha256`; names that are no words in quotes: `program.environment["a.b"]` */
function fieldName(at: FieldPath): string | null {
  if (at.length === 0) return null;
  const parts = at.map(part => (/^[A-Za-z_][\w-]*$/.test(String(part)) ? `.${part}` : `[${JSON.stringify(part)}]`));
  return parts.join('').replace(/^\./, '');
}

function misplaced<K extends keyof Documents>(kind: K, value: Documents[K], path: string): Finding[] {
  const id = (value as { id?: string }).id ?? '';
  const due = kind === 'record' ? recordPath(id) : kind === 'diff' ? diffPath(id) : path;
  return due === path ? [] : [{ at: ['id'], because: `a ${kind} of this id stands at ${due}` }];
}

function instant(at: FieldPath, text: string | null): Finding[] {
  if (text === null) return [];
  const time = Date.parse(text);
  const holds = !Number.isNaN(time) && new Date(time).toISOString() === text;
  return holds ? [] : [{ at, because: `${text} is no time that there was` }];
}

function checkHistory(history: History): Finding[] {
  const seen = new Set<string>();
  return history.flatMap((container, index) => {
    const findings = checkContainer(container, [index]);
    if (seen.has(container.id))
      findings.push({ at: [index, 'id'], because: 'this container stands in the history twice' });
    seen.add(container.id);
    return findings;
  });
}

function checkContainer({ created, system, image }: Container, at: FieldPath): Finding[] {
  const findings = instant([...at, 'created'], created);
  if ((system === 'none') !== (image === null)) {
    const because =
      image === null ? `a container of system ${system} has an image` : 'a container of system none has no image';
    findings.push({ at: [...at, 'image'], because });
  }
  return findings;
}

function checkRecord(record: RecordAtom): Finding[] {
  const { program } = record;
  return [
    ...instant(['created'], record.created),
    ...instant(['updated'], record.updated),
    ...instant(['program', 'started'], program.started),
    ...instant(['program', 'finished'], program.finished),
    ...checkPaths(['inputs'], record.inputs),
    ...checkPaths(['outputs'], record.outputs),
  ];
}

/** Paths are safe, sorted, and each stands once. */
function checkPaths(field: FieldPath, files: readonly { readonly path: string }[]): Finding[] {
  return files.flatMap(({ path }, index) => {
    const at = [...field, index, 'path'];
    const unsafe = whyUnsafe(path);
    if (unsafe !== null) return [{ at, because: `no safe path: ${unsafe}` }];
    const before = files[index - 1];
    if (!before || comparePaths(before.path, path) < 0) return [];
    return [{ at, because: before.path === path ? 'this path stands twice' : 'the paths are not sorted' }];
  });
}

function checkDiff(diff: DiffRequest): Finding[] {
  const findings = [...instant(['created'], diff.created), ...instant(['answer', 'at'], diff.answer?.at ?? null)];
  const custom = diff.diff.method === 'custom';
  if (custom !== (diff.diff.name !== null)) {
    findings.push({
      at: ['diff', 'name'],
      because: custom ? 'a custom method has a name' : 'only a custom method has a name',
    });
  }
  if ((diff.status === 'proposed') !== (diff.answer === null)) {
    findings.push({
      at: ['answer'],
      because:
        diff.status === 'proposed'
          ? 'a proposed request has no answer yet'
          : `a request that was ${diff.status} has an answer`,
    });
  }
  return [...findings, ...checkPaths(['diff', 'results'], diff.diff.results)];
}
