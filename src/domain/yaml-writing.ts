import { withUnicodeClasses } from './unicode-classes.ts';

/*
 * YAML written one way only, so that a change reads well as a diff and equal values are equal bytes: block style, two
 * spaces, keys in the order of the value, strings plain where no YAML reader (1.1 or 1.2) could take them for
 * something else, texts of several lines as blocks, all other strings as in JSON.
 */

/** Begins like a word or a path, holds nothing that YAML gives a meaning to, no `: `, no ` #`, no space at its end. */
const plainWord = withUnicodeClasses(
  String.raw`^[\p{L}_/](?:[\p{L}\p{M}\p{N}_/.@$+=~()%;!?*,-]|:(?=[^\s])| (?=[^\s#]))*$`,
);
/** A digit first: dates, ids and digests, but nothing that any YAML reads as a number, a date alone or base 60. */
const plainDigits = /^[0-9](?:[0-9A-Za-z_./+-]|:(?=.))*$/;
const numberLike = /^[0-9][0-9_.,:-]*(?:[eE][-+]?[0-9_.]*)?$|^0[xXoObB]/;
const reserved = /^(?:null|true|false|yes|no|on|off|y|n|nan|inf)$/i;
/** Not printable in YAML, or a line's end to some readers only; halves of surrogate pairs. */
const unprintable = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]/u;
/** YAML readers look no further for the colon of a key. */
const keyLimit = 1024;

export function isPlainString(text: string): boolean {
  if (plainDigits.test(text)) return !numberLike.test(text);
  return plainWord(text).test(text) && !reserved.test(text) && !unprintable.test(text);
}

function quoted(text: string): string {
  if (/[\ud800-\udfff]/u.test(text)) throw new RangeError('half a surrogate pair is no character');
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Whether a text of several lines comes back from a `|` block exactly as it was. */
function isBlockText(text: string): boolean {
  return (
    text.includes('\n') &&
    !unprintable.test(text) &&
    !/^\s|[ \t\r](?:\n|$)|\r|\n\n$|^[-%.]|\n(?:---|\.\.\.|%)/.test(text)
  );
}

function blockText(text: string, indent: string): string {
  const ends = text.endsWith('\n');
  const lines = (ends ? text.slice(0, -1) : text).split('\n');
  return `|${ends ? '' : '-'}\n${lines.map(line => (line === '' ? '' : indent + line)).join('\n')}`;
}

function isMapping(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function entriesOf(mapping: object): [string, unknown][] {
  return Object.entries(mapping).filter(([, value]) => value !== undefined);
}

/** What follows `key:` or `-`: a space and a scalar, or the lines of a collection, each behind `indent`. */
function following(value: unknown, indent: string): string {
  if (typeof value === 'string') {
    if (isPlainString(value)) return ` ${value}`;
    return ` ${isBlockText(value) ? blockText(value, indent || '  ') : quoted(value)}`;
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new RangeError(`${value} is no JSON number`);
    // Readers of YAML 1.1 take an exponent for a number only behind a point.
    return Object.is(value, -0) ? ' -0.0' : ` ${value}`.replace(/^( -?\d)e/, '$1.0e');
  }
  if (Array.isArray(value)) {
    return value.length === 0 ? ' []' : value.map(item => `\n${indent}-${listItem(item, indent)}`).join('');
  }
  if (isMapping(value)) {
    const entries = entriesOf(value);
    return entries.length === 0 ? ' {}' : `\n${indent}${mappingLines(entries, indent)}`;
  }
  return ` ${value}`;
}

/** What follows the dash of a list: a mapping begins on the dash's own line. */
function listItem(value: unknown, indent: string): string {
  const deeper = `${indent}  `;
  const entries = isMapping(value) ? entriesOf(value) : [];
  return entries.length > 0 ? ` ${mappingLines(entries, deeper)}` : following(value, deeper);
}

function mappingLines(entries: readonly [string, unknown][], indent: string): string {
  return entries
    .map(([key, value]) => {
      const name = isPlainString(key) && /^\w[\w./-]*$/.test(key) ? key : quoted(key);
      if (name.length >= keyLimit) throw new RangeError(`a key of ${name.length} characters cannot be read back`);
      return `${name}:${following(value, `${indent}  `)}`;
    })
    .join(`\n${indent}`);
}

/**
 * @throws RangeError for what could not be read back: a number that JSON has not (NaN, an infinity: the schemas write
 * those as words), half a surrogate pair, a key of over 1,000 characters
 */
export function writeYaml(value: unknown): string {
  const text = following(value, '');
  return `${text.slice(1)}\n`;
}
