import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  parseAllDocuments,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import type { Fault } from './problem.ts';
import type { Position, Reading } from './yaml-reading.ts';

/** Deepest nesting; the deepest that a file of ours has is 8. */
const depthLimit = 64;
const tooDeep = `nesting is deeper than ${depthLimit} levels`;
/** More faults than this are counted, not listed. */
const faultLimit = 100;
/** Lines, entries and the like that are read of a file that Corroborate did not write: each costs some 10 µs and 1 kB. */
const markLimit = 200_000;

/** Reads YAML of any style, by the rules of `readYaml`. @param path where the text stands, for the faults */
export function readStrictYaml(text: string, path: string): Reading {
  const faults: Fault[] = [];
  let more = 0;
  const told = new Set<string>();
  const lines = new LineCounter();
  const fault = (because: string, at: Position) => {
    // The parser says of each bracket that is open where it ends the same.
    const all = `${at.line}:${at.column} ${because}`;
    if (told.has(all)) return;
    told.add(all);
    if (faults.length < faultLimit) faults.push({ path, line: at.line, column: at.column, field: null, because });
    else more++;
  };
  const faultAt = (because: string, offset = 0) => fault(because, positionOf(lines, offset));
  const all = () => {
    faults.sort((one, other) => (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0));
    if (more > 0) faults.push({ path, line: null, column: null, field: null, because: `and ${more} more faults` });
    return { faults };
  };

  for (const [pattern, because] of forbiddenCharacters) {
    const at = text.search(pattern);
    if (at >= 0) fault(because, lineAndColumn(text, at));
  }
  if (faults.length > 0) return all();
  const tooMuch = endOfMarks(text);
  if (tooMuch !== null) {
    fault(
      `more than ${markLimit} lines and entries; so much is only read as \`corroborate\` writes it`,
      lineAndColumn(text, tooMuch),
    );
    return all();
  }
  let documents: readonly Document.Parsed[];
  try {
    // Duplicate keys are looked for below: the parser would compare each key with each other one.
    const parsed = parseAllDocuments(text, {
      version: '1.2',
      schema: 'core',
      uniqueKeys: false,
      strict: true,
      stringKeys: true,
      merge: false,
      lineCounter: lines,
      prettyErrors: false,
    });
    documents = Array.isArray(parsed) ? parsed : [];
  } catch (cause) {
    // The parser calls itself for each level until the stack ends.
    if (!(cause instanceof RangeError)) throw cause;
    fault(tooDeep, { line: null, column: null });
    return all();
  }
  for (const offset of directives(text))
    faultAt(`a directive (${lineAt(text, offset).slice(0, 20)}) is not allowed`, offset);
  for (const one of documents) {
    for (const { message, pos } of [...one.errors, ...one.warnings]) {
      // A directive was named above, whatever the parser thinks of it.
      if (text[pos[0]] !== '%' || !/directive|version/i.test(message)) faultAt(sentence(message), pos[0]);
    }
  }
  if (documents.length > 1) faultAt('more than one document stands in the file', documents[1]!.range[0]);
  const document = documents[0];
  if (!document?.contents) {
    if (faults.length === 0) fault('the file is empty', { line: null, column: null });
    return all();
  }
  visit(document, {
    Node(_key, node, ancestors) {
      const offset = node.range?.[0];
      if (isAlias(node)) {
        faultAt(`an alias (*${node.source}) is not allowed`, offset);
        return undefined;
      }
      if (node.anchor) faultAt(`an anchor (&${node.anchor}) is not allowed`, offset);
      if (node.tag && (isScalar(node) || isCollection(node))) faultAt(`a tag (${node.tag}) is not allowed`, offset);
      if (isScalar(node)) {
        const because = whyNoScalar(node);
        if (because !== null) faultAt(because, offset);
      }
      if (isMap(node)) {
        for (const { key, first } of repeatedKeys(node)) {
          faultAt(
            `the key ${JSON.stringify(key.value)} stands there twice, first in line ${positionOf(lines, first).line}`,
            key.range?.[0],
          );
        }
      }
      // A mapping's pairs stand between it and its values.
      if (ancestors.filter(isCollection).length > depthLimit) {
        faultAt(tooDeep, offset);
        return visit.BREAK;
      }
      return undefined;
    },
  });
  if (faults.length > 0) return all();
  return {
    value: document.toJS({ maxAliasCount: 0 }),
    locate: where => {
      const node = nodeAt(document, where);
      return node?.range ? positionOf(lines, node.range[0]) : { line: null, column: null };
    },
  };
}

const forbiddenCharacters: readonly (readonly [RegExp, string])[] = [
  [/\0/, 'the file holds a NUL character: it is not text'],
  [/^\ufeff/, 'the file begins with a byte order mark'],
  [
    /[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/,
    'a control character is not allowed',
  ],
  [/\r(?!\n)/, 'a carriage return ends no line here: end lines with a line feed'],
];

function positionOf(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: line || 1, column: col || 1 };
}

function lineAndColumn(text: string, offset: number): Position {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', start)) {
    line++;
    start = at + 1;
  }
  return { line, column: offset - start + 1 };
}

function lineAt(text: string, offset: number): string {
  return /.*/.exec(text.slice(offset, offset + 100))![0];
}

/** What the parser says, on one line; where its own stack ended, that is what it met. */
function sentence(message: string): string {
  if (/stack/i.test(message)) return tooDeep;
  if (/stringKeys/.test(message)) return 'a key must be a text';
  return message
    .split('\n')[0]!
    .replace(/ at line \d+, column \d+:?$/, '')
    .slice(0, 300);
}

/** Where the text holds more lines, entries and other things that cost the parser a node than are read; null if never. */
function endOfMarks(text: string): number | null {
  let marks = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const isMark =
      code === 10 ||
      // `,`, `[`, `]`, `{`, `}`, `&`, `*`, `!`
      code === 44 ||
      code === 91 ||
      code === 93 ||
      code === 123 ||
      code === 125 ||
      code === 38 ||
      code === 42 ||
      code === 33 ||
      // `-`, `?` and `:` before a space
      ((code === 45 || code === 63 || code === 58) && text.charCodeAt(at + 1) <= 32);
    if (isMark && ++marks > markLimit) return at;
  }
  return null;
}

/** Lines that begin with `%` are directives where only comments and blank lines stand before, or the end of a document. */
function directives(text: string): number[] {
  const found: number[] = [];
  let start = 0;
  while (start < text.length && found.length < faultLimit) {
    const end = text.indexOf('\n', start);
    const line = text.slice(start, end < 0 ? text.length : end);
    if (line.startsWith('%')) found.push(start);
    else if (!/^\s*(?:#|$)/.test(line)) break;
    if (end < 0) break;
    start = end + 1;
  }
  return found;
}

function whyNoScalar({ value, source }: Scalar): string | null {
  if (typeof value === 'string') {
    return /[\ud800-\udfff]/u.test(value) ? 'half a surrogate pair is no character' : null;
  }
  if (typeof value !== 'number' || source === undefined) return null;
  if (!Number.isFinite(value)) return `${source} is no number that JSON has: write inf, -inf or nan`;
  const rounded =
    (value === 0 && /^[-+]?[0-9.]*[1-9]/.test(source)) ||
    (/^[-+]?\d+$/.test(source) &&
      !Number.isSafeInteger(value) &&
      BigInt(value) !== BigInt(source) &&
      String(value) !== source);
  return rounded ? `the number ${source} would be rounded: put it in quotes if it is a text` : null;
}

function repeatedKeys(mapping: YAMLMap): { key: Scalar; first: number }[] {
  const places = new Map<unknown, number>();
  const repeated: { key: Scalar; first: number }[] = [];
  for (const { key } of mapping.items) {
    if (!isScalar(key)) continue;
    const first = places.get(key.value);
    if (first === undefined) places.set(key.value, key.range?.[0] ?? 0);
    else repeated.push({ key, first });
  }
  return repeated;
}

function nodeAt(document: Document, where: readonly (string | number)[]): Node | null {
  for (let length = where.length; length > 0; length--) {
    const node = document.getIn(where.slice(0, length), true);
    if (node && typeof node === 'object' && 'range' in node) return node as Node;
  }
  return document.contents as Node | null;
}
