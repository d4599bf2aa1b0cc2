import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSimpleYaml } from '../../src/domain/simple-yaml.ts';
import { readStrictYaml } from '../../src/domain/strict-yaml.ts';
import { readYaml } from '../../src/domain/yaml-reading.ts';

/** Mostly what is simple, so that one odd thing stands among simple ones. */
const mostly = (simple: readonly string[], odd: readonly string[]) =>
  fc.oneof({ weight: 20, arbitrary: fc.constantFrom(...simple) }, { weight: 1, arbitrary: fc.constantFrom(...odd) });
const scalar = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.constantFrom(
      ...['a', 'main.py', 'a b', "'*.param'", '"Data/**"', "''", '1', '0', 'true', 'false', 'é', "'a # b'", '256KiB'],
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...[
        'a, b',
        'a (b) c=d',
        '007',
        '-1',
        '1.5',
        '1e3',
        'True',
        'no',
        'null',
        '~',
        'x#y',
        'x #y',
        "'it''s'",
        '"a\\n"',
      ],
      ...["'a", 'a: b', 'a:', ':a', '- a', '-', '&a', '*a', '!a', '|', '>', '%a', '@a', '`a', '[a]', '{a: b}', 'a\tb'],
      ...['a  b', 'a ', '<<', '12:30:45', '2026-11-22', '0x1F', '1_000', '.inf', 'nan', '...', '---', '\u2028', '#'],
      ...['\ufeff', 'a\rb', 'a\0', '1e2B', 'a -', 'a - b', 'a-', '"a" b', "'a'b", 'a"b', "a'b", 'yes', 'y', ''],
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(...'ab1 ,:#[]{}\'"-*&!.?_é='), maxLength: 6 }) },
);
const name = fc.oneof(
  { weight: 20, arbitrary: fc.string({ unit: fc.constantFrom(...'abcd'), minLength: 1, maxLength: 3 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('a', 'rtol-max', 'c_d', 'yes', 'null', '__proto__', 'A', '"q"', '? a', 'a b', '1', 'é'),
  },
);
const space = mostly([' ', '  '], ['', '\t']);
const comment = mostly(['', '', ' # why', ' #', '  # [a]'], [" # it's", ' # "so"', '#x', '\t# t']);
const flowList = fc
  .tuple(fc.array(scalar, { maxLength: 3 }), mostly(['', ' '], ['\t']), space)
  .map(([items, before, after]) => `[${before}${items.join(`,${after}`)}${before}]`);
const flowMapping = fc
  .tuple(fc.array(fc.tuple(name, space, scalar), { maxLength: 3 }), space)
  .map(([pairs, after]) => `{${pairs.map(([key, gap, value]) => `${key}:${gap}${value}`).join(`,${after}`)}}`);
const pair = fc
  .tuple(name, space, fc.oneof(scalar, flowList, flowMapping), comment)
  .map(([key, gap, value, end]) => `${key}:${gap}${value}${end}`);
const list = fc
  .tuple(
    name,
    comment,
    mostly(['', '  ', '    '], ['\t']),
    fc.array(fc.tuple(space, scalar, comment), { maxLength: 3 }),
  )
  .map(([key, end, indent, items]) =>
    [`${key}:${end}`, ...items.map(([gap, value, why]) => `${indent}-${gap}${value}${why}`)].join('\n'),
  );
const other = mostly(['', ' ', '# a comment', '  # one'], ['---', '...', '%YAML 1.1', '  more', '\t', '- a', '  - a']);
const text = fc
  .tuple(fc.array(fc.oneof(pair, list, other), { maxLength: 5 }), fc.constantFrom('\n', ''))
  .map(([lines, end]) => lines.join('\n') + end);

test('what is read simply is what the strict reader reads', () => {
  let simple = 0;
  fc.assert(
    fc.property(text, written => {
      const read = readSimpleYaml(written);
      if (read === undefined) return;
      simple += 1;
      const strict = readStrictYaml(written, 'corroborate.yml');
      expect(strict).toHaveProperty('value');
      expect(JSON.stringify(read.value)).toBe(JSON.stringify('value' in strict ? strict.value : null));
    }),
    { numRuns: Number(process.env.SIMPLE_YAML_RUNS ?? 5000) },
  );
  expect(simple).toBeGreaterThan(1000);
});

describe('what people write in corroborate.yml', () => {
  test('the example, with comments, lists and mappings', () => {
    const example = readFileSync(join(import.meta.dirname, '../../examples/demo-sumatra/corroborate.yml'), 'utf8');
    expect(readSimpleYaml(example)?.value).toMatchObject({ inputs: ['*.param'], outputs: ['Data/**'] });
    const more =
      "# mine\nproject: a-b # c\noutputs:\n  - 'Data/**' # all\n\n  # and\n  - b.txt\nkeep: []\nprivate: true\nlimits: {file: 256KiB, record: 2}\n";
    expect(readSimpleYaml(more)?.value).toEqual({
      project: 'a-b',
      outputs: ['Data/**', 'b.txt'],
      keep: [],
      private: true,
      limits: { file: '256KiB', record: 2 },
    });
  });

  test.each([
    '',
    '# nothing\n',
    'a:\n',
    'a: b\na: c\n',
    'a: &x b\n',
    'a: |\n  b\n',
    'a:\n  b: c\n',
    'a: b\n  c\n',
    'a: no\n',
    '- a\n',
  ])('%j is left to the strict reader', written => {
    expect(readSimpleYaml(written)).toBeUndefined();
  });

  test('a field is found where it stands', () => {
    const reading = readYaml(Buffer.from('# mine\na: b\nlimits: {file: 3, record: c}\n'), 'corroborate.yml');
    if ('faults' in reading) throw new Error('it has no faults');
    expect(reading.locate(['limits', 'record'])).toEqual({ line: 3, column: 27 });
  });
});
