import { withUnicodeClasses } from './unicode-classes.ts';

/**
 * Reads the plainest YAML that people write by hand (corroborate.yml): comments, and one mapping of names to words, whole
 * numbers, true and false, to lists of those, and to mappings of those on one line. All that it knows can be read in one
 * way only; for anything else it answers undefined, and the strict reader decides. That one takes a process 8 ms to load
 * and to read a first file with, for which every run would wait.
 */
export function readSimpleYaml(text: string): { readonly value: unknown } | undefined {
  if (!plainText(text).test(text)) return undefined;
  const mapping: { [name: string]: unknown } = {};
  let list: { readonly items: unknown[]; readonly indent: string } | null = null;
  let open: string | null = null;
  for (const line of text.split('\n')) {
    if (/^ *(?:#|$)/.test(line)) continue;
    if (line.length > longestLine) return undefined;
    const item = /^( *)- +(\S.*)$/.exec(line);
    if (item) {
      const [, indent = '', told = ''] = item;
      if (open !== null) {
        list = { items: [], indent };
        mapping[open] = list.items;
        open = null;
      }
      const value = scalarOf(withoutComment(told), blockWord);
      if (list?.indent !== indent || value === undefined) return undefined;
      list.items.push(value);
      continue;
    }
    const pair = /^([a-z][a-z0-9_-]*):(?: +(\S.*))?$/.exec(line.trimEnd());
    const name = pair?.[1] ?? '';
    if (!pair || open !== null || reserved.test(name) || Object.hasOwn(mapping, name)) return undefined;
    const told = withoutComment(pair[2] ?? '');
    list = null;
    if (told === '') open = name;
    else {
      const value = toldValue(told);
      if (value === undefined) return undefined;
      mapping[name] = value;
    }
  }
  // A name with nothing behind it is null, and an empty file nothing at all: neither is simple.
  return open === null && Object.keys(mapping).length > 0 ? { value: mapping } : undefined;
}

/** YAML looks no further for the colon of a key. */
const longestLine = 1000;
const plainText = withUnicodeClasses(String.raw`^[\n\x20-\x7e\p{L}]*$`);
const reserved = /^(?:null|true|false|yes|no|on|off|y|n|nan|inf)$/i;
/** Words with one space between them: on a line of their own, and between brackets. */
const blockWord = withUnicodeClasses(String.raw`^[\p{L}][\p{L}0-9_./,()=+-]*(?: [\p{L}0-9_./,()=+-]+)*$`);
const flowWord = withUnicodeClasses(String.raw`^[\p{L}][\p{L}0-9_./-]*(?: [\p{L}0-9_./-]+)*$`);
/** `256KiB` */
const size = /^[1-9][0-9]*[KMGT]i?B$/;
const quoted = /^(?:'([^']*)'|"([^"\\]*)")$/;
/** One scalar between brackets, whatever it is. */
const flowScalar = withUnicodeClasses(String.raw`^(?:'[^']*'|"[^"\\]*"|[\p{L}0-9_./-]+(?: [\p{L}0-9_./-]+)*)`);

/** Cut wrongly, it is no scalar of ours: what is cut holds no quote. */
function withoutComment(text: string): string {
  if (text.startsWith('#')) return '';
  return (/^('[^']*'|"[^"\\]*")(?: +#.*| *)$/.exec(text)?.[1] ?? text.replace(/ +#[^'"]*$/, '')).trimEnd();
}

function toldValue(text: string): unknown {
  if (text.startsWith('[')) return listOf(text);
  if (text.startsWith('{')) return mappingOf(text);
  return scalarOf(text, blockWord);
}

function scalarOf(text: string, word: typeof blockWord): unknown {
  if (text === 'true') return true;
  if (text === 'false') return false;
  if (/^(?:0|[1-9][0-9]{0,8})$/.test(text)) return Number(text);
  const inside = quoted.exec(text);
  if (inside) return inside[1] ?? inside[2];
  return (word(text).test(text) && !reserved.test(text)) || size.test(text) ? text : undefined;
}

function scalarAt(text: string): string {
  return flowScalar(text).exec(text)?.[0] ?? '';
}

/** `[one, 'two']` */
function listOf(text: string): unknown[] | undefined {
  if (/^\[ *\]$/.test(text)) return [];
  const list: unknown[] = [];
  for (let rest = text; rest !== ']'; ) {
    const start = (list.length === 0 ? /^\[ */ : /^, +/).exec(rest)?.[0].length;
    if (start === undefined) return undefined;
    const scalar = scalarAt(rest.slice(start));
    const value = scalarOf(scalar, flowWord);
    if (value === undefined) return undefined;
    list.push(value);
    rest = rest.slice(start + scalar.length).trimStart();
  }
  return list;
}

/** `{one: 1, two: 'b'}` */
function mappingOf(text: string): { [name: string]: unknown } | undefined {
  const mapping: { [name: string]: unknown } = {};
  for (let rest = text; rest !== '}'; ) {
    const start = (rest === text ? /^\{ *([a-z][a-z0-9_-]*): +/ : /^, +([a-z][a-z0-9_-]*): +/).exec(rest);
    const name = start?.[1] ?? '';
    if (!start || reserved.test(name) || Object.hasOwn(mapping, name)) return undefined;
    const scalar = scalarAt(rest.slice(start[0].length));
    const value = scalarOf(scalar, flowWord);
    if (value === undefined) return undefined;
    mapping[name] = value;
    rest = rest.slice(start[0].length + scalar.length).trimStart();
  }
  return mapping;
}
