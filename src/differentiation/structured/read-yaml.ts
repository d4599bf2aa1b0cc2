import { Composer, type CST, type Document, isAlias, isMap, isScalar, isSeq, LineCounter, Parser } from 'yaml';
import { type PlainScalar, type PlainYaml, readPlainYaml } from '../yaml/plain-yaml.ts';
import { asWritten, exactDecimal, mostDepth, type StructuredValue, Unreadable } from './structured-value.ts';

/** Longest YAML text that is read, in UTF-16 units: its parser takes up to ten microseconds for each. */
const mostLength = 1024 * 1024;
/** Most digits of a hexadecimal or octal number; a decimal of it costs their square. */
const mostDigits = 4096;

function readNumber(source: string): string {
  if (/^[+-]?\.inf$/i.test(source)) return source.startsWith('-') ? '-inf' : 'inf';
  if (/^\.nan$/i.test(source)) return 'nan';
  if (/^0[xo]/.test(source)) {
    if (source.length > mostDigits) throw new Unreadable(`a number has more than ${mostDigits} digits`);
    return exactDecimal(BigInt(source).toString());
  }
  return exactDecimal(source);
}

/** Refuses what is nested too deep before it is composed, which takes a stack frame for each level. */
function checkDepth(document: CST.Token): void {
  const open: { token: CST.Token; depth: number }[] = [{ token: document, depth: 0 }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { token, depth } = next;
    if (depth > mostDepth) throw new Unreadable(`it is nested deeper than ${mostDepth}`);
    if (token.type === 'document' && token.value) open.push({ token: token.value, depth });
    if ('items' in token)
      for (const item of token.items) {
        if (item.key) open.push({ token: item.key, depth: depth + 1 });
        if (item.value) open.push({ token: item.value, depth: depth + 1 });
      }
  }
}

/**
 * A text key is itself; one of another type is marked by a NUL, so that `1` and `'1'` are two keys. Throws for a key
 * that is a list or a map.
 */
function keyOf(value: StructuredValue): string {
  switch (value.is) {
    case 'text':
      return value.value.startsWith('\0') ? `\0${value.value}` : value.value;
    case 'number':
      return `\0${asWritten(value.value)}`;
    case 'boolean':
      return `\0${value.value}`;
    case 'null':
      return '\0null';
    default:
      throw new Unreadable('a key is a list or a map');
  }
}

/** The key, which must not be there yet. */
function newKey(value: StructuredValue, entries: ReadonlyMap<string, StructuredValue>): string {
  const key = keyOf(value);
  if (entries.has(key)) throw new Unreadable(`the key ${JSON.stringify(key.slice(0, 100))} stands twice`);
  return key;
}

function readNode(node: unknown, anchors: Map<string, StructuredValue>): StructuredValue {
  if (node === null || node === undefined) return { is: 'null' };
  if (isAlias(node)) {
    const value = anchors.get(node.source);
    if (!value) throw new Unreadable(`the alias ${node.source.slice(0, 100)} names nothing that is complete before it`);
    return value;
  }
  if (!isScalar(node) && !isSeq(node) && !isMap(node)) throw new Unreadable('it holds a node of an unknown kind');
  if (node.tag) throw new Unreadable(`it has a tag (${node.tag.slice(0, 100)})`);
  const value = readContent(node, anchors);
  if (node.anchor) anchors.set(node.anchor, value);
  return value;
}

function readContent(node: unknown, anchors: Map<string, StructuredValue>): StructuredValue {
  if (isSeq(node)) return { is: 'list', items: node.items.map(item => readNode(item, anchors)) };
  if (isMap(node)) {
    const entries = new Map<string, StructuredValue>();
    for (const pair of node.items) {
      const key = newKey(readNode(pair.key, anchors), entries);
      entries.set(key, readNode(pair.value, anchors));
    }
    return { is: 'map', entries };
  }
  if (!isScalar(node)) throw new Unreadable('it holds a node of an unknown kind');
  const { value, source } = node;
  if (typeof value === 'string') return { is: 'text', value };
  if (typeof value === 'boolean') return { is: 'boolean', value };
  if (typeof value === 'number' || typeof value === 'bigint')
    return { is: 'number', value: readNumber(source ?? String(value)) };
  return { is: 'null' };
}

/** The core schema (YAML 1.2.2, 10.3), as the `yaml` package has it. */
const number =
  /^(?:0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const words: ReadonlyMap<string, StructuredValue> = new Map<string, StructuredValue>([
  ...['', '~', 'null', 'Null', 'NULL'].map(word => [word, { is: 'null' }] as const),
  ...['true', 'True', 'TRUE'].map(word => [word, { is: 'boolean', value: true }] as const),
  ...['false', 'False', 'FALSE'].map(word => [word, { is: 'boolean', value: false }] as const),
]);

function readScalar({ text, quoted }: PlainScalar): StructuredValue {
  if (quoted) return { is: 'text', value: text };
  if (number.test(text)) return { is: 'number', value: readNumber(text) };
  return words.get(text) ?? { is: 'text', value: text };
}

function readPlain(node: PlainYaml): StructuredValue {
  if (node.is === 'scalar') return readScalar(node);
  if (node.is === 'list') return { is: 'list', items: node.items.map(readPlain) };
  const entries = new Map<string, StructuredValue>();
  for (const [index, each] of node.keys.entries()) {
    const key = newKey(readScalar(each), entries);
    entries.set(key, readPlain(node.values[index]!));
  }
  return { is: 'map', entries };
}

/**
 * The value of a YAML text (1.2, core schema), or the list of its documents' when there are several. Directives and
 * tags are refused, because they change what a file's words mean. An alias is the very value that it names, so that
 * a nest of them costs nothing before somebody walks it. Throws Unreadable.
 */
export function readYaml(text: string): StructuredValue {
  if (text.length > mostLength) throw new Unreadable(`YAML of more than ${mostLength} characters is not read`);
  const plain = readPlainYaml(text);
  if (plain !== null) return wholeOf(plain.map(readPlain));
  const lines = new LineCounter();
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    merge: false,
    strict: true,
    // readContent looks: yaml's own check compares each key with all others.
    uniqueKeys: false,
    intAsBigInt: true,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const documents: Document[] = [];
  for (const token of new Parser(lines.addNewLine).parse(text)) {
    if (token.type === 'directive') throw new Unreadable(`it has a directive (${token.source.trim().slice(0, 100)})`);
    checkDepth(token);
    documents.push(...composer.next(token));
  }
  documents.push(...composer.end());
  const values = documents.map(document => {
    const [error] = document.errors;
    if (error) {
      const { line, col } = lines.linePos(error.pos[0]);
      throw new Unreadable(`${error.message} (line ${line}, column ${col})`);
    }
    return readNode(document.contents, new Map());
  });
  return wholeOf(values);
}

/** The documents of a file. */
function wholeOf(values: readonly StructuredValue[]): StructuredValue {
  return values.length === 1 ? values[0]! : { is: 'list', items: values };
}
