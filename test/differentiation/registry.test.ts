import { describe, expect, test } from 'vitest';
import type { Method } from '../../src/differentiation/method.ts';
import {
  findMethod,
  isListed,
  methods,
  nameOf,
  parseMethod,
  readOptions,
  underProject,
  wordsFor,
} from '../../src/differentiation/registry.ts';
import { Problem } from '../../src/domain/problem.ts';
import { isRecomputable } from '../../src/domain/recomputable.ts';

/** A method with an option of every type. */
const tolerant: Method = {
  word: 'custom',
  name: 'tolerant',
  promise: 'close enough',
  repeatable: true,
  options: [
    { name: 'rtol', type: 'number', fallback: 1e-6, least: 0, most: 1, promise: 'relative' },
    { name: 'atol', type: 'number-or-text', fallback: 0, least: 0, promise: 'absolute' },
    { name: 'equal_nan', type: 'boolean', fallback: true, promise: 'nan' },
    { name: 'key', type: 'text', fallback: null, promise: 'key' },
    { name: 'columns', type: 'texts', fallback: [], promise: 'columns' },
    { name: 'column_rtol', type: 'numbers-by-name', fallback: {}, least: 0, promise: 'by column' },
  ],
  refuses: options => (options.key === 'no' ? 'key may not be no.' : null),
  compare: async () => ({ same: false }),
};

function problemOf(work: () => unknown): Problem {
  try {
    work();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('no problem');
}

describe('the registry', () => {
  test('the assessment and the methods agree on which can be computed again', () => {
    for (const { word, name, repeatable } of methods) expect(repeatable).toBe(isRecomputable({ method: word, name }));
  });

  test('knows every method by word and name, each once', () => {
    expect(methods.map(nameOf)).toEqual([...new Set(methods.map(nameOf))]);
    for (const method of methods) {
      expect(findMethod(method.word, method.name)).toBe(method);
      expect(parseMethod(nameOf(method))).toBe(method);
      expect(method.word === 'custom').toBe(method.name !== null);
    }
    expect(findMethod('default', 'structured')).toBeNull();
    expect(findMethod('custom', null)).toBeNull();
    expect(findMethod('custom', 'tolerant', [...methods, tolerant])).toBe(tolerant);
  });

  test('names the methods that there are when asked for another', () => {
    const problem = problemOf(() => parseMethod('magic'));
    expect(problem.code).toBe('USAGE');
    expect(problem.message).toBe(`There is no method "magic". There are ${methods.map(nameOf).join(', ')}.`);
  });
});

describe('options', () => {
  test('are filled with what a method falls back to, in its order', () => {
    for (const method of [...methods, tolerant].filter(one => one.name !== 'command')) {
      const options = readOptions(method, {});
      expect(Object.keys(options)).toEqual(method.options.map(spec => spec.name));
      expect(Object.values(options)).toEqual(method.options.map(spec => spec.fallback));
    }
  });

  test('are refused where they name no program to run', () => {
    const command = parseMethod('command');
    expect(problemOf(() => readOptions(command, {})).message).toMatch(/command: it names no program/);
    expect(readOptions(command, { command: 'x' })).toEqual({ command: ['x'], timeout: 600 });
  });

  test('come from words as well as from values', () => {
    const values = readOptions(tolerant, {
      column_rtol: { energy: 1e-3 },
      rtol: 1e-9,
      atol: '1e-12*max',
      equal_nan: false,
      columns: ['a', 'b'],
    });
    expect(values).toEqual({
      rtol: 1e-9,
      atol: '1e-12*max',
      equal_nan: false,
      key: null,
      columns: ['a', 'b'],
      column_rtol: { energy: 1e-3 },
    });
    expect(
      readOptions(tolerant, {
        rtol: '1e-9',
        atol: '1e-12*max',
        equal_nan: 'false',
        columns: ['a', 'b'],
        column_rtol: 'energy=1e-3',
      }),
    ).toEqual(values);
    expect(readOptions(tolerant, { atol: '.5', columns: 'a', key: undefined })).toMatchObject({
      atol: 0.5,
      columns: ['a'],
      key: null,
    });
  });

  test.each([
    [{ rtol: 'small' }, /option rtol .* is "small"; it may be a finite number from 0 to 1/],
    [{ rtol: -1 }, /rtol/],
    [{ rtol: 2 }, /rtol/],
    [{ rtol: Number.NaN }, /rtol/],
    [{ rtol: '0x10' }, /rtol/],
    [{ rtol: '' }, /rtol/],
    [{ rtol: [1] }, /rtol/],
    [{ atol: -1 }, /atol .* of at least 0, or a text/],
    [{ atol: '-1' }, /atol/],
    [{ atol: Number.POSITIVE_INFINITY }, /atol/],
    [{ equal_nan: 'yes' }, /true or false/],
    [{ equal_nan: 1 }, /true or false/],
    [{ key: '' }, /key .* text of 1 to/],
    [{ key: 'x'.repeat(5000) }, /key/],
    [{ key: 'no' }, /key may not be no/],
    [{ columns: [1] }, /list of/],
    [{ columns: Array(300).fill('a') }, /list of/],
    [{ column_rtol: { a: 'x' } }, /numbers of at least 0 by name/],
    [{ column_rtol: 'a' }, /by name/],
    [{ column_rtol: { a: -1 } }, /by name/],
    [{ speed: 1 }, /no option "speed"\. It has rtol, atol/],
    [JSON.parse('{"__proto__": 1}') as object, /no option "__proto__"/],
  ])('refuse %j', (given, message) => {
    const problem = problemOf(() => readOptions(tolerant, given as { [name: string]: unknown }));
    expect(problem.code).toBe('USAGE');
    expect(problem.message).toMatch(message);
    expect(problem.message.length).toBeLessThan(400);
  });

  test('keep a name like __proto__ as a name', () => {
    const { column_rtol } = readOptions(tolerant, { column_rtol: JSON.parse('{"__proto__": 0.5}') });
    expect(Object.entries(column_rtol as object)).toEqual([['__proto__', 0.5]]);
  });

  test('are described in words', () => {
    for (const method of [...methods, tolerant])
      for (const spec of method.options) expect(wordsFor(spec)).toMatch(/^[a-z]/);
  });
});

describe('what a project allows', () => {
  const allows = (compare: Parameters<typeof underProject>[0], given = {}, method = tolerant) =>
    underProject(compare, method, readOptions(method, given));

  test('is everything where it says nothing', () => {
    expect(allows(undefined)).toBeNull();
    expect(allows({})).toBeNull();
  });

  test('is the methods that it lists, by word or by name', () => {
    expect(allows({ methods: ['default', 'tolerant'] })).toBeNull();
    expect(allows({ methods: ['custom'] })).toBeNull();
    expect(allows({ methods: ['default', 'visual'] })).toMatch(
      /does not allow the method tolerant, only default, visual/,
    );
    expect(allows({ methods: [] })).toMatch(/only none/);
  });

  test('is the methods of the packages that it lists, by the package less its scope', () => {
    expect(isListed(['@lab/spectra'], 'custom', 'spectra')).toBe(true);
    expect(isListed(['spectra'], 'custom', 'spectra')).toBe(true);
    expect(isListed(['@lab/spectra'], 'custom', 'lab')).toBe(false);
    expect(isListed(['@lab/structured'], 'custom', 'structured')).toBe(false);
    expect(isListed(['custom'], 'custom', 'anything')).toBe(true);
    expect(isListed(['visual', '@lab/default'], 'default', null)).toBe(false);
  });

  test('holds for options of methods that are not known here, whatever they are', () => {
    const stranger = (options: object) =>
      underProject({ rtol: { max: 1e-4 } }, { word: 'custom', name: 'spectra' }, options as never);
    expect(stranger({ rtol: 1e-4, other: {} })).toBeNull();
    for (const off of [
      { rtol: 1 },
      { rtol: '1' },
      { rtol: { a: '0' } },
      { rtol: { a: {} } },
      { column_rtol: { a: 1 } },
    ])
      expect(stranger(off), JSON.stringify(off)).toMatch(/project allows at most 0.0001/);
  });

  test('is options within its caps', () => {
    expect(allows({ rtol: { max: 1e-4 } }, { rtol: 1e-4 })).toBeNull();
    expect(allows({ rtol: { max: 1e-4 } }, { rtol: 1e-3 })).toMatch(
      /option rtol is 0.001; the project allows at most 0.0001/,
    );
    expect(allows({ rtol: { max: 1e-7 } })).toMatch(/rtol is 0.000001/);
    expect(allows({ rtol: { min: 1e-8, max: 1e-4 } }, { rtol: 0 })).toMatch(/at least 1e-8 and at most 0.0001/);
    expect(allows({ speed: { max: 1 } })).toBeNull();
  });

  test('holds for each column too', () => {
    expect(allows({ rtol: { max: 1e-4 } }, { column_rtol: { a: 1e-5 } })).toBeNull();
    expect(allows({ rtol: { max: 1e-4 } }, { column_rtol: { a: 1e-5, b: 1 } })).toMatch(/column_rtol/);
  });

  test('does not hold what cannot be told', () => {
    expect(allows({ atol: { max: 1 } }, { atol: '1e-12*max' })).toMatch(/atol is "1e-12\*max"/);
  });

  test('may limit or forbid a list and a switch', () => {
    expect(allows({ columns: { max: 0 } }, { columns: ['a'] })).toMatch(/columns has 1 entries/);
    expect(allows({ columns: { max: 0 } })).toBeNull();
    expect(allows({ equal_nan: { max: 0 } })).toMatch(/equal_nan is true/);
  });
});
