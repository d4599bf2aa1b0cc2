import { Problem } from '../domain/problem.ts';
import type { Method, OptionSpec } from './method.ts';
import { readOwnMeasures } from './own-measures.ts';
import { methodOfPackage, methods, nameOf, readValue } from './registry.ts';

const optionTypes: readonly string[] = [
  'number',
  'boolean',
  'text',
  'texts',
  'number-or-text',
  'numbers-by-name',
] satisfies OptionSpec['type'][];

/**
 * The method that an npm package exports by default: `{name, promise, options, refuses?, compare}` (docs/methods.md). Its
 * word is custom, and its results rest on the word of who has the package: it is not repeatable.
 * @param entry the package's name; without its scope it is the method's
 * @throws Problem INVALID, saying what is wrong with it
 */
export function ownMethod(exported: unknown, entry: string): Method {
  const wrong = (because: string): Problem =>
    new Problem('INVALID', `The npm package ${entry} brings no method that can be used: ${because}.`);
  const name = methodOfPackage(entry);
  if (methods.some(method => nameOf(method) === name || method.word === name))
    throw wrong(`${name} is a method of Corroborate's own, so the package has to be called otherwise`);
  if (!isObject(exported)) throw wrong('its default export is no object');
  const known = ['name', 'promise', 'options', 'refuses', 'compare'];
  const other = Object.keys(exported).find(key => !known.includes(key));
  if (other !== undefined) throw wrong(`a method has no field ${JSON.stringify(other)}, only ${known.join(', ')}`);
  const { promise, options, refuses, compare } = exported;
  if (exported.name !== name)
    throw wrong(
      `its name is ${JSON.stringify(exported.name)} and must be ${JSON.stringify(name)}, as the package's is`,
    );
  if (!isSentence(promise)) throw wrong('promise is no text that says what the same means');
  if (typeof compare !== 'function') throw wrong('compare is no function');
  if (refuses !== undefined && typeof refuses !== 'function') throw wrong('refuses is no function');
  if (!Array.isArray(options)) throw wrong('options is no list');
  const names = new Set<unknown>();
  for (const [index, option] of options.entries()) {
    const because = isObject(option) ? whyNoOption(option) : 'it is no object';
    if (because !== null) throw wrong(`options[${index}]: ${because}`);
    if (names.has(option.name)) throw wrong(`there are two options ${option.name}`);
    names.add(option.name);
  }
  const method = exported as unknown as Pick<Method, 'refuses' | 'compare'>;
  return {
    word: 'custom',
    name,
    promise,
    options: options as OptionSpec[],
    repeatable: false,
    refuses(given) {
      const because: unknown = method.refuses?.(given) ?? null;
      if (because === null || typeof because === 'string') return because;
      throw wrong('refuses answers neither a text nor null');
    },
    async compare(...asked) {
      const read = readOwnMeasures(await method.compare(...asked));
      if ('because' in read) throw new Error(`what it answered is no result: ${read.because}`);
      return read.measures;
    },
  };
}

function whyNoOption(option: { readonly [name: string]: unknown }): string | null {
  const known = ['name', 'type', 'fallback', 'promise', 'least', 'most'];
  const other = Object.keys(option).find(key => !known.includes(key));
  if (other !== undefined) return `an option has no field ${JSON.stringify(other)}, only ${known.join(', ')}`;
  const { name, type, fallback, promise, least, most } = option;
  if (typeof name !== 'string' || !/^[a-z][a-z0-9_]{0,63}$/.test(name)) return 'its name is not in snake_case';
  if (typeof type !== 'string' || !optionTypes.includes(type)) return `its type is none of ${optionTypes.join(', ')}`;
  if (!isSentence(promise)) return 'its promise is no text';
  for (const bound of [least, most])
    if (bound !== undefined && (typeof bound !== 'number' || Number.isNaN(bound))) return 'least and most are numbers';
  // A request holds all options in the form that they are read in, so that the fallback has to be in it too.
  const read = fallback === null ? null : readValue(option as unknown as OptionSpec, fallback);
  if (read === undefined || JSON.stringify(read) !== JSON.stringify(fallback))
    return `its fallback is neither null nor a value of type ${type} within its bounds`;
  return null;
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSentence(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= 1024;
}
