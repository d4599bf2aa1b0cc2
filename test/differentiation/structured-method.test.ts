import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { readOptions } from '../../src/differentiation/registry.ts';
import { asWritten, exactDecimal } from '../../src/differentiation/structured/structured-value.ts';
import { structuredMethod } from '../../src/differentiation/structured-method.ts';
import { validFileResult } from './valid-file-result.ts';

const budget = { bytes: 1e9, steps: 1e8 };

async function compare(path: string, from: string | Uint8Array, toward: string, ignore: string[] = []) {
  const bytes = (text: string | Uint8Array) => (typeof text === 'string' ? new TextEncoder().encode(text) : text);
  const options = readOptions(structuredMethod, { ignore });
  const result = await structuredMethod.compare(path, bytes(from), bytes(toward), options, budget);
  validFileResult(result);
  return result;
}

const json = (from: string | Uint8Array, toward: string, ignore?: string[]) => compare('a.json', from, toward, ignore);
const yaml = (from: string, toward: string, ignore?: string[]) => compare('a.yaml', from, toward, ignore);

describe('the structured method', () => {
  test('leaves the order of keys, blanks and the spelling of numbers aside', async () => {
    expect(await json('{"a":1,"b":[1.50,true,null,"x"]}', '{ "b": [15e-1, true, null, "\\u0078"], "a": 1.0 }')).toEqual(
      expect.objectContaining({ same: true, compared: 5, differing: 0, first: null }),
    );
    expect(
      await yaml('a: 1\nb: [x, 0x10, .inf, .nan, ~]\n', 'b:\n- "x"\n- 16\n- .Inf\n- .NaN\n- null\na: 1.0\n'),
    ).toMatchObject({
      same: true,
    });
  });

  test('tells values, types and the order of lists apart', async () => {
    expect(await json('{"a":[1,2]}', '{"a":[2,1]}')).toMatchObject({
      same: false,
      compared: 2,
      differing: 2,
      first: { at: '/a/0', from: 1, toward: 2 },
    });
    expect(await json('["1",true,null,0]', '[1,"true","null",false]')).toMatchObject({ differing: 4 });
    expect(await json('{"a/b":{"~":1}}', '{"a/b":{"~":[]}}')).toMatchObject({
      first: { at: '/a~1b/~0', from: 1, toward: '[list of 0]' },
    });
    expect(await json('{"a":1}', '{"b":1}')).toMatchObject({
      differing: 2,
      first: { at: '/a', from: 1, toward: '(missing)' },
    });
    expect(await json('{}', '[]')).toMatchObject({ same: false });
    expect(await json('{"__proto__":1}', '{"__proto__":2}')).toMatchObject({ differing: 1 });
    expect(await yaml('1: a', '"1": a')).toMatchObject({ same: false });
  });

  test('compares numbers exactly, whatever their size', async () => {
    expect(await json('9007199254740993', '9007199254740992')).toMatchObject({
      same: false,
      first: { from: '9007199254740993', toward: 9007199254740992 },
    });
    expect(await yaml('9007199254740993', '9007199254740992')).toMatchObject({ same: false });
    expect(await json('0.1', '0.1000000000000000055511151231257827')).toMatchObject({ same: false });
    expect(await json('1e400', '1e401')).toMatchObject({ same: false });
    expect(await json('1e999999999999999999', '10e999999999999999998')).toMatchObject({ same: true });
    expect(await json('-0', '0.0')).toMatchObject({ same: true });
  });

  test('has one spelling for each number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.nat(5), (number, zeros) => {
        const text = String(number);
        const exact = exactDecimal(text);
        expect(asWritten(exact)).toBe(number === 0 ? 0 : number);
        expect(exactDecimal(number.toExponential())).toBe(exact);
        if (text.includes('.') && !text.includes('e')) expect(exactDecimal(text + '0'.repeat(zeros))).toBe(exact);
      }),
    );
    expect(new Set(['1', '1.0', '1e0', '10e-1', '+1', '0.1E+1', '.1e1', '1.'].map(exactDecimal))).toEqual(
      new Set(['1e0']),
    );
  });

  test('reads any value back as JSON and as YAML, and sees one change', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async value => {
        const compact = JSON.stringify(value);
        expect(await json(compact, JSON.stringify(value, null, 2))).toMatchObject({ same: true });
        expect(await yaml(stringify(value), compact)).toMatchObject({ same: true });
        expect(await json(JSON.stringify([value, 1]), JSON.stringify([value, 2]))).toMatchObject({ differing: 1 });
      }),
      { numRuns: 200 },
    );
  });

  test('leaves ignored paths out, by pointer and by dotted path', async () => {
    const from = '{"runs":[{"host":"a","x":1},{"host":"b","x":1}],"date":{"now":1}}';
    const toward = '{"runs":[{"host":"c","x":1},{"x":1}],"date":2}';
    expect(await json(from, toward)).toMatchObject({ differing: 3 });
    expect(await json(from, toward, ['runs.*.host', 'date'])).toMatchObject({ same: true, compared: 2 });
    expect(await json(from, toward, ['/runs/0/host', '/date'])).toMatchObject({
      differing: 1,
      first: { at: '/runs/1/host', from: 'b', toward: '(missing)' },
    });
    expect(await json('{"a/b":1}', '{"a/b":2}', ['/a~1b'])).toMatchObject({ same: true });
    expect(await json('{"*":1,"b":1}', '{"*":2,"b":2}', ['/*'])).toMatchObject({ differing: 1 });
    for (const path of ['a..b', '', '/a~2'])
      expect(() => readOptions(structuredMethod, { ignore: [path] })).toThrow(/option|ignore/);
  });

  test('reads JSON Lines, several YAML documents, and JSON by its looks', async () => {
    expect(await compare('log.jsonl', '{"a":1}\n\n{"b":2}\n', '{"a":1.0}\r\n{"b":2}')).toMatchObject({ same: true });
    expect(await compare('log.jsonl', '{"a":1}\n{', '{}')).toMatchObject({ reason: expect.stringMatching(/line 2/) });
    expect(await yaml('a: 1\n---\nb: 2\n', '---\na: 1\n---\nb: 3\n')).toMatchObject({ first: { at: '/1/b' } });
    expect(await compare('result', ' {"a":1}', '{"a": 1}')).toMatchObject({ same: true });
    expect(await compare('result', 'a: 1', 'a: 1 ')).toMatchObject({
      same: false,
      reason: expect.stringMatching(/\.json/),
    });
  });

  test('takes an alias for what it names', async () => {
    expect(await yaml('a: &x [1, 2]\nb: *x\n', 'a: [1, 2]\nb: [1, 2]\n')).toMatchObject({ same: true, compared: 4 });
    expect(await yaml('a: &x [1, 2]\nb: *x\n', 'a: [1, 2]\nb: [1, 3]\n')).toMatchObject({ differing: 1 });
  });

  test.each([
    ['a directive', 'a.yaml', '%YAML 1.1\n---\na: no\n', /directive/],
    ['a tag directive', 'a.yaml', '%TAG ! tag:x,2000:\n---\na: no\n', /directive/],
    ['a later directive', 'a.yaml', 'a: 1\n...\n%YAML 1.1\n---\nb: no\n', /directive/],
    ['a tag', 'a.yaml', 'a: !!str 1\n', /tag/],
    ['a tag of its own', 'a.yaml', 'a: !python/object:x {}\n', /tag/],
    ['a key that stands twice', 'a.yaml', 'a: 1\na: 2\n', /twice/],
    ['a key that stands twice in JSON', 'a.json', '{"a":1,"a":1}', /twice/],
    ['a list as a key', 'a.yaml', '[1]: 2\n', /key is a list/],
    ['an alias of itself', 'a.yaml', 'a: &a [*a]\n', /alias/],
    ['an alias of nothing', 'a.yaml', 'a: *a\n', /alias/i],
    ['deep YAML', 'a.yaml', '['.repeat(3000), /nested deeper/],
    ['deep block YAML', 'a.yaml', '- '.repeat(3000), /nested deeper/],
    ['deep JSON', 'a.json', '{"a":'.repeat(100_000), /nested deeper/],
    ['deep JSON Lines', 'a.jsonl', '['.repeat(100_000), /nested deeper/],
    ['long YAML', 'a.yaml', `a: ${'x'.repeat(1024 * 1024)}`, /not read/],
    ['a long exponent', 'a.json', `1e${'9'.repeat(1000)}`, /exponent/],
    ['a long hexadecimal number', 'a.yaml', `0x${'f'.repeat(100_000)}`, /digits/],
    ['a comma too many', 'a.json', '[1,]', /line 1, column 4/],
    ['no value', 'a.json', '', /no value/],
    ['more than one value', 'a.json', '1 2', /follows/],
    ['a control character', 'a.json', '"\n"', /control/],
    ['an escape that there is not', 'a.json', '"\\x"', /escape/],
    ['a text without an end', 'a.json', '"abc\\', /no end/],
    ['a number that JSON has not', 'a.json', '[01]', /neither a comma/],
    ['bytes that are no text', 'a.json', new Uint8Array([0x22, 0xff, 0x22]), /not UTF-8/],
  ])('says that it cannot read %s', async (_what, path, from, reason) => {
    const result = await compare(path, from, 'null');
    expect(result.same).toBe(false);
    expect(result.reason).toMatch(/^The requester's file/);
    expect(result.reason).toMatch(reason);
    expect(result.reason!.length).toBeLessThan(1000);
  });

  test('stops at the budget in a nest of aliases, and does not call it the same', async () => {
    let bomb = 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n';
    for (let i = 1; i < 12; i++)
      bomb += `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]\n`;
    const result = await yaml(bomb, `${bomb}# another\n`);
    expect(result).toMatchObject({ same: false, differing: 0 });
    expect(result.unsettled).toMatch(/budget/);
  });

  test('stops where aliases nest too deep', async () => {
    let chain = 'a0: &a0 [x]\n';
    for (let i = 1; i < 400; i++) chain += `a${i}: &a${i} [*a${i - 1}]\n`;
    expect((await yaml(chain, `${chain}z: 1\n`)).reason).toMatch(/nested deeper/);
  });
});
