import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { Words } from '../../../src/differentiation/numeric/numeric-document.ts';
import { readYaml as readNumbers } from '../../../src/differentiation/numeric/read-yaml.ts';
import { readYaml } from '../../../src/differentiation/structured/read-yaml.ts';
import { readPlainYaml } from '../../../src/differentiation/yaml/plain-yaml.ts';

/** A comment that means nothing and that only the `yaml` package reads. */
const notPlain = (text: string) => `${text}\n#\t\n`;

/** What a reader makes of a text; null where it refuses. */
function asValues(text: string): unknown {
  try {
    return readYaml(text);
  } catch {
    return null;
  }
}

function asNumbers(text: string): unknown {
  try {
    return readNumbers(Buffer.from(text), new Words()).blocks.map(({ name, numbers, kinds, layout }) => ({
      name,
      numbers: [...numbers],
      kinds: kinds && [...kinds],
      layout: layout && [...layout],
    }));
  } catch {
    return null;
  }
}

/** Whether the text is plain; if so, it has to mean what the package says. */
function checked(text: string): boolean {
  if (readPlainYaml(text) === null) return false;
  expect(readPlainYaml(notPlain(text))).toBeNull();
  expect(asValues(text), text).toEqual(asValues(notPlain(text)));
  expect(asNumbers(text), text).toEqual(asNumbers(notPlain(text)));
  return true;
}

describe('plain YAML', () => {
  const parts = (
    'a|b|key|1|-1.5|+2e3|0x1F|0o17|.5|5.|.inf|-.Inf|.nan|~|null|true|False|no|-|- |- - |--|---|...|---\n|: |:|:\n|, |,|[|]|{|}|[]|{}|' +
    "\"x\"|\"a: b\"|'y'|'it''s'|'|\"|#| # c|#c\n|?|? |!|!!str |&a |*a|<<|>|%|@|`|=|;|(|)|/|$|\\|é|😀|10:30|http://x|2026-11-23|" +
    '1_000|12345678901234567890|  |    | |\n|\n|\n|\n  |\n  - |\n- |\n    |a: |b: |"k": |\'k\' : |\n  a: |\n  b: |\na: |\nb: |[1, 2]|{a: 1}|{"a":1}'
  ).split('|');
  const soup = fc.array(fc.constantFrom(...parts), { maxLength: 16 }).map(each => each.join(''));

  test('means what it means to the yaml package, whatever it is', () => {
    let plain = 0;
    fc.assert(
      fc.property(soup, text => {
        if (checked(text)) plain++;
      }),
      { numRuns: Number(process.env.CORROBORATE_YAML ?? 20_000) },
    );
    expect(plain).toBeGreaterThan(100);
  });

  const line = fc
    .tuple(
      fc.nat(3).map(depth => '  '.repeat(depth)),
      fc.constantFrom('', '- ', '- - ', '-   '),
      fc.constantFrom('', 'a: ', 'b: ', 'c:', '"d": ', 'e :  ', 'a b: '),
      fc.constantFrom(
        '',
        '1',
        'x y',
        '"q"',
        "'s'",
        '[1, {a: b}, ]',
        '{a: 1, "b":[2]}',
        'x # c',
        '# c',
        '-1',
        'a:b',
        '|',
        'x:',
      ),
    )
    .map(each => each.join(''));

  test('whatever its lines', () => {
    let plain = 0;
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof({ weight: 9, arbitrary: line }, { weight: 1, arbitrary: fc.constantFrom('---', '...', '--- ') }),
          { minLength: 1, maxLength: 6 },
        ),
        lines => {
          if (checked(lines.join('\n'))) plain++;
        },
      ),
      { numRuns: Number(process.env.CORROBORATE_YAML ?? 20_000) },
    );
    expect(plain).toBeGreaterThan(500);
  });

  test('any value as JSON and as YAML', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        for (const text of [JSON.stringify(value), JSON.stringify(value, null, 2), stringify(value)]) checked(text);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['records', 'steps:\n- step: 1\n  energy: -1.5 # eV\n  ok: true\n- step: 2\n  energy: 1e3\n'],
    ['a document marker', '---\na: 1\n\n# end\n'],
    ['several documents', '---\na: 1\n---\n[b, 2]\n# end\n---\n- 3\n'],
    ['JSON in lines', '{\n  "a": [\n    1,\n    2.5\n  ],\n  "b": {}\n}\n'],
    ['lists in a list', '- [1, 2]\n- - 3\n  - 4\n-\n- x: 1\n  y: {z: "w"}\n'],
    ['times and addresses', 'at: 10:30:00\nfrom: https://example.org/a#b\n'],
  ])('is what programs write: %s', (_, text) => {
    expect(checked(text)).toBe(true);
  });

  test.each([
    ['a document in the line of its marker', '--- a\n--- b\n'],
    ['an end marker', 'a: 1\n...\n'],
    ['an empty document', 'a: 1\n---\n'],
    ['a directive', '%YAML 1.1\n---\na: no\n'],
    ['a tag', 'a: !!str 1\n'],
    ['an anchor', 'a: &x 1\n'],
    ['a text in lines', 'a: |\n  b\n'],
    ['a value in lines', 'a: b\n  c\n'],
    ['an escape', 'a: "\\n"\n'],
    ['a tab', 'a:\t1\n'],
    ['a deep one', `${'['.repeat(150)}${']'.repeat(150)}\n`],
    ['a long key', `${'k'.repeat(600)}: 1\n`],
    ['nothing', '\n'],
  ])('is not %s', (_, text) => expect(readPlainYaml(text)).toBeNull());

  test.each([
    ['letters', `a: ${'1'.repeat(2 ** 24)}`],
    ['quoted letters', `a: "${'1'.repeat(2 ** 24)}"`],
    ['apostrophes', `a: '${"''".repeat(2 ** 23)}'`],
    ['blanks', `a: 1${' '.repeat(2 ** 24)}`],
    ['colons', `a: b${':b'.repeat(2 ** 23)}`],
    ['empty lines', `a: 1${'\n'.repeat(2 ** 24)}`],
    ['comments', `a: 1\n${'#\n'.repeat(2 ** 23)}`],
    ['blanks in brackets', `[${'\n '.repeat(2 ** 23)}]`],
  ])('of 16 MB of %s throws nothing', (_, text) => {
    const value = readPlainYaml(text);
    if (value !== null)
      expect(value).toMatchObject(text.startsWith('a') ? [{ is: 'map' }] : [{ is: 'list', items: [] }]);
  });
});
