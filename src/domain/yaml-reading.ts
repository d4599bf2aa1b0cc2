import {
  type Document,
  isAlias,
  isCollection,
  isScalar,
  LineCounter,
  type Node,
  parseAllDocuments,
  visit,
  YAMLError,
} from 'yaml';
import { readCanonicalYaml } from './canonical-yaml.ts';
import type { Fault } from './problem.ts';

/** Largest YAML file that is read, in bytes (design, section 3). */
export const yamlLimit = 16 * 1024 * 1024;
/** Deepest nesting; the deepest that a file of ours has is 6. */
const depthLimit = 64;
/** More faults than this are counted, not listed. */
const faultLimit = 100;

export type Reading =
  | { readonly value: unknown; locate(path: readonly (string | number)[]): Position }
  | { readonly faults: readonly Fault[] };

export interface Position {
  readonly line: number | null;
  readonly column: number | null;
}

const nowhere: Position = { line: null, column: null };

/**
 * Reads YAML strictly (design, section 3): UTF-8 without a byte order mark, at most 16 MiB, one document, core schema,
 * unique keys, no directives, anchors, aliases or tags, bounded depth. Every fault is told with its line and column.
 * @param path where the bytes stand, for the faults
 */
export function readYaml(bytes: Uint8Array, path: string): Reading {
  const alone = (because: string): Reading => ({ faults: [{ path, ...nowhere, field: null, because }] });
  if (bytes.length > yamlLimit) return alone(`the file has ${bytes.length} bytes; at most ${yamlLimit} are read`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const line = firstInvalidLine(bytes);
    return { faults: [{ path, line, column: null, field: null, because: 'the file is not UTF-8 text' }] };
  }
  const canonical = readCanonicalYaml(text);
  if (canonical) return { value: canonical.value, locate: where => positionIn(text, where) };
  return readAnyYaml(text, path);
}

function readAnyYaml(text: string, path: string): Reading {
  const lines = new LineCounter();
  const faults: Fault[] = [];
  const fault = (because: string, offset?: number) => {
    const at = offset === undefined ? null : lines.linePos(offset);
    faults.push({ path, line: at?.line || null, column: at?.col || null, field: null, because });
  };
  for (const [pattern, because] of forbiddenCharacters) {
    const at = text.search(pattern);
    if (at >= 0) faults.push({ path, ...lineAndColumn(text, at), field: null, because });
  }
  const tooDeep = faults.length === 0 ? deepIndent(text) : null;
  if (tooDeep !== null)
    faults.push({
      path,
      ...lineAndColumn(text, tooDeep),
      field: null,
      because: `nesting is deeper than ${depthLimit} levels`,
    });
  if (faults.length > 0) return { faults };
  let documents: Document.Parsed[];
  try {
    const parsed = parseAllDocuments(text, {
      version: '1.2',
      schema: 'core',
      uniqueKeys: true,
      strict: true,
      stringKeys: true,
      merge: false,
      lineCounter: lines,
      prettyErrors: false,
    });
    documents = Array.isArray(parsed) ? parsed : [];
  } catch (cause) {
    if (cause instanceof YAMLError || cause instanceof RangeError) fault(cause.message);
    else throw cause;
    return { faults };
  }
  const document = documents[0];
  if (!document?.contents) {
    fault('the file is empty');
    return { faults };
  }
  for (const one of documents) for (const error of one.errors) fault(sentence(error.message), error.pos[0]);
  for (const one of documents) for (const warning of one.warnings) fault(sentence(warning.message), warning.pos[0]);
  const directive = /^%.*$/m.exec(text);
  if (directive && startsOutside(text, directive.index))
    fault(`a directive (${directive[0].slice(0, 20)}) is not allowed`, directive.index);
  if (documents.length > 1) fault('more than one document stands in the file', documents[1]!.range[0]);
  visit(document, {
    Node(_key, node, ancestors) {
      const offset = node.range?.[0];
      if (isAlias(node)) fault(`an alias (*${node.source}) is not allowed`, offset);
      else {
        if (node.anchor) fault(`an anchor (&${node.anchor}) is not allowed`, offset);
        if (node.tag && (isScalar(node) || isCollection(node))) fault(`a tag (${node.tag}) is not allowed`, offset);
      }
      if (ancestors.length > depthLimit * 2) {
        fault(`nesting is deeper than ${depthLimit} levels`, offset);
        return visit.BREAK;
      }
      return undefined;
    },
  });
  if (faults.length > 0) return { faults: faults.slice(0, faultLimit) };
  return {
    value: document.toJS({ maxAliasCount: 0 }),
    locate: where => {
      const node = nodeAt(document, where);
      const at = node?.range ? lines.linePos(node.range[0]) : null;
      return at ? { line: at.line, column: at.col } : nowhere;
    },
  };
}

const forbiddenCharacters: readonly (readonly [RegExp, string])[] = [
  [/\0/, 'the file holds a NUL character: it is not text'],
  [/^\ufeff/, 'the file begins with a byte order mark'],
  [/[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]/, 'a control character is not allowed'],
];

function sentence(message: string): string {
  return message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '');
}

/** A `%` at a line's start is a directive only before the document's content. */
function startsOutside(text: string, offset: number): boolean {
  return text
    .slice(0, offset)
    .split('\n')
    .every(line => /^\s*(?:#.*)?$|^%|^(?:---|\.\.\.)\s*$/.test(line));
}

/** Flow collections or indentation deeper than the limit, found before a recursive reader meets them. */
function deepIndent(text: string): number | null {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 91 || code === 123) {
      if (++depth > 4 * depthLimit) return at;
    } else if (code === 93 || code === 125) depth = Math.max(0, depth - 1);
    else if (code === 10) depth = 0;
  }
  const dashes = /^\s*(?:- ){65,}/m.exec(text) ?? /^ {2000,}\S/m.exec(text);
  return dashes ? dashes.index : null;
}

function nodeAt(document: Document, where: readonly (string | number)[]): Node | null {
  for (let length = where.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(where.slice(0, length), true);
    if (node && typeof node === 'object' && 'range' in node) return node as Node;
  }
  return null;
}

/** A canonical file is read again, slowly, only for the places of its faults. */
function positionIn(text: string, where: readonly (string | number)[]): Position {
  const reading = readAnyYaml(text, '');
  return 'locate' in reading ? reading.locate(where) : nowhere;
}

function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

function firstInvalidLine(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let start = 0;
  for (let line = 1; start < bytes.length; line++) {
    const newline = bytes.indexOf(10, start);
    const end = newline < 0 ? bytes.length : newline + 1;
    try {
      decoder.decode(bytes.subarray(start, end));
    } catch {
      return line;
    }
    start = end;
  }
  return 1;
}
