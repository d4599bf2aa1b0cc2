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
  RecordedFile,
} from './generated/shapes.ts';
import {
  validateAssessment,
  validateConfiguration,
  validateContainer,
  validateDiffRequest,
  validateHistory,
  validateProject,
  validateRecordAtom,
} from './generated/validators.js';
import { type Fault, Problem } from './problem.ts';
import { whyUnsafe } from './safe-path.ts';
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

type FieldPath = readonly (string | number)[];
/** What a schema cannot say: a fault at a field, in words. */
type Finding = { readonly at: FieldPath; readonly because: string };
type Validator = { (data: unknown): boolean; errors?: ErrorObject[] | null };
interface Kind<T> {
  readonly validate: Validator;
  readonly check?: (value: T) => Finding[];
}

const kinds: { readonly [K in keyof Documents]: Kind<Documents[K]> } = {
  project: { validate: validateProject, check: value => instant(['created'], value.created) },
  history: { validate: validateHistory, check: checkHistory },
  container: { validate: validateContainer, check: value => instant(['created'], value.created) },
  record: { validate: validateRecordAtom, check: checkRecord },
  diff: { validate: validateDiffRequest, check: checkDiff },
  assessment: { validate: validateAssessment },
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

export function describeFaults(faults: readonly Fault[]): string {
  return faults
    .map(({ line, column, field, because }) => {
      const place = line === null ? '' : `line ${line}${column === null ? '' : `, column ${column}`}: `;
      return `${place}${field === null ? '' : `${field}: `}${because}`;
    })
    .join('; ');
}

function findingsIn<K extends keyof Documents>(kind: K, value: unknown): Finding[] {
  const { validate, check } = kinds[kind] as Kind<Documents[K]>;
  if (!validate(value)) return schemaFindings(validate.errors ?? []);
  return check ? check(value as Documents[K]) : [];
}

function schemaFindings(errors: readonly ErrorObject[]): Finding[] {
  const findings = new Map<string, Finding>();
  // The branches of an `oneOf` each complain; what the whole alternative wanted is said once.
  const alternatives = errors.filter(error => error.keyword === 'oneOf').map(error => error.instancePath);
  for (const error of errors) {
    const inside = alternatives.some(
      path => error.instancePath === path && error.keyword !== 'oneOf' && error.keyword === 'type',
    );
    if (inside) continue;
    const at = error.instancePath
      .split('/')
      .slice(1)
      .map(part => {
        const name = part.replace(/~1/g, '/').replace(/~0/g, '~');
        return /^\d+$/.test(name) ? Number(name) : name;
      });
    const finding = schemaFinding(error, at);
    findings.set(JSON.stringify(finding), finding);
  }
  return [...findings.values()].slice(0, 100);
}

function schemaFinding(error: ErrorObject, at: FieldPath): Finding {
  const params = error.params as { [name: string]: unknown };
  switch (error.keyword) {
    case 'additionalProperties':
      return { at: [...at, String(params.additionalProperty)], because: 'there is no such field' };
    case 'required':
      return { at, because: `the field ${String(params.missingProperty)} is missing` };
    case 'enum':
      return { at, because: `must be one of ${(params.allowedValues as unknown[]).join(', ')}` };
    case 'const':
      return { at, because: `must be ${String(params.allowedValue)}` };
    case 'type':
      return { at, because: `must be ${[params.type].flat().join(' or ')}` };
    case 'pattern':
      return { at, because: `does not have the form ${String(params.pattern)}` };
    case 'oneOf':
      return { at, because: 'must have one of the forms that the schema lists' };
    default:
      return { at, because: error.message ?? error.keyword };
  }
}

/** `inputs[2].sha256` */
function fieldName(at: FieldPath): string | null {
  if (at.length === 0) return null;
  return at.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');
}

function misplaced<K extends keyof Documents>(kind: K, value: Documents[K], path: string): Finding[] {
  const id = (value as { id?: string }).id ?? '';
  const due = kind === 'record' ? recordPath(id) : kind === 'diff' ? diffPath(id) : path;
  return due === path ? [] : [{ at: ['id'], because: `a ${kind} of this id stands at ${due}` }];
}

function instant(at: FieldPath, text: string | null): Finding[] {
  if (text === null) return [];
  const time = Date.parse(text);
  const holds = !Number.isNaN(time) && (text.slice(17, 19) === '60' || new Date(time).toISOString() === text);
  return holds ? [] : [{ at, because: `${text} is no time that there was` }];
}

function checkHistory(history: History): Finding[] {
  const seen = new Set<string>();
  return history.flatMap((container, index) => {
    const findings = instant([index, 'created'], container.created);
    if (seen.has(container.id))
      findings.push({ at: [index, 'id'], because: 'this container stands in the history twice' });
    seen.add(container.id);
    return findings;
  });
}

function checkRecord(record: RecordAtom): Finding[] {
  const { program } = record;
  return [
    ...instant(['created'], record.created),
    ...instant(['updated'], record.updated),
    ...instant(['program', 'started'], program.started),
    ...instant(['program', 'finished'], program.finished),
    ...checkFiles('inputs', record.inputs),
    ...checkFiles('outputs', record.outputs),
  ];
}

function checkFiles(field: 'inputs' | 'outputs', files: readonly RecordedFile[]): Finding[] {
  return files.flatMap((file, index) => {
    const unsafe = whyUnsafe(file.path);
    if (unsafe !== null) return [{ at: [field, index, 'path'], because: `no safe path: ${unsafe}` }];
    const before = files[index - 1];
    if (before && comparePaths(before.path, file.path) >= 0) {
      return [
        {
          at: [field, index, 'path'],
          because: before.path === file.path ? 'this path stands twice' : 'the paths are not sorted',
        },
      ];
    }
    return [];
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
  for (const [index, { path }] of diff.diff.results.entries()) {
    const unsafe = whyUnsafe(path);
    if (unsafe !== null) findings.push({ at: ['diff', 'results', index, 'path'], because: `no safe path: ${unsafe}` });
  }
  return findings;
}

/** The order in which paths are written: by code units, the same everywhere. */
export function comparePaths(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
