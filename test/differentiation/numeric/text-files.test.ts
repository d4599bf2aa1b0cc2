import { describe, expect, test } from 'vitest';
import { compareNumeric } from './compare-numeric.ts';

const same = { same: true, differing: 0 };

describe('numbers inside text', () => {
  test('are compared as a scientist means them, whatever their spelling and the white space', async () => {
    expect(await compareNumeric('run.log', 'step=10 energy=-1.2345D+03\n', 'step=10  energy=-1234.5\r\n')).toEqual({
      same: true,
      compared: 2,
      differing: 0,
      max_abs: 0,
      max_rel: 0,
      worst: null,
      first: null,
      passes_with: { rtol: 0 },
    });
  });

  test('leave a scientist knowing where they differ and what would pass', async () => {
    const result = await compareNumeric('run.log', 'start\nE = -1.5 eV, T = 300K\n', 'start\nE = -1.6 eV, T = 300K\n');
    expect(result).toMatchObject({
      same: false,
      compared: 2,
      differing: 1,
      worst: { at: 'line 2, number 1', from: -1.5, toward: -1.6 },
      first: { at: 'line 2, number 1', from: -1.5, toward: -1.6 },
    });
    expect(result.max_rel).toBeCloseTo(0.0625, 12);
    expect(result.passes_with).toEqual({ rtol: 0.06251 });
  });

  test.each([
    ['the words between them', 'E=1.5 ok', 'E=1.5 failed'],
    ['a unit', 'T 300K', 'T 300C'],
    ['a number that one side lacks', 'a=1 b=2', 'a=1 b=x'],
    ['another line', 'a=1\nb=2', 'a=1\nb=2\nc=3'],
    ['a line that is broken elsewhere', 'a=1\nb=2 c=3', 'a=1 b=2\nc=3'],
    ['a date, whatever the tolerance', 'on 2026-11-22', 'on 2026-11-23'],
    ['a time', 'at 10:00:01', 'at 10:00:02'],
    ['a version', 'v 1.2.3', 'v 1.2.4'],
    ['a hash', 'tree 3fa2b', 'tree 4fa2b'],
    ['a hexadecimal number', 'mask 0x10', 'mask 0x11'],
    ['thousands', 'sum 1,234', 'sum 1,235'],
    ['a decimal comma', 'x=1,5', 'x=1,6'],
    ['a name with a digit', 'H2 x=1', 'H3 x=1'],
    [
      'bytes that are not UTF-8',
      Buffer.from([0x78, 0x3d, 0x31, 0x20, 0xe9]),
      Buffer.from([0x78, 0x3d, 0x31, 0x20, 0xe8]),
    ],
  ])('differ in %s', async (_, from, toward) => {
    const result = await compareNumeric('run.log', from, toward, { rtol: 0.5 });
    expect(result.same).toBe(false);
    expect(result.passes_with).toBeNull();
    expect(result.reason).toBeTruthy();
  });

  test.each([
    ['pairs in brackets', '(1.0,2.0)', '(1.01,2.02)'],
    ['columns that ran together', 'x -12.345-103.456', 'x -12.346-103.457'],
    ['a percentage', 'done 12.5%', 'done 12.6%'],
    ['a number with a unit', 'took 10.5ms', 'took 10.6ms'],
    ['after a colon', 'energy:-1.5', 'energy:-1.51'],
    ['at the end of a sentence', 'it is 1.5.', 'it is 1.51.'],
    ['three digits of an exponent without a letter', 'x= 1.0-103', 'x= 1.01E-103'],
  ])('are numbers in %s', async (_, from, toward) => {
    expect(await compareNumeric('run.log', from, toward)).toMatchObject({ same: false });
    expect(await compareNumeric('run.log', from, toward, { rtol: 0.05 })).toMatchObject(same);
  });
});

describe('whitespace tables', () => {
  test('name row and column', async () => {
    const from = '# step energy\n0 1.0\n1 2.0\n2 3.0\n';
    const toward = '# step energy\n0 1\n1 2.5\n2 3.00001e0\n';
    expect(await compareNumeric('t.dat', from, toward)).toMatchObject({
      same: false,
      compared: 6,
      differing: 2,
      max_abs: 0.5,
      max_rel: 0.2,
      worst: { at: 'row 2, column energy', from: 2, toward: 2.5 },
      first: { at: 'row 2, column energy', from: 2, toward: 2.5 },
      passes_with: { rtol: 0.2 },
    });
  });

  test('number the columns that have no name', async () => {
    expect(await compareNumeric('t.dat', '1 2\n3 4\n', '1 2\n3 5\n')).toMatchObject({
      first: { at: 'row 2, column 2', from: 4, toward: 5 },
    });
  });

  test('take names from a first line of words, and leave comments aside', async () => {
    const from = '# made at noon, 12:00\n x y\n1 2 # first\n3 4\n';
    const toward = '# made later, 13:00\nx y\n1 2\n3 4\n';
    expect(await compareNumeric('t.dat', from, toward)).toMatchObject({ ...same, compared: 4 });
    expect(await compareNumeric('t.dat', from, toward.replace('x y', 'x z'))).toMatchObject({
      same: false,
      reason: 'column 2 is y toward z',
      passes_with: null,
    });
  });

  test.each([
    ['rows', '1 2\n3 4\n', '1 2\n3 4\n5 6\n', '2 rows toward 3'],
    ['columns', '1 2\n3 4\n', '1 2 3\n3 4 5\n', '2 columns toward 3'],
    ['nothing at all', '', '1 2\n', '0 lines toward 1, empty ones aside'],
  ])('are never the same with other %s', async (_, from, toward, reason) => {
    expect(await compareNumeric('t.dat', from, toward, { rtol: 1e9, atol: 1e9 })).toMatchObject({
      same: false,
      passes_with: null,
      reason,
    });
  });

  test('know infinities, NaN and signed zeros', async () => {
    const from = 'nan inf -Infinity 0.0\n';
    expect(await compareNumeric('t.dat', from, 'NaN +Inf -inf -0\n')).toMatchObject(same);
    expect(await compareNumeric('t.dat', from, 'NaN +Inf -inf -0\n', { equal_nan: false })).toMatchObject({
      same: false,
      max_abs: 'nan',
      passes_with: null,
    });
    expect(await compareNumeric('t.dat', 'inf\n', '-inf\n', { rtol: 10, atol: 1e300 })).toMatchObject({
      same: false,
      max_abs: 'inf',
      worst: { from: 'inf', toward: '-inf' },
    });
    expect(await compareNumeric('t.dat', '1\n', 'nan\n')).toMatchObject({
      same: false,
      first: { from: 1, toward: 'nan' },
    });
  });

  test('compare whole numbers beyond 2^53 exactly', async () => {
    expect(await compareNumeric('t.dat', '9007199254740993\n', '9007199254740992\n')).toMatchObject({
      same: false,
      max_abs: 1,
      worst: { from: '9007199254740993', toward: '9007199254740992' },
      passes_with: null,
      reason: 'whole numbers beyond 2^53 are compared exactly',
    });
    expect(await compareNumeric('t.dat', '+009007199254740993\n', '9007199254740993\n')).toMatchObject(same);
    expect(await compareNumeric('t.dat', '1e20\n', '100000000000000000000\n')).toMatchObject(same);
  });

  test('read a byte order mark and UTF-16 as what they are', async () => {
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('1 2\n3 4\n', 'utf16le')]);
    expect(await compareNumeric('t.dat', utf16, '\u{feff}1 2\n3 4\n')).toMatchObject({ ...same, compared: 4 });
  });

  test('with a line that is none are text, compared up to it', async () => {
    expect(await compareNumeric('t.dat', '1 2\n3 4\n', '1 2\n3 4\nERROR: diverged at 5\n')).toMatchObject({
      same: false,
      compared: 4,
      reason: '2 lines toward 3, empty ones aside',
    });
  });
});

describe('CSV', () => {
  test('has a header, quotes and words', async () => {
    const from = 'name,"e, total"\n"a ""b""",1.0\nc,"2.5"\n';
    expect(await compareNumeric('t.csv', from, from.replace('2.5', '2.75'))).toMatchObject({
      same: false,
      compared: 4,
      differing: 1,
      first: { at: 'row 2, column e, total', from: 2.5, toward: 2.75 },
    });
    expect(await compareNumeric('t.csv', from, from.replace('""b""', '""d""'))).toMatchObject({
      same: false,
      first: { at: 'row 1, column name', from: 'a "b"', toward: 'a "d"' },
    });
  });

  test('keeps an empty cell apart from 0 and from NaN', async () => {
    expect(await compareNumeric('t.csv', 'a,b\n1,\n', 'a,b\n1,0\n')).toMatchObject({ same: false, differing: 1 });
    expect(await compareNumeric('t.csv', 'a,b\n1,\n', 'a,b\n1,nan\n')).toMatchObject({ same: false, differing: 1 });
    expect(await compareNumeric('t.csv', 'a,b\n1,\n', 'a,b\n1.0,""')).toMatchObject(same);
  });

  test.each([
    ['tabs', 'a\tb\n1\t2\n', 'a\tb\n1\t2.5\n'],
    ['semicolons beside decimal commas', 'a;b\n1,5;2\n', 'a;b\n1,5;2.5\n'],
    ['commas, with numpy.savetxt’s header', '# a,b\n1.0,2.0\n', '# a,b\n1.0,2.5\n'],
  ])('may have %s', async (_, from, toward) => {
    expect(await compareNumeric('t.txt', from, toward)).toMatchObject({
      same: false,
      differing: 1,
      first: { at: 'row 1, column b', from: 2, toward: 2.5 },
    });
  });
});

describe('JSON and YAML', () => {
  test('are compared by value, key order aside', async () => {
    const from = '{"run": {"steps": [{"e": 1.0}, {"e": 2}]}, "ok": true, "name": "a", "none": null, "l": []}';
    const toward = '{"name": "a", "ok": true, "l": [], "none": null, "run": {"steps": [{"e": 1}, {"e": 2.0}]}}';
    expect(await compareNumeric('r.json', from, toward)).toMatchObject(same);
    expect(await compareNumeric('r.json', from, toward.replace('2.0', '2.5'))).toMatchObject({
      same: false,
      first: { at: '/run/steps/1/e', from: 2, toward: 2.5 },
      passes_with: { rtol: 0.2 },
    });
    expect(await compareNumeric('r.json', from, toward.replace('true', 'false'))).toMatchObject({
      same: false,
      first: { at: '/ok', from: true, toward: false },
      passes_with: null,
    });
  });

  test.each([
    ['a list of another length', '[1, 2]', '[1, 2, 3]'],
    ['a list split otherwise', '[[1], [2, 3]]', '[[1, 2], [3]]'],
    ['another key', '{"a": 1}', '{"b": 1}'],
    ['an empty list in place of an empty object', '{"a": []}', '{"a": {}}'],
    ['a number in quotes', '[1]', '["1"]'],
    ['null in place of 0', '[0]', '[null]'],
    ['true in place of 1', '[1]', '[true]'],
    ['a whole number beyond 2^53', '[9007199254740993]', '[9007199254740992]'],
    ['an object in place of a list', '{"a": {"0": 1}}', '{"a": [1]}'],
  ])('differ in %s, whatever the tolerance', async (_, from, toward) => {
    for (const path of ['r.json', 'r.yaml']) {
      expect(await compareNumeric(path, from, toward, { rtol: 100, atol: 100 })).toMatchObject({
        same: false,
        passes_with: null,
      });
    }
  });

  test('as JSON know Python’s NaN and Infinity, and lines', async () => {
    expect(await compareNumeric('r.json', '[NaN, -Infinity]', '[NaN, -Infinity ]')).toMatchObject(same);
    expect(await compareNumeric('r.jsonl', '{"e": 1}\n{"e": 2}\n', '{"e": 1}\n{"e": 3}\n')).toMatchObject({
      first: { at: '/1/e', from: 2, toward: 3 },
    });
  });

  test('as YAML read what the core schema reads, aliases and Fortran too', async () => {
    const from = 'a: &x {e: 1.0D+03, ok: yes}\nb: *x\nc: [.nan, -.inf]\n';
    const toward = '%YAML 1.1\n---\nb: {ok: "yes", e: 1000}\na: {ok: yes, e: 1e3}\nc: [.NaN, -.Inf]\n';
    expect(await compareNumeric('r.yml', from, toward)).toMatchObject(same);
    expect(await compareNumeric('r.yml', from, toward.replace('1e3', '1001'))).toMatchObject({
      first: { at: '/a/e', from: 1000, toward: 1001 },
    });
  });
});

test('another kind of file is never the same', async () => {
  expect(await compareNumeric('r', '{"a": 1}', '1\n')).toEqual({
    same: false,
    passes_with: null,
    reason: 'from is JSON, toward is a table',
  });
});
