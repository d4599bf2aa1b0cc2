import { describe, expect, test } from 'vitest';
import { readYaml, yamlLimit } from '../../src/domain/yaml-reading.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

function faultsOf(content: string | Uint8Array): string[] {
  const reading = readYaml(typeof content === 'string' ? bytesOf(content) : content, 'f.yml');
  if (!('faults' in reading)) throw new Error(`read as ${JSON.stringify(reading.value)}`);
  return reading.faults.map(({ path, line, column, because }) => {
    expect(path).toBe('f.yml');
    return `${line}:${column} ${because}`;
  });
}

function valueIn(text: string): unknown {
  const reading = readYaml(bytesOf(text), 'f.yml');
  if ('faults' in reading) throw new Error(JSON.stringify(reading.faults));
  return reading.value;
}

describe('what is refused, and where', () => {
  const refused: [string, string | Uint8Array, (string | RegExp)[]][] = [
    ['an empty file', '', ['null:null the file is empty']],
    ['comments alone', '# nothing\n\n', ['null:null the file is empty']],
    ['a YAML directive', '%YAML 1.1\n---\na: no\n', ['1:1 a directive (%YAML 1.1) is not allowed']],
    ['a directive behind a comment', '# x\n%TAG ! !foo\n---\na: 1\n', ['2:1 a directive (%TAG ! !foo) is not allowed']],
    ['an unknown directive', '%FOO\n---\na: 1\n', ['1:1 a directive (%FOO) is not allowed']],
    [
      'an anchor and its alias',
      'a: &x 1\nb: *x\n',
      ['1:7 an anchor (&x) is not allowed', '2:4 an alias (*x) is not allowed'],
    ],
    ['an alias that is a key', 'a: &x b\n*x : 1\n', [/anchor/, /a key must be a text/, /alias/]],
    ['an anchor on a mapping', '&m\na: 1\n', [/^\d:\d an anchor \(&m\)/]],
    [
      'an alias bomb',
      'a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n',
      [/anchor/, /anchor/, /alias/, /alias/, /alias/, /alias/],
    ],
    ['a merge key with an alias', 'a: &a {x: 1}\nb: {<<: *a}\n', [/anchor/, /alias/]],
    ['a tag', 'a: !!str 1\n', [/1:\d+ a tag \(tag:yaml.org,2002:str\) is not allowed/]],
    ['a tag of its own', 'a: !foo 1\n', [/tag/i, /tag/i]],
    ['a tag on a collection', 'a: !!set {b}\n', [/tag/, /.*/]],
    ['a non-specific tag', 'a: ! 1\n', [/a tag \(!\)/]],
    ['a key twice', 'a: 1\nb: 2\na: 3\n', ['3:1 the key "a" stands there twice, first in line 1']],
    ['a key twice, once in quotes', '"a": 1\na: 3\n', ['2:1 the key "a" stands there twice, first in line 1']],
    ['a key thrice', '{a: 1, a: 2, a: 3}\n', [/^1:8 .*twice/, /^1:14 .*twice/]],
    ['a key that is a list', '? [a]\n: 1\n', [/a key must be a text/]],
    ['two documents', 'a: 1\n---\nb: 2\n', [/^2:1 more than one document/]],
    ['two documents behind an end', 'a: 1\n...\n---\nb: 2\n', [/more than one document/]],
    ['a second document without an end', '---\na: 1\n---\n', [/more than one document/]],
    ['a truncated quote', 'a: "b\n', [/1:|2:/]],
    ['a truncated list', 'a: [1, 2\n', [/./]],
    ['a tab for indentation', 'a:\n\tb: 1\n', [/^2:/, /.*/]],
    ['bad indentation', 'a:\n  b: 1\n c: 2\n', [/^3:/]],
    ['a NUL', 'a: b\0\n', ['1:5 the file holds a NUL character: it is not text']],
    ['a byte order mark', '\ufeffa: 1\n', ['1:1 the file begins with a byte order mark']],
    ['a control character', 'a: 1\nb: x\u0007\n', ['2:5 a control character is not allowed']],
    ['DEL', 'a: x\u007f\n', ['1:5 a control character is not allowed']],
    ['a C1 control character', 'a: x\u0090\n', ['1:5 a control character is not allowed']],
    ['U+FFFE', 'a: x\ufffe\n', ['1:5 a control character is not allowed']],
    ['a lone carriage return', 'a: 1\rb: 2\n', ['1:5 a carriage return ends no line here: end lines with a line feed']],
    ['several characters at once', '\ufeffa: 1\nb: \u0007\nc: \0\n', [/^1:1 .*mark/, /^2:4 a control/, /^3:4 .*NUL/]],
    ['an image', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), ['1:1 the file is not UTF-8 text']],
    [
      'Latin-1',
      new Uint8Array([0x61, 0x3a, 0x20, 0x31, 0x0a, 0x62, 0x3a, 0x20, 0xe9, 0x0a]),
      ['2:4 the file is not UTF-8 text'],
    ],
    ['a character cut off', new Uint8Array([0x61, 0x3a, 0x20, 0xe2, 0x82]), ['1:4 the file is not UTF-8 text']],
    ['an encoded surrogate', new Uint8Array([0x61, 0x3a, 0x20, 0xed, 0xa0, 0x80]), ['1:4 the file is not UTF-8 text']],
    ['UTF-16', new Uint8Array([0xff, 0xfe, 0x61, 0x00]), ['1:1 the file is not UTF-8 text']],
    ['half a surrogate pair in an escape', 'a: "\\ud800"\n', ['1:4 half a surrogate pair is no character']],
    ['1e400', 'a: 1e400\n', [/^1:4 1e400 is no number that JSON has/]],
    [
      '.inf, -.Inf and .nan',
      'a: .inf\nb: -.Inf\nc: .NaN\n',
      [/^1:4 .inf is no number/, /^2:4 -.Inf is no/, /^3:4 .NaN is no/],
    ],
    ['1e-400', 'a: 1e-400\n', ['1:4 the number 1e-400 would be rounded: put it in quotes if it is a text']],
    ['an integer that no double holds', 'a: 12345678901234567890123\n', [/would be rounded/]],
    ['2^53 + 1', 'a: 9007199254740993\n', [/would be rounded/]],
    [
      'several at once, in their order',
      'a: &x 1\nb: !t 2\na: *x\n',
      [/^1:7 an anchor/, /^2:\d .*tag/, /^2:\d .*tag/, /^3:1 .*twice/, /^3:4 an alias/],
    ],
  ];
  test.each(refused)('%s', (_, content, expected) => {
    const faults = faultsOf(content);
    for (const [index, one] of expected.entries()) {
      if (typeof one === 'string') expect(faults[index]).toBe(one);
      else expect(faults[index] ?? faults.join('\n')).toMatch(one);
    }
    expect(faults.length).toBeLessThanOrEqual(Math.max(expected.length, 1));
  });

  test.each([
    ['blocks', 'a:\n'.repeat(0) + Array.from({ length: 70 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
    ['dashes', `${'- '.repeat(70)}a\n`],
    ['brackets', `a: ${'['.repeat(70)}${']'.repeat(70)}\n`],
    ['brackets over many lines', `${'[\n'.repeat(50_000)}`],
    ['braces', `${'{a: '.repeat(20_000)}`],
    ['question marks', `${'? '.repeat(20_000)}`],
  ])('nesting too deep, by %s', (_, text) =>
    expect(faultsOf(text).join('\n')).toMatch(/nesting is deeper than 64 levels|a key must be/),
  );

  test('nesting at the limit is read', () => {
    expect(JSON.stringify(valueIn(`${'['.repeat(64)}${']'.repeat(64)}\n`))).toBe(`${'['.repeat(64)}${']'.repeat(64)}`);
    expect(faultsOf(`${'['.repeat(66)}${']'.repeat(66)}\n`)[0]).toContain('nesting');
  });

  test('brackets in a text are no nesting', () => {
    expect(valueIn(`a: '${'['.repeat(5000)}'\n`)).toEqual({ a: '['.repeat(5000) });
  });

  test('more than a hundred faults are counted', () => {
    const faults = faultsOf('- *a\n'.repeat(500));
    expect(faults.at(-1)).toMatch(/^null:null and \d+ more faults$/);
    expect(faults.length).toBe(101);
  });
});

describe('what is read', () => {
  const read: [string, string, unknown][] = [
    ['comments', '# of mine\na: 1 # one\n', { a: 1 }],
    ['an explicit document', '---\na: 1\n...\n', { a: 1 }],
    ['flow style', '{a: [1, "b", null, true]}\n', { a: [1, 'b', null, true] }],
    ['lines that Windows ends', 'a: 1\r\nb:\r\n  - x\r\n', { a: 1, b: ['x'] }],
    ['a text of several lines that Windows ends', 'a: |\r\n  x\r\n  y\r\n', { a: 'x\ny\n' }],
    ['no newline at the end', 'a: 1', { a: 1 }],
    ['words of YAML 1.1 as texts', 'a: [no, yes, on, off, y, n]\n', { a: ['no', 'yes', 'on', 'off', 'y', 'n'] }],
    ['dates and base 60 as texts', 'a: 2026-11-22\nb: 190:20:30\n', { a: '2026-11-22', b: '190:20:30' }],
    ['the octal and hexadecimal numbers of the core schema', 'a: 0o17\nb: 0x1F\nc: 017\n', { a: 15, b: 31, c: 17 }],
    ['a merge key as a text', '<<: {b: 1}\n', { '<<': { b: 1 } }],
    ['keys like numbers as texts', '1: a\ntrue: b\n', { '1': 'a', true: 'b' }],
    ['a percent sign at a line of a text', 'a: |\n  x\n  %y\n', { a: 'x\n%y\n' }],
    [
      'large numbers that a double holds',
      'a: 100000000000000000000\nb: 1e300\nc: 0e0\nd: 0.1\n',
      { a: 1e20, b: 1e300, c: 0, d: 0.1 },
    ],
    ['an emoji as JSON writes it', 'a: "\\ud83d\\ude00"\n', { a: '😀' }],
    ['a word alone', 'word\n', 'word'],
    ['quotes that only look like a directive', 'a: "x\n  %YAML"\n', { a: 'x %YAML' }],
  ];
  test.each(read)('%s', (_, text, value) => expect(valueIn(text)).toEqual(value));

  test('negative zero', () => expect(Object.is((valueIn('a: -0.0\n') as { a: number }).a, -0)).toBe(true));

  test('a key called __proto__ is a key', () => {
    const value = valueIn('__proto__: {x: 1}\n') as object;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });
});

test('what the parser says of many brackets at one place is told once', () => {
  const faults = faultsOf(`a: ${'['.repeat(5000)}\n`);
  expect(faults[0]).toMatch(/nesting is deeper than 64 levels/);
  expect(new Set(faults).size).toBe(faults.length);
  expect(faults.length).toBeLessThan(5);
});

describe('what reading may cost', () => {
  const spaces = (length: number) => ' '.repeat(length);

  test('a file of exactly 16 MiB is read, one byte more is not', () => {
    const text = `a: 1 #${spaces(yamlLimit - 7)}\n`;
    expect(valueIn(text)).toEqual({ a: 1 });
    expect(faultsOf(`${text} `)).toEqual([
      `null:null the file has ${yamlLimit + 1} bytes; at most ${yamlLimit} are read`,
    ]);
  });

  // Each of these took the parser minutes or gigabytes before it was bounded.
  test.each([
    ['empty mappings', '{},'],
    ['comments', '#\n'],
    ['entries', '- a \n'],
    ['brackets', '[\n'],
    ['aliases', '- *a\n'],
    ['documents', '---\n'],
    ['questions', '? \n'],
  ])('16 MiB of %s are refused unread', (_, piece) => {
    expect(faultsOf(piece.repeat(yamlLimit / piece.length - 1))[0]).toMatch(/more than 200000 lines and entries/);
  });

  test('a hundred thousand keys are looked at once each', () => {
    const keys = Array.from({ length: 90_000 }, (_, index) => `k${index}: 1 `);
    expect(Object.keys(valueIn(`${keys.join('\n')}\n`) as object)).toHaveLength(90_000);
  });
});
