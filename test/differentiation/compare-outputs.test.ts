import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { compareOutputs, type ListedFile } from '../../src/differentiation/compare-outputs.ts';
import { defaultMethod } from '../../src/differentiation/default-method.ts';
import type { Method, Sides, Together } from '../../src/differentiation/method.ts';
import { readOptions } from '../../src/differentiation/registry.ts';
import { structuredMethod } from '../../src/differentiation/structured-method.ts';
import { visualMethod } from '../../src/differentiation/visual-method.ts';
import { Problem } from '../../src/domain/problem.ts';
import { validFileResult } from './valid-file-result.ts';

const budget = { bytes: 1e6, totalBytes: 1e7, steps: 1e9 };

/** Files by path; what begins with `unstored:` has no content to be had. */
function listing(files: { [path: string]: string }): ListedFile[] {
  return Object.entries(files).map(([path, text]) => {
    const bytes = new TextEncoder().encode(text);
    return {
      path,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      size: bytes.length,
      read: () => (text.startsWith('unstored:') ? null : Promise.resolve(bytes)),
    };
  });
}

async function compare(
  from: { [path: string]: string },
  toward: { [path: string]: string },
  method: Method = defaultMethod,
  given: { [name: string]: unknown } = {},
  within = budget,
  rest?: () => Promise<void>,
) {
  const result = await compareOutputs(listing(from), listing(toward), method, readOptions(method, given), within, rest);
  for (const file of result.files) validFileResult(file);
  return result;
}

test('outputs are compared over the union of both sides, sorted by path', async () => {
  const result = await compare(
    { 'b.txt': 'one', 'B.txt': 'same', 'only-from': 'x', 'a/z': 'same' },
    { 'only-toward': 'y', 'a/z': 'same', 'b.txt': 'two', 'B.txt': 'same' },
  );
  expect(result).toEqual({
    same: false,
    missing: ['only-toward'],
    extra: ['only-from'],
    unsettled: [],
    failed: null,
    files: [
      { path: 'B.txt', same: true, identical: true, distance: 0, exact: true, similarity: 1 },
      { path: 'a/z', same: true, identical: true, distance: 0, exact: true, similarity: 1 },
      {
        path: 'b.txt',
        same: false,
        identical: false,
        distance: 3,
        exact: true,
        similarity: 0,
        first: { at: '1:1', from: 'one', toward: 'two' },
      },
      { path: 'only-from', same: false, identical: false, reason: "Only the requester's record has this file." },
      { path: 'only-toward', same: false, identical: false, reason: 'Only the targeted record has this file.' },
    ],
  });
});

test('outputs are the same when each file is', async () => {
  expect(await compare({ a: 'x', b: 'y' }, { a: 'x', b: 'z' }, defaultMethod, { max_distance: 1 })).toMatchObject({
    same: true,
    missing: [],
    extra: [],
  });
  expect(await compare({ 'a.json': '{"a":1,"b":2}' }, { 'a.json': '{"b":2,"a":1}' }, structuredMethod)).toMatchObject({
    same: true,
    files: [{ same: true, identical: false, compared: 2 }],
  });
});

test.each([defaultMethod, visualMethod, structuredMethod])(
  'byte-equal files are the same without being read, a file on one side is different ($word $name)',
  async method => {
    const equal = await compare({ a: 'unstored: x' }, { a: 'unstored: x' }, method);
    expect(equal).toMatchObject({ same: true, unsettled: [], files: [{ same: true, identical: true }] });
    const options = method === visualMethod ? { same: true } : {};
    const apart = await compare({ a: 'x' }, { a: 'x', b: 'x' }, method, options);
    expect(apart).toMatchObject({ same: false, missing: ['b'], unsettled: [] });
  },
);

test('content that is not to be had is not the same, and said', async () => {
  const result = await compare({ a: 'unstored: x', b: 'x' }, { a: 'y', b: 'unstored: z' });
  expect(result.same).toBe(false);
  expect(result.files.map(file => [file.same, file.reason])).toEqual([
    [false, "The bytes differ, and the content of the requester's file is not to be had."],
    [false, 'The bytes differ, and the content of the targeted file is not to be had.'],
  ]);
  expect(result.unsettled.map(({ path }) => path)).toEqual(['a', 'b']);
});

test('what a person observed rests on his word', async () => {
  const result = await compare({ a: 'x', b: 'x' }, { a: 'y', b: 'x' }, visualMethod, { same: true });
  expect(result.same).toBe(true);
  expect(result.unsettled).toEqual([{ path: 'a', because: expect.stringMatching(/observed/) }]);
});

test('a file larger than what is read, and files beyond what is read in all, are not the same', async () => {
  const [one, two] = ['x'.repeat(100), 'y'.repeat(100)];
  const large = await compare({ a: one }, { a: two }, defaultMethod, { max_distance: 1e6 }, { ...budget, bytes: 99 });
  expect(large).toMatchObject({
    same: false,
    unsettled: [{ path: 'a', because: expect.stringMatching(/larger than the 99/) }],
  });
  expect(large.files).toMatchObject([{ exact: false }]);
  const many = await compare({ a: one, b: one }, { a: two, b: two }, defaultMethod, {}, { ...budget, totalBytes: 250 });
  expect(many.files.map(file => file.distance)).toEqual([100, undefined]);
  expect(many.files.map(file => file.exact)).toEqual([true, false]);
  expect(many.unsettled.map(({ path }) => path)).toEqual(['b']);
});

test('a hard file leaves the others their part of the steps', async () => {
  const digits = (seed: number) => Array.from({ length: 5000 }, (_, i) => ((i * seed) % 9973) % 7).join('');
  const text = 'z'.repeat(5000);
  const result = await compare(
    { hard: digits(7919), later: text },
    { hard: digits(6841), later: `y${text.slice(2)}y` },
    defaultMethod,
    {},
    { ...budget, steps: 100_000 },
  );
  expect(result.files[0]).toMatchObject({ path: 'hard', same: false, distance: null, exact: false });
  expect(result.files[1]).toMatchObject({ path: 'later', distance: 2, exact: true });
  expect(result.unsettled.map(({ path }) => path)).toEqual(['hard']);
});

test('a method that fails gives no verdict, and its own refusal is passed on', async () => {
  const failing = (error: Error): Method => ({
    ...defaultMethod,
    compare: () => Promise.reject(error),
  });
  const result = await compare({ a: 'x' }, { a: 'y' }, failing(new RangeError('Invalid array length')));
  expect(result).toMatchObject({
    same: false,
    unsettled: [{ path: 'a', because: expect.stringMatching(/Invalid array/) }],
  });
  await expect(compare({ a: 'x' }, { a: 'y' }, failing(new Problem('USAGE', 'no')))).rejects.toThrow('no');
});

test('a method that is over the budget says so in the result, whichever it is', async () => {
  const texts = [1, 2].map(last => JSON.stringify(Array.from({ length: 999 }, (_, index) => index + last)));
  const files = texts.map(text => ({ 'a.json': text! }));
  const result = await compare(files[0]!, files[1]!, structuredMethod, {}, { ...budget, steps: 10 });
  expect(result.files).toMatchObject([{ same: false, exact: false, reason: expect.stringMatching(/budget ended/) }]);
});

test('what this machine cannot tell gives no verdict', async () => {
  const method: Method = { ...defaultMethod, compare: async () => ({ same: false, failed: 'a package is missing' }) };
  const result = await compare({ a: 'x' }, { a: 'y' }, method);
  expect(result).toMatchObject({ same: false, failed: 'a package is missing', unsettled: [{ path: 'a' }] });
});

test('nothing on both sides is no sameness', async () => {
  await expect(compare({}, {})).rejects.toMatchObject({ code: 'REFUSED' });
});

test('between two files it rests, so that others can be served', async () => {
  const events: string[] = [];
  const method: Method = {
    ...defaultMethod,
    compare: async path => {
      events.push(path);
      return { same: false };
    },
  };
  await compare({ a: '1', b: '1', c: '1' }, { a: '2', b: '2', c: '1' }, method, {}, budget, async () => {
    events.push('rest');
  });
  expect(events).toEqual(['a', 'rest', 'b', 'rest']);
});

describe('a method that looks at all files at once', () => {
  const asked: { sides: Sides; paths: readonly string[] }[] = [];
  const method = (answer: Together): Method => ({
    ...structuredMethod,
    repeatable: false,
    compareTogether: async (sides, paths) => {
      asked.push({ sides, paths });
      return answer;
    },
  });
  const from = { 'a/one': 'x', equal: 'same', 'only-from': '1', kept: 'here', gone: 'unstored:x' };
  const toward = { 'a/one': 'y', equal: 'same', 'only-toward': '2', kept: 'unstored:y', gone: 'unstored:y' };

  test('is given what is to be had and answers for what differs', async () => {
    asked.length = 0;
    const result = await compare(from, toward, method(new Map([['a/one', { same: true, compared: 3 }]])));
    expect(asked).toHaveLength(1);
    expect(asked[0]!.paths).toEqual(['a/one']);
    expect([...asked[0]!.sides.from.keys()].sort()).toEqual(['a/one', 'equal', 'kept', 'only-from']);
    expect([...asked[0]!.sides.toward.keys()].sort()).toEqual(['a/one', 'equal', 'only-toward']);
    expect(new TextDecoder().decode(asked[0]!.sides.toward.get('a/one'))).toBe('y');
    expect(result.files).toMatchObject([
      { path: 'a/one', same: true, identical: false, compared: 3 },
      { path: 'equal', same: true, identical: true },
      { path: 'gone', same: false },
      { path: 'kept', same: false, reason: expect.stringContaining('the targeted file is not to be had') },
      { path: 'only-from', same: false },
      { path: 'only-toward', same: false },
    ]);
    expect(result.unsettled.map(({ path }) => path)).toEqual(['a/one', 'gone', 'kept']);
    expect(result.failed).toBeNull();
  });

  test('is not asked where nothing differs that could be given to it', async () => {
    asked.length = 0;
    expect(await compare({ a: '1', b: '1' }, { a: '1' }, method(new Map()))).toMatchObject({
      same: false,
      failed: null,
    });
    await compare({ a: 'unstored:1' }, { a: '2' }, method(new Map()));
    expect(asked).toEqual([]);
  });

  test('is given nothing over the budget but what differs', async () => {
    asked.length = 0;
    const files = { big: 'x'.repeat(100), small: 'x' };
    await compare({ ...files, a: '1' }, { ...files, a: '2' }, method(new Map()), {}, { ...budget, totalBytes: 100 });
    expect([...asked[0]!.sides.from.keys()].sort()).toEqual(['a', 'small']);
  });

  test.each([
    [{ failed: 'the program ended with exit code 3.' }, 'the program ended with exit code 3.'],
    [new Map(), 'the method says nothing of them.'],
  ])('that fails gives no verdict: %o', async (answer, because) => {
    const result = await compare({ a: '1' }, { a: '2' }, method(answer));
    expect(result).toMatchObject({ same: false, failed: because });
    expect(result.files[0]).toEqual({
      path: 'a',
      same: false,
      identical: false,
      reason: `The bytes differ, and ${because}`,
    });
    expect(result.unsettled).toHaveLength(1);
  });
});

test('half a surrogate pair in a value is replaced, so that a request can hold the result', async () => {
  const options = readOptions(structuredMethod, {});
  const [one, two] = ['{"a": "\\ud800"}', '{"a": "b"}'].map(text => listing({ 'x.json': text }));
  const { files } = await compareOutputs(one!, two!, structuredMethod, options, budget);
  expect(JSON.stringify(files)).toContain('\ufffd');
  expect(JSON.stringify(files)).not.toMatch(/\\ud800/i);
});
