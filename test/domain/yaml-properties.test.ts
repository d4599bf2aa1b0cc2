import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { readCanonicalYaml } from '../../src/domain/canonical-yaml.ts';
import { readStrictYaml } from '../../src/domain/strict-yaml.ts';
import { readYaml } from '../../src/domain/yaml-reading.ts';
import { isPlainString, writeYaml } from '../../src/domain/yaml-writing.ts';

/** Texts that some reader of YAML takes for something else than a text, or that a writer could lose a part of. */
const awkward = fc.oneof(
  fc.constantFrom(
    ...'null ~ true False yes NO on off y n .inf -.INF .nan NaN 0 -0 -0.0 1e3 1e400 0o17 017 0x1F 0b1 1_000 1,000 12:30:45 190:20:30.15 2026-11-22 - -- --- ... : a: :a #a %a @a `a &a *a !a |a >a ? [a] {a} = <<'.split(
      ' ',
    ),
    ...[
      '',
      ' ',
      ' a',
      'a ',
      'a #b',
      'a: b',
      'a:',
      'a\n',
      '\na',
      'a\n\n',
      'a\n b',
      ' a\nb',
      'a\n\nb',
      'a\t\nb',
      'a\n\tb',
      '\ta',
      'a\r\nb',
      'a\rb',
    ],
    ...[
      '---\na',
      'a\n---',
      'a\n...\nb',
      'a\n%b',
      '|',
      '|-',
      '"',
      "'",
      '\\',
      '\u0085',
      '\u2028',
      '\ufeff',
      '\u00a0',
      '\0',
      '\u007f',
      '\ufffe',
      '😀',
      'é',
      'e\u0301',
      '__proto__',
    ],
  ),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...'ab1 \n\t:-#|>"\'\\[]{},&*!%@`.?~=é\r') }),
  fc.lorem({ mode: 'sentences', maxCount: 3 }).map(text => text.replaceAll('. ', '.\n')),
);
const number = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(-0, 1e20, 1e21, 5e-324, 1.5e300),
);
const value = fc.letrec(tie => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    awkward,
    number,
    fc.boolean(),
    fc.constant(null),
    tie('list'),
    tie('mapping'),
  ),
  list: fc.array(tie('any'), { maxLength: 4 }),
  mapping: fc.dictionary(awkward, tie('any'), { maxKeys: 4 }),
})).any;

const bytesOf = (text: string) => new TextEncoder().encode(text);
const outcome = (reading: ReturnType<typeof readYaml>) =>
  'faults' in reading ? { faults: reading.faults } : { value: reading.value };

describe('what was written', () => {
  test('is read back as it was, by either reader', () => {
    fc.assert(
      fc.property(value, given => {
        const text = writeYaml(given);
        expect(outcome(readYaml(bytesOf(text), ''))).toStrictEqual({ value: normal(given) });
        expect(outcome(readStrictYaml(text, ''))).toStrictEqual({ value: normal(given) });
      }),
      { numRuns: 1500 },
    );
  });

  test('is read by the fast reader, but for a key called __proto__', () => {
    fc.assert(
      fc.property(value, given => {
        const text = writeYaml(given);
        if (!text.includes('__proto__')) expect(readCanonicalYaml(text)).toStrictEqual({ value: normal(given) });
      }),
      { numRuns: 1500 },
    );
  });

  test('is what other readers of YAML 1.2 and 1.1 read', () => {
    fc.assert(
      fc.property(awkward, text => {
        expect(parseDocument(writeYaml({ a: text }), { version: '1.2' }).toJS()).toStrictEqual({ a: text });
        expect(parseDocument(writeYaml({ a: text }), { version: '1.1' }).toJS()).toStrictEqual({ a: text });
      }),
      { numRuns: 1500 },
    );
  });

  test('keeps its numbers numbers for readers of YAML 1.1', () => {
    fc.assert(
      fc.property(number, one => {
        const text = writeYaml([one]);
        expect(text).not.toMatch(/^- -?\d+e/);
        expect(parseDocument(text, { version: '1.1' }).toJS()).toStrictEqual([one]);
      }),
    );
  });

  test('stands where either reader says', () => {
    fc.assert(
      fc.property(value, fc.infiniteStream(fc.nat()), (given, choices) => {
        const path: (string | number)[] = [];
        let at: unknown = given;
        while (typeof at === 'object' && at !== null && Object.keys(at).length > 0) {
          const keys = Object.keys(at);
          const key = keys[choices.next().value! % keys.length]!;
          path.push(Array.isArray(at) ? Number(key) : key);
          at = (at as { [key: string]: unknown })[key];
        }
        const text = writeYaml(given);
        const [fast, strict] = [readYaml(bytesOf(text), ''), readStrictYaml(text, '')];
        if ('faults' in fast || 'faults' in strict) throw new Error('not read');
        for (let length = 0; length <= path.length; length++)
          expect(fast.locate(path.slice(0, length))).toEqual(strict.locate(path.slice(0, length)));
      }),
      { numRuns: 500 },
    );
  });

  test('is the same text for the same value, and ends with one newline', () => {
    fc.assert(
      fc.property(value, given => {
        expect(writeYaml(normal(given))).toBe(writeYaml(given));
        expect(writeYaml(given)).toMatch(/[^\n]\n$/);
      }),
    );
  });
});

test('the fast reader never takes what the strict one refuses, or for something else', () => {
  const piece = fc.constantFrom(
    ...'- |: |-|"|\n|\n\n| |  |a|#|&a |*a|!t |%|1e400|-0.0|0x1|[]|{}|null|\t|\\|\\ud800|\r\n|\u0085|...|---|? |<<: |~|\''.split(
      '|',
    ),
    '|\n',
    '|-\n',
    '\0',
    '\ufeff',
  );
  const edit = fc.record({ at: fc.nat(), remove: fc.nat({ max: 3 }), piece });
  let accepted = 0;
  fc.assert(
    fc.property(value, fc.array(edit, { minLength: 1, maxLength: 3 }), (given, edits) => {
      let text = writeYaml(given);
      for (const { at, remove, piece: put } of edits) {
        const start = at % (text.length + 1);
        text = text.slice(0, start) + put + text.slice(start + remove);
      }
      if (/[\ud800-\udfff]/u.test(text)) return;
      const fast = readCanonicalYaml(text);
      if (!fast) return;
      accepted++;
      expect(outcome(readStrictYaml(text, ''))).toStrictEqual({ value: fast.value });
    }),
    { numRuns: 5000 },
  );
  expect(accepted).toBeGreaterThan(50);
});

describe('what cannot be read back is not written', () => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('%s', number_ => {
    expect(() => writeYaml({ a: number_ })).toThrow(RangeError);
  });
  test.each(['\ud800', 'a\udc00b', '\udc00\ud800'])('half a surrogate pair', text => {
    expect(() => writeYaml({ a: text })).toThrow(RangeError);
    expect(() => writeYaml({ [text]: 1 })).toThrow(RangeError);
    expect(readCanonicalYaml(`a: ${JSON.stringify(text)}\n`)).toBeUndefined();
  });
  test('a key that no reader looks to the end of', () => {
    expect(() => writeYaml({ ['k'.repeat(1024)]: 1 })).toThrow(RangeError);
    const long = { ['k'.repeat(1000)]: 1 };
    expect(outcome(readStrictYaml(writeYaml(long), ''))).toEqual({ value: long });
  });
});

test('what people read often is plain', () => {
  const plain = [
    'main.py',
    'Data/example2.dat',
    'to see whether it holds',
    'https://github.com/acme/demo',
    '2026-11-22T09:25:30.412Z',
    '20261122T092530Z-7f3a9c04e1',
    'c-5d41402abc',
    '/usr/bin/python3.11',
    'Debian GNU/Linux 12 (bookworm)',
    '3.1a2',
    'größer',
  ];
  expect(plain.filter(text => !isPlainString(text))).toEqual([]);
});

/** As a reader makes objects: none without a prototype. */
function normal(given: unknown): unknown {
  if (Array.isArray(given)) return given.map(normal);
  if (typeof given !== 'object' || given === null) return given;
  return Object.fromEntries(Object.entries(given).map(([key, item]) => [key, normal(item)]));
}
