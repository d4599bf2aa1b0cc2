import type { Configuration, MethodWord } from '../domain/generated/shapes.ts';
import { Problem } from '../domain/problem.ts';
import { commandMethod } from './command-method.ts';
import { defaultMethod } from './default-method.ts';
import { imageMethod } from './image/image-method.ts';
import type { Method, OptionSpec, Options } from './method.ts';
import { numeric } from './numeric/numeric.ts';
import { structuredMethod } from './structured-method.ts';
import { visualMethod } from './visual-method.ts';

/** All methods that Corroborate brings. A project's own are handed to the functions below after these. */
export const methods: readonly Method[] = [
  // The paper's own two first, then the custom ones.
  defaultMethod,
  visualMethod,
  numeric,
  imageMethod,
  structuredMethod,
  commandMethod,
];

/** Most entries of a list option, and most characters of one text; a request is anyone's. */
const mostEntries = 256;
const mostCharacters = 4096;

/** What people call a method on the command line: `default`, `visual`, or a custom method's own name. */
export function nameOf(method: Method): string {
  return method.name ?? method.word;
}

/** The method that an npm package brings is called as the package, less its scope: `@lab/spectra` brings `spectra`. */
export function methodOfPackage(entry: string): string {
  return entry.slice(entry.indexOf('/') + 1);
}

/** The method that a diff request names, or null where there is none of that word and name. */
export function findMethod(word: MethodWord, name: string | null, known: readonly Method[] = methods): Method | null {
  return known.find(method => method.word === word && method.name === name) ?? null;
}

/** The method for one word of the command line or of a project's list. Throws Problem USAGE for an unknown word. */
export function parseMethod(word: string, known: readonly Method[] = methods): Method {
  const method = known.find(one => nameOf(one) === word);
  if (method) return method;
  throw new Problem('USAGE', `There is no method ${JSON.stringify(word)}. There are ${known.map(nameOf).join(', ')}.`);
}

/** A value as the option wants it; undefined where it is none. Words of the command line become numbers and booleans. */
export function readValue(spec: OptionSpec, value: unknown): unknown {
  switch (spec.type) {
    case 'number':
      return readNumber(spec, value);
    case 'boolean':
      if (value === 'true') return true;
      if (value === 'false') return false;
      return typeof value === 'boolean' ? value : undefined;
    case 'text':
      return readWord(value);
    case 'number-or-text': {
      const isNumber = typeof value === 'number' || (typeof value === 'string' && !Number.isNaN(asNumber(value)));
      return isNumber ? readNumber(spec, value) : readWord(value);
    }
    case 'texts': {
      const list = typeof value === 'string' ? [value] : value;
      if (!Array.isArray(list) || list.length > mostEntries) return undefined;
      return list.every(entry => readWord(entry) !== undefined) ? [...list] : undefined;
    }
    case 'numbers-by-name':
      return readNumbersByName(spec, value);
  }
}

function asNumber(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
}

function readNumber(spec: OptionSpec, value: unknown): number | undefined {
  const number = typeof value === 'string' ? asNumber(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return undefined;
  if (number < (spec.least ?? Number.NEGATIVE_INFINITY) || number > (spec.most ?? Number.POSITIVE_INFINITY))
    return undefined;
  return number;
}

function readWord(value: unknown): string | undefined {
  return typeof value === 'string' && value.length > 0 && value.length <= mostCharacters ? value : undefined;
}

/** `{energy: 1e-3}`, or on the command line `energy=1e-3`, once or more. */
function readNumbersByName(spec: OptionSpec, value: unknown): { [name: string]: number } | undefined {
  let entries: [string, unknown][];
  if (typeof value === 'string' || Array.isArray(value)) {
    entries = [];
    for (const word of typeof value === 'string' ? [value] : value) {
      const at = typeof word === 'string' ? word.lastIndexOf('=') : -1;
      if (at < 1) return undefined;
      entries.push([word.slice(0, at), word.slice(at + 1)]);
    }
  } else if (typeof value === 'object' && value !== null) entries = Object.entries(value);
  else return undefined;
  if (entries.length > mostEntries) return undefined;
  const numbers: [string, number][] = [];
  for (const [name, given] of entries) {
    const number = readNumber(spec, given);
    if (number === undefined || name.length > mostCharacters) return undefined;
    numbers.push([name, number]);
  }
  return Object.fromEntries(numbers);
}

function boundsOf(spec: OptionSpec): string {
  if (spec.least !== undefined && spec.most !== undefined) return ` from ${spec.least} to ${spec.most}`;
  if (spec.least !== undefined) return ` of at least ${spec.least}`;
  return spec.most === undefined ? '' : ` of at most ${spec.most}`;
}

/** What an option may be, in words. */
export function wordsFor(spec: OptionSpec): string {
  switch (spec.type) {
    case 'number':
      return `a finite number${boundsOf(spec)}`;
    case 'boolean':
      return 'true or false';
    case 'text':
      return `a text of 1 to ${mostCharacters} characters`;
    case 'number-or-text':
      return `a finite number${boundsOf(spec)}, or a text`;
    case 'texts':
      return `a list of at most ${mostEntries} texts`;
    case 'numbers-by-name':
      return `finite numbers${boundsOf(spec)} by name`;
  }
}

function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/**
 * All options of a method: what was given, checked and in the form that the method wants, and the fallbacks for the
 * rest, in the method's order. `given` may come from a request, so anything. An option given as undefined or null is
 * one that was not given. Throws Problem USAGE with a sentence that names the option and what it may be.
 */
export function readOptions(method: Method, given: Readonly<{ [name: string]: unknown }>): Options {
  for (const name of Object.keys(given)) {
    if (method.options.some(spec => spec.name === name)) continue;
    const names = method.options.map(spec => spec.name);
    const there = names.length > 0 ? `It has ${names.join(', ')}.` : 'It has none.';
    throw new Problem('USAGE', `The method ${nameOf(method)} has no option ${quote(name)}. ${there}`);
  }
  const options: { [name: string]: unknown } = {};
  for (const spec of method.options) {
    const value = Object.hasOwn(given, spec.name) ? (given[spec.name] ?? undefined) : undefined;
    if (value === undefined) {
      options[spec.name] = spec.fallback;
      continue;
    }
    const read = readValue(spec, value);
    if (read === undefined)
      throw new Problem(
        'USAGE',
        `The option ${spec.name} of the method ${nameOf(method)} is ${quote(value)}; it may be ${wordsFor(spec)}.`,
      );
    options[spec.name] = read;
  }
  const because = method.refuses?.(options);
  if (because) throw new Problem('USAGE', `The method ${nameOf(method)} cannot work with its options: ${because}`);
  return options;
}

/** Whether a project's list of methods names this one: by its word, its name, or the package that brings it. */
export function isListed(allowed: readonly string[], word: MethodWord, name: string | null): boolean {
  if (allowed.includes(word)) return true;
  if (name === null) return false;
  // A package can bring no method that Corroborate has already.
  return allowed.includes(name) || (!findMethod(word, name) && allowed.some(entry => methodOfPackage(entry) === name));
}

/** The numbers of an option that a cap is about: a number itself, the length of a list. Null where there is no telling. */
function measured(value: unknown): readonly number[] | null {
  if (value === null || value === undefined) return [];
  if (typeof value === 'number') return [value];
  if (typeof value === 'boolean') return [Number(value)];
  if (Array.isArray(value)) return [value.length];
  if (typeof value !== 'object') return null;
  const numbers: unknown[] = Object.values(value);
  return numbers.every(number => typeof number === 'number') ? numbers : null;
}

/** A cap on `rtol` holds for `column_rtol` too, whose numbers take its place for the columns that they name. */
function isCappedBy(name: string, value: unknown, cap: string): boolean {
  const isByName = typeof value === 'object' && value !== null && !Array.isArray(value);
  return name === cap || (isByName && name.endsWith(`_${cap}`));
}

/**
 * Whether a project's `compare:` allows a method with these options: null, or why not in a sentence. `methods` lists
 * words, names and packages (`custom` stands for every custom method). A cap is about a number, each number of an option
 * by name, the length of a list (`ignore: {max: 0}` forbids it), or 0 and 1 for false and true. The options are those of
 * `readOptions`; of a method that is not known here, any values.
 */
export function underProject(
  compare: Configuration['compare'],
  { word, name }: Pick<Method, 'word' | 'name'>,
  options: Options,
): string | null {
  if (!compare) return null;
  const { methods: allowed, ...caps } = compare;
  if (allowed && !isListed(allowed, word, name))
    return `The project does not allow the method ${name ?? word}, only ${allowed.join(', ') || 'none'} (compare: in corroborate.yml).`;
  for (const [capped, cap] of Object.entries(caps) as [string, { min?: number; max?: number }][]) {
    const limit = [
      ...(cap.min === undefined ? [] : [`at least ${cap.min}`]),
      ...(cap.max === undefined ? [] : [`at most ${cap.max}`]),
    ].join(' and ');
    if (limit === '') continue;
    for (const [option, value] of Object.entries(options)) {
      if (!isCappedBy(option, value, capped)) continue;
      const isWithin = measured(value)?.every(
        number => number >= (cap.min ?? Number.NEGATIVE_INFINITY) && number <= (cap.max ?? Number.POSITIVE_INFINITY),
      );
      if (!isWithin) {
        const what = Array.isArray(value) ? `has ${value.length} entries` : `is ${quote(value)}`;
        return `The option ${option} ${what}; the project allows ${limit} (compare: in corroborate.yml).`;
      }
    }
  }
  return null;
}
