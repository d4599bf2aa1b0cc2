import { unreadable } from './unreadable.ts';

/** A start tag, or an end tag (`ends` and `begins` are both true of `<a/>`). */
export interface XmlTag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly begins: boolean;
  readonly ends: boolean;
  /** Offset of the first byte after the tag. */
  readonly after: number;
}

const lessThan = 60;
const greaterThan = 62;
const quotes = new Set([34, 39]);
const longestTag = 1 << 16;
const latin1 = new TextDecoder('latin1');
const utf8 = new TextDecoder();

/**
 * The next tag at or after `at`; null when there is none. Comments and processing instructions are passed over. Enough
 * of XML for files whose text is numbers: entities are not resolved, a document type is refused.
 */
export function nextTag(bytes: Uint8Array, at: number): XmlTag | null {
  let start = bytes.indexOf(lessThan, at);
  while (start >= 0) {
    const opening = latin1.decode(bytes.subarray(start, start + 4));
    if (opening === '<!--') start = bytes.indexOf(lessThan, endOfComment(bytes, start));
    else if (opening.startsWith('<?')) start = bytes.indexOf(lessThan, start + 1);
    else if (opening.startsWith('<!')) throw unreadable('is XML with a document type or raw text, which is not read');
    else return tagAt(bytes, start);
  }
  return null;
}

function endOfComment(bytes: Uint8Array, start: number): number {
  for (let at = bytes.indexOf(greaterThan, start); at >= 0; at = bytes.indexOf(greaterThan, at + 1)) {
    if (bytes[at - 1] === 45 && bytes[at - 2] === 45) return at;
  }
  return bytes.length;
}

function tagAt(bytes: Uint8Array, start: number): XmlTag {
  let end = start + 1;
  let quote = 0;
  while (end < bytes.length && (quote !== 0 || bytes[end] !== greaterThan)) {
    if (quote !== 0 && bytes[end] === quote) quote = 0;
    else if (quote === 0 && quotes.has(bytes[end]!)) quote = bytes[end]!;
    if (++end - start > longestTag) break;
  }
  if (bytes[end] !== greaterThan) throw unreadable('is XML with a tag that has no end');
  const text = utf8.decode(bytes.subarray(start + 1, end));
  const isEnd = text.startsWith('/');
  const [name] = /[^\s/>]+/.exec(text) ?? [''];
  const attributes = new Map<string, string>();
  for (const [, key, double, single] of text.matchAll(/([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
    attributes.set(key!, double ?? single ?? '');
  }
  return { name, attributes, begins: !isEnd, ends: isEnd || text.endsWith('/'), after: end + 1 };
}
