import { parseByteSize } from './limits.ts';
import { Problem } from './problem.ts';
import {
  createdOf,
  foldText,
  type NumberField,
  numberFields,
  numberOf,
  type StoredRecord,
  statusWords,
  type TextField,
  textFields,
  textsOf,
} from './record-fields.ts';
import { type Comparator, comparisonHolds, versionHolds } from './version-order.ts';

/*
 * The query words of the design, section 8. All of them must hold. `matches` is the definition of what a query means;
 * an index may be faster, never of another opinion.
 */

/** What a folded text must be. The first three are data, so that an index can answer them in its own way. */
export type TextTest =
  | { readonly is: 'containing' | 'beginning' | 'equal'; readonly text: string }
  | { readonly is: 'holding'; readonly holds: (text: string) => boolean };

export interface NumberTest {
  readonly comparator: Comparator;
  readonly number: number;
}

export type Condition = { readonly negated: boolean } & (
  | {
      readonly about: 'text';
      /** It holds when one text of one of these fields passes; `id` is the record's id, which damaged ones have too. */
      readonly anyOf: readonly { readonly field: TextField | 'id'; readonly test: TextTest }[];
    }
  | { readonly about: 'number'; readonly field: NumberField; readonly test: NumberTest }
  /** From the first to the last instant, both included, as timestamps are written. */
  | { readonly about: 'created'; readonly from: string | null; readonly to: string | null }
);

export interface Query {
  readonly conditions: readonly Condition[];
}

/** Whole values that begin so are meant: nobody remembers the middle of a digest. */
const beginning: readonly TextField[] = ['commit', 'source', 'sha256'];
const aliases: Readonly<{ [name: string]: string }> = {
  container: 'image',
  environment: 'env',
  dependencies: 'dependency',
  inputs: 'input',
  outputs: 'output',
  tags: 'tag',
  notes: 'note',
};
/** A plain word is looked for everywhere but in digests, which `sha256:` finds, and in what only yes-or-no fields say. */
const wordFields: readonly (TextField | 'id')[] = [
  'id',
  ...textFields.filter(field => !['sha256', 'dirty', 'owner-id'].includes(field)),
];

/** Every field that a query may name. */
export const queryFields: readonly string[] = [
  'id',
  ...textFields.filter(field => field !== 'owner-id'),
  ...numberFields,
  'since',
  'until',
  ...Object.keys(aliases),
].sort();

/**
 * Reads query words as a command line hands them over; a word may itself hold several, with quoted phrases:
 * `status:finished -tag:x reason:"long run" dependency:numpy<2`. A phrase that begins with a quote names no field.
 * @throws Problem USAGE for a field that there is not, a value that the field cannot have, or an open quote
 */
export function parseQuery(words: readonly string[]): Query {
  return { conditions: words.flatMap(splitWords).map(conditionOf) };
}

/** Whether a record is among those that a query asks for. */
export function matches(query: Query, stored: StoredRecord): boolean {
  return query.conditions.every(condition => holds(condition, stored) !== condition.negated);
}

export function textPasses(test: TextTest, text: string): boolean {
  switch (test.is) {
    case 'containing':
      return text.includes(test.text);
    case 'beginning':
      return text.startsWith(test.text);
    case 'equal':
      return text === test.text;
    case 'holding':
      return test.holds(text);
  }
}

function holds(condition: Condition, stored: StoredRecord): boolean {
  switch (condition.about) {
    case 'text':
      return condition.anyOf.some(({ field, test }) =>
        (field === 'id' ? [foldText(stored.id)] : textsOf(stored, field)).some(text => textPasses(test, text)),
      );
    case 'number': {
      const number = numberOf(stored, condition.field);
      return number !== null && comparisonHolds(number - condition.test.number, condition.test.comparator);
    }
    case 'created': {
      const created = createdOf(stored);
      return (
        (condition.from === null || created >= condition.from) && (condition.to === null || created <= condition.to)
      );
    }
  }
}

interface Word {
  readonly negated: boolean;
  readonly field: string | null;
  readonly value: string;
}

/** `-field:"two words"`: an optional minus, an optional field, and texts with or without quotes up to the next space. */
function splitWords(line: string): Word[] {
  const found: Word[] = [];
  const token = /\s*(-?)(?:([A-Za-z][A-Za-z0-9_-]*):)?((?:"(?:[^"\\]|\\.)*"|[^\s"])+)?/suy;
  while (token.lastIndex < line.length) {
    const start = token.lastIndex;
    const [whole, minus, field, value] = token.exec(line) ?? [''];
    if (whole.trim() === '') {
      if (line.slice(start).trim() === '') break;
      throw new Problem('USAGE', `the query ${JSON.stringify(line)} has a quote that is never closed.`);
    }
    if (value === undefined && line[token.lastIndex] === '"') {
      throw new Problem('USAGE', `the query ${JSON.stringify(line)} has a quote that is never closed.`);
    }
    const text = (value ?? '').replace(/"((?:[^"\\]|\\.)*)"/gs, (_, inner: string) => inner.replace(/\\(.)/gs, '$1'));
    if (field === undefined && text === '') {
      throw new Problem('USAGE', `${JSON.stringify(whole.trim())} in a query asks for nothing: give a word behind it.`);
    }
    found.push({ negated: minus === '-', field: field?.toLowerCase().replaceAll('_', '-') ?? null, value: text });
  }
  return found;
}

function conditionOf({ negated, field: written, value }: Word): Condition {
  if (written === null) {
    const test: TextTest = { is: 'containing', text: foldText(value) };
    return { negated, about: 'text', anyOf: wordFields.map(field => ({ field, test })) };
  }
  const field = Object.hasOwn(aliases, written) ? aliases[written]! : written;
  if (!queryFields.includes(field)) {
    throw new Problem(
      'USAGE',
      `there is no field ${JSON.stringify(written)} to search in. The fields are ${queryFields.join(', ')}; put quotes around a word that holds a colon.`,
    );
  }
  if (value === '') throw new Problem('USAGE', `${written}: asks for nothing: give a value behind the colon.`);
  if (field === 'since') return { negated, about: 'created', from: periodOf(value, written)[0], to: null };
  if (field === 'until') return { negated, about: 'created', from: null, to: periodOf(value, written)[1] };
  const number = numberFields.find(name => name === field);
  if (number) return { negated, about: 'number', field: number, test: numberTest(number, value) };
  return { negated, about: 'text', anyOf: textTests(field as TextField | 'id', value) };
}

function textTests(
  field: TextField | 'id',
  value: string,
): readonly { readonly field: TextField | 'id'; readonly test: TextTest }[] {
  const text = foldText(value);
  const contains: TextTest = { is: 'containing', text };
  if (field === 'status') {
    if (!statusWords.some(word => word === text)) throw unfit('status', value, `one of ${statusWords.join(', ')}`);
    return [{ field, test: { is: 'equal', text } }];
  }
  if (field === 'dirty') {
    const said = { true: 'true', yes: 'true', false: 'false', no: 'false' }[text];
    if (said === undefined) throw unfit('dirty', value, 'true or false');
    return [{ field, test: { is: 'equal', text: said } }];
  }
  if (field === 'owner') {
    return [
      { field, test: contains },
      { field: 'owner-id', test: { is: 'equal', text } },
    ];
  }
  if (field === 'env') return [{ field, test: variableTest(text) }];
  if (field === 'dependency') return [{ field, test: dependencyTest(text) }];
  if (beginning.some(name => name === field)) return [{ field, test: { is: 'beginning', text } }];
  return [{ field, test: contains }];
}

/** `NAME=value` is that variable with that very value; without `=`, a part of the name. */
function variableTest(text: string): TextTest {
  if (text.includes('=')) return { is: 'equal', text };
  return { is: 'holding', holds: variable => variable.split('=', 1)[0]!.includes(text) };
}

/** Distributions of Python are the same whatever `-`, `_` and `.` they are written with (PEP 503). */
function normalName(name: string): string {
  return name.replace(/[-_.]+/g, '-');
}

/**
 * `numpy` is a part of the name; with comparators (`numpy>=1.20,<2`) the whole name is meant, and a version that is not
 * known passes none of them.
 */
function dependencyTest(text: string): TextTest {
  const [, name, wanted] = /^([^<>=]*)((?:[<>=]).*)?$/s.exec(text) ?? [];
  if (wanted === undefined) {
    const part = normalName(text);
    return { is: 'holding', holds: dependency => normalName(dependency.split('\t', 1)[0]!).includes(part) };
  }
  const whole = normalName((name ?? '').trim());
  const comparisons = wanted.split(',').map(part => /^\s*(<=|>=|==?|<|>)\s*([^<>=\s][^<>=]*?)\s*$/s.exec(part));
  if (whole === '' || comparisons.includes(null)) {
    throw unfit('dependency', text, 'a name, and perhaps versions behind <, <=, >, >= or =, like numpy>=1.20,<2');
  }
  return {
    is: 'holding',
    holds: dependency => {
      const tab = dependency.indexOf('\t');
      if (tab < 0 || normalName(dependency.slice(0, tab)) !== whole) return false;
      const version = dependency.slice(tab + 1);
      return comparisons.every(found => versionHolds(version, found![1]!.replace('==', '=') as Comparator, found![2]!));
    },
  };
}

function numberTest(field: NumberField, value: string): NumberTest {
  const [, comparator = '=', text = ''] = /^(<=|>=|==?|<|>)?\s*(.*)$/s.exec(value) ?? [];
  const inBytes = field === 'memory' || field === 'peak-memory';
  const sized = inBytes && /^\d+(?:\.\d+)?\s?[KMG]iB$/.test(text);
  const number = sized ? parseByteSize(text) : /^\d+(?:\.\d+)?(?:e[-+]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(number)) {
    const unit = inBytes
      ? 'bytes, like >=512MiB'
      : field.endsWith('-code') || field === 'cores'
        ? 'a number'
        : 'seconds, like >10';
    throw unfit(field, value, `${unit}, perhaps behind <, <=, >, >= or =`);
  }
  return { comparator: comparator.replace('==', '=') as Comparator, number };
}

/** The first and the last instant of a year, month, day, minute, second or instant, in UTC. */
function periodOf(value: string, field: string): [string, string] {
  const found = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?Z?)?)?)?$/i.exec(value);
  const [, year, month, day, minute, second, fraction] = found ?? [];
  const first = `${year}-${month ?? '01'}-${day ?? '01'}T${minute ?? '00:00'}:${second ?? '00'}.${(fraction ?? '').padEnd(3, '0')}Z`;
  const start = Date.parse(first);
  // A day that the month has not is moved on by some parsers; it must come back as it was written.
  if (!found || Number.isNaN(start) || new Date(start).toISOString() !== first) {
    throw unfit(field, value, 'a time in UTC like 2026, 2026-11, 2026-11-01 or 2026-11-01T09:30');
  }
  const last = `${year}-${month ?? '12'}-${day ?? '31'}T${minute ?? '23:59'}:${second ?? '60'}.${(fraction ?? '').padEnd(3, '9')}Z`;
  return [first, last];
}

function unfit(field: string, value: string, due: string): Problem {
  return new Problem('USAGE', `${field}:${value} cannot be searched for: ${field} takes ${due}.`);
}
