import { bigInteger, NumberScanner, notANumber } from './number-scanner.ts';
import type { NumericDocument, Words } from './numeric-document.ts';
import { unreadable } from './unreadable.ts';
import { deepestNesting, type TreeNode, ValueTree } from './value-tree.ts';
import { asciiOf } from './word-bytes.ts';

/**
 * JSON by value, read here because JSON.parse rounds integers beyond 2^53: key order aside, with Python's NaN and
 * Infinity, and one document or one a line (JSON Lines). Throws UNREADABLE for what is not JSON.
 */
export function readJson(bytes: Uint8Array, words: Words): NumericDocument {
  const reader = new JsonReader(bytes, words);
  reader.documents();
  return reader.tree.document();
}

const quote = 34;
const comma = 44;
const colon = 58;
const openBracket = 91;
const backslash = 92;
const closeBracket = 93;
const openBrace = 123;
const closeBrace = 125;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

class JsonReader {
  readonly tree: ValueTree;
  readonly #bytes: Uint8Array;
  readonly #scanner = new NumberScanner();
  #next = 0;
  #depth = 0;

  constructor(bytes: Uint8Array, words: Words) {
    this.#bytes = bytes;
    this.tree = new ValueTree(words);
  }

  documents(): void {
    this.#blank();
    const start = this.#next;
    // Whether a second document follows is known after the first only; then all are items of one list.
    this.#skip();
    this.#blank();
    const many = this.#next < this.#bytes.length;
    this.#next = start;
    if (!many) {
      this.#value(this.tree.root);
      return;
    }
    for (let index = 0; this.#next < this.#bytes.length; index++) {
      this.tree.indices[0] = index;
      this.#value(this.tree.item(this.tree.root));
      this.#blank();
    }
  }

  /** Past one value, by its brackets and strings alone. */
  #skip(): void {
    let depth = 0;
    do {
      const byte = this.#bytes[this.#next];
      if (byte === undefined) throw this.#broken('ends too early');
      if (byte === quote) this.#next = this.#endOfString();
      else if (byte === openBrace || byte === openBracket) depth++;
      else if (byte === closeBrace || byte === closeBracket) depth--;
      else if (depth === 0) {
        while (this.#next < this.#bytes.length && !ends[this.#bytes[this.#next]!]) this.#next++;
        return;
      }
      this.#next++;
    } while (depth > 0);
  }

  #value(node: TreeNode): void {
    const bytes = this.#bytes;
    const byte = bytes[this.#next];
    if (byte === openBrace || byte === openBracket) {
      if (++this.#depth > deepestNesting) throw this.#broken(`is nested deeper than ${deepestNesting}`);
      if (byte === openBrace) this.#members(node);
      else this.#items(node);
      this.#depth--;
    } else if (byte === quote) {
      const text = this.#string();
      this.tree.valuesOf(node).word(text);
    } else if (this.#literal('true')) this.tree.valuesOf(node).boolean(true);
    else if (this.#literal('false')) this.tree.valuesOf(node).boolean(false);
    else if (this.#literal('null')) this.tree.valuesOf(node).empty();
    else {
      const scanned = this.#scanner.scan(bytes, this.#next, bytes.length);
      const end = this.#scanner.end;
      if (scanned === notANumber || !(end >= bytes.length || ends[bytes[end]!]))
        throw this.#broken('has no JSON value');
      if (scanned === bigInteger) this.tree.valuesOf(node).bigInteger(asciiOf(bytes, this.#next, end));
      else this.tree.valuesOf(node).number(this.#scanner.value);
      this.#next = end;
    }
  }

  #members(node: TreeNode): void {
    this.#next++;
    this.#blank();
    if (this.#take(closeBrace)) {
      this.tree.valuesOf(this.tree.member(node, '(an empty object)')).empty();
      return;
    }
    const seen = new Set<string>();
    do {
      this.#blank();
      if (this.#bytes[this.#next] !== quote) throw this.#broken('has no key');
      const key = this.#string();
      if (seen.has(key)) throw this.#broken(`has the key ${JSON.stringify(key.slice(0, 60))} twice in one object`);
      seen.add(key);
      this.#blank();
      if (!this.#take(colon)) throw this.#broken('has no colon');
      this.#blank();
      this.#value(this.tree.member(node, key));
      this.#blank();
    } while (this.#take(comma));
    if (!this.#take(closeBrace)) throw this.#broken('has no } or comma');
  }

  #items(node: TreeNode): void {
    this.#next++;
    this.#blank();
    if (this.#take(closeBracket)) {
      this.tree.valuesOf(this.tree.member(node, '(an empty list)')).empty();
      return;
    }
    const item = this.tree.item(node);
    const { indices } = this.tree;
    indices.push(0);
    do {
      this.#blank();
      this.#value(item);
      indices[indices.length - 1]!++;
      this.#blank();
    } while (this.#take(comma));
    indices.pop();
    if (!this.#take(closeBracket)) throw this.#broken('has no ] or comma');
  }

  #string(): string {
    const start = this.#next;
    const end = this.#endOfString();
    this.#next = end + 1;
    const bytes = this.#bytes;
    let plain = true;
    for (let at = start + 1; at < end; at++) {
      if (bytes[at]! < 32 || bytes[at] === backslash || bytes[at]! > 126) plain = false;
    }
    if (plain) return asciiOf(bytes, start + 1, end);
    try {
      return JSON.parse(utf8.decode(bytes.subarray(start, end + 1))) as string;
    } catch (cause) {
      this.#next = start;
      throw this.#broken('has a string that is not JSON', cause);
    }
  }

  #endOfString(): number {
    const bytes = this.#bytes;
    let next = this.#next + 1;
    while (next < bytes.length && bytes[next] !== quote) next += bytes[next] === backslash ? 2 : 1;
    if (next >= bytes.length) throw this.#broken('has a string without an end');
    return next;
  }

  #literal(word: string): boolean {
    const end = this.#next + word.length;
    if (end < this.#bytes.length && !ends[this.#bytes[end]!]) return false;
    for (let at = 0; at < word.length; at++) if (this.#bytes[this.#next + at] !== word.charCodeAt(at)) return false;
    this.#next = end;
    return true;
  }

  #take(byte: number): boolean {
    if (this.#bytes[this.#next] !== byte) return false;
    this.#next++;
    return true;
  }

  #blank(): void {
    while (this.#next < this.#bytes.length && this.#bytes[this.#next]! <= 32) this.#next++;
  }

  #broken(what: string, cause?: unknown): Error {
    let line = 1;
    for (let at = 0; at < this.#next && at < this.#bytes.length; at++) if (this.#bytes[at] === 10) line++;
    return unreadable(`is not JSON that can be read: it ${what} (line ${line})`, cause);
  }
}

/** What may follow a value. */
const ends = new Uint8Array(256);
for (const character of ' \t\r\n,:]}') ends[character.charCodeAt(0)] = 1;
