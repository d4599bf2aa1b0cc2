import { isAlias, isMap, isScalar, isSeq, type Node, parseAllDocuments, Scalar } from 'yaml';
import { type PlainYaml, readPlainYaml } from '../yaml/plain-yaml.ts';
import { bigInteger, NumberScanner, notANumber } from './number-scanner.ts';
import type { NumericDocument, ValueList, Words } from './numeric-document.ts';
import { unreadable } from './unreadable.ts';
import { deepestNesting, type TreeNode, ValueTree } from './value-tree.ts';

/** An alias makes values out of nothing; a document has this many at most. */
const mostValues = 1_000_000;
/** Larger ones take the parser longer than anybody waits. */
const largest = 16 * 1024 * 1024;

/**
 * YAML by value: key order aside, plain scalars as the core schema reads them whatever a directive says, numbers as
 * `NumberScanner` does, aliases followed. Throws UNREADABLE for what is not YAML.
 */
export function readYaml(bytes: Uint8Array, words: Words): NumericDocument {
  if (bytes.length > largest) throw unreadable(`is YAML of ${bytes.length} bytes; at most ${largest} are compared`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw unreadable('is not UTF-8, as YAML has to be', cause);
  }
  const tree = new ValueTree(words);
  const plain = readPlainYaml(text);
  if (plain !== null) {
    for (const [index, each] of plain.entries())
      new YamlReader(tree).plain(each, placeOf(tree, index, plain.length), 0);
    return tree.document();
  }
  const documents = parseAllDocuments(text, {
    schema: 'failsafe',
    logLevel: 'silent',
    prettyErrors: false,
    // Its own check takes time in the square of the keys.
    uniqueKeys: false,
  });
  const list = Array.isArray(documents) ? documents : [];
  for (const [index, document] of list.entries()) {
    const [error] = document.errors;
    if (error) throw unreadable(`is not YAML that can be read: ${inWords(error)}`);
    new YamlReader(tree).value(document.contents, placeOf(tree, index, list.length), 0);
  }
  return tree.document();
}

/** Several documents are a list. */
function placeOf(tree: ValueTree, index: number, count: number): TreeNode {
  if (count === 1) return tree.root;
  tree.indices[0] = index;
  return tree.item(tree.root);
}

/** The parser goes as deep as the stack does. */
function inWords(error: Error): string {
  return error.message.includes('call stack') ? 'it is nested too deep' : error.message.split('\n')[0]!;
}

class YamlReader {
  readonly #tree: ValueTree;
  readonly #scanner = new NumberScanner();
  readonly #anchors = new Map<string, Node>();
  /** How many aliases are being followed. */
  #following = 0;
  #count = 0;

  constructor(tree: ValueTree) {
    this.#tree = tree;
  }

  value(node: Node | null, at: TreeNode, depth: number): void {
    this.#enter(depth);
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source);
      if (target === undefined) throw unreadable(`has an alias *${node.source} to nothing`);
      this.#following++;
      this.value(target, at, depth + 1);
      this.#following--;
      return;
    }
    if (node?.anchor && this.#following === 0) this.#anchors.set(node.anchor, node);
    if (isMap(node)) {
      const names = node.items.map(({ key }) => {
        if (!isScalar(key)) throw unreadable('has a key that is not a scalar');
        return String(key.value);
      });
      this.#map(at, names, (index, member) => this.value(node.items[index]!.value as Node | null, member, depth + 1));
    } else if (isSeq(node)) {
      this.#list(at, node.items, (item, place) => this.value(item as Node | null, place, depth + 1));
    } else if (isScalar(node)) {
      this.#scalar(String(node.value ?? ''), node.type !== Scalar.PLAIN, this.#tree.valuesOf(at));
    } else this.#tree.valuesOf(at).empty();
  }

  plain(node: PlainYaml, at: TreeNode, depth: number): void {
    this.#enter(depth);
    if (node.is === 'scalar') this.#scalar(node.text, node.quoted, this.#tree.valuesOf(at));
    else if (node.is === 'list') this.#list(at, node.items, (item, place) => this.plain(item, place, depth + 1));
    else {
      const names = node.keys.map(({ text }) => text);
      this.#map(at, names, (index, member) => this.plain(node.values[index]!, member, depth + 1));
    }
  }

  #enter(depth: number): void {
    if (depth > deepestNesting) throw unreadable(`is nested deeper than ${deepestNesting}`);
    if (++this.#count > mostValues)
      throw unreadable(`has more than ${mostValues} values once its aliases are followed`);
  }

  #map(at: TreeNode, names: readonly string[], each: (index: number, member: TreeNode) => void): void {
    if (names.length === 0) this.#tree.valuesOf(this.#tree.member(at, '(an empty object)')).empty();
    const seen = new Set<string>();
    for (const [index, name] of names.entries()) {
      if (seen.has(name)) throw unreadable(`has the key ${JSON.stringify(name.slice(0, 60))} twice in one mapping`);
      seen.add(name);
      each(index, this.#tree.member(at, name));
    }
  }

  #list<Item>(at: TreeNode, items: readonly Item[], each: (item: Item, place: TreeNode) => void): void {
    if (items.length === 0) this.#tree.valuesOf(this.#tree.member(at, '(an empty list)')).empty();
    const { indices } = this.#tree;
    indices.push(0);
    for (const item of items) {
      each(item, this.#tree.item(at));
      indices[indices.length - 1]!++;
    }
    indices.pop();
  }

  #scalar(text: string, quoted: boolean, values: ValueList): void {
    if (quoted) values.word(text);
    else if (/^(?:|~|null|Null|NULL)$/.test(text)) values.empty();
    else if (/^(?:true|True|TRUE)$/.test(text)) values.boolean(true);
    else if (/^(?:false|False|FALSE)$/.test(text)) values.boolean(false);
    else this.#plain(text, values);
  }

  #plain(text: string, values: ValueList): void {
    const number = /^[+-]?\.(?:inf|nan)$/i.test(text) ? text.replace('.', '') : text;
    const bytes = new TextEncoder().encode(number);
    const scanned = this.#scanner.scan(bytes, 0, bytes.length);
    if (scanned === notANumber || this.#scanner.end < bytes.length) values.word(text);
    else if (scanned === bigInteger) values.bigInteger(number);
    else values.number(this.#scanner.value);
  }
}
