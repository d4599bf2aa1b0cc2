import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultMethod } from '../../src/differentiation/default-method.ts';
import { numeric } from '../../src/differentiation/numeric/numeric.ts';
import { readOptions } from '../../src/differentiation/registry.ts';
import { isAttested } from '../../src/domain/assessment.ts';
import type { DiffRequest, FileResult, RecordAtom } from '../../src/domain/generated/shapes.ts';
import { method as methodRule } from '../../src/domain/rules/method.ts';
import { compareRecords } from '../../src/flows/compare-records.ts';
import { methodRefusal, recompute } from '../../src/flows/recompute-results.ts';
import { diffOf, factsOf, recordOf as finished, ids } from '../domain/good-request.ts';

type Diff = DiffRequest['diff'];
const output = (path: string, digit: string) => ({ path, sha256: digit.repeat(64), size: 1, stored: true });
const recordOf = (id: string, outputs: readonly object[]) => ({ id, outputs }) as unknown as RecordAtom;
const from = recordOf('20260101T000000Z-aaaaaaaaaa', [output('both', '1'), output('equal', '3'), output('mine', '4')]);
const toward = recordOf('20260101T000000Z-bbbbbbbbbb', [
  output('both', '2'),
  output('equal', '3'),
  output('theirs', '5'),
]);
const one = (path: string, rest: Partial<FileResult>): FileResult => ({ path, same: false, identical: false, ...rest });
const mine = one('mine', { reason: "Only the requester's record has this file." });
const theirs = one('theirs', { reason: 'Only the targeted record has this file.' });
const equal = one('equal', { same: true, identical: true });
const honest = [one('both', { same: true, compared: 3 }), equal, mine, theirs];

const methods: readonly (readonly [string, Pick<Diff, 'method' | 'name' | 'options'>])[] = [
  ['visual', { method: 'visual', name: null, options: { same: true } }],
  ['command', { method: 'custom', name: 'command', options: { command: ['./x'], timeout: 600 } }],
  ['peak', { method: 'custom', name: 'peak', options: { anything: {} } }],
];
/** Nothing is read for a method that cannot be computed again. */
const read = async (): Promise<null> => {
  throw new Error('content was read');
};
const again = async (what: (typeof methods)[number][1], results: FileResult[]) =>
  (await recompute({ ...what, observation: null, results }, { record: from, read }, { record: toward, read }))
    .recomputation;

test.each(methods)('%s: what the requester says of files that only he can compare is his word', async (_, what) => {
  expect(await again(what, honest)).toMatchObject({ is: 'impossible' });
  expect(await again(what, [one('both', { reason: 'off' }), equal, mine, theirs])).toMatchObject({ is: 'impossible' });
});

test.each(methods)('%s: what anybody can tell is not', async (_, what) => {
  const [both] = honest as [FileResult];
  for (const [results, because] of [
    [[both, equal, mine], '3 files are compared, not 4'],
    [[both, equal, { ...mine, same: true }, theirs], 'mine: same is false'],
    [[both, { ...equal, same: false }, mine, theirs], 'equal: same is true'],
    [[both, { ...equal, identical: false }, mine, theirs], 'equal: identical is true'],
    [[{ ...both, identical: true }, equal, mine, theirs], 'both: identical is false'],
    [[both, equal, mine, { ...theirs, path: 'other' }], 'other is an output of neither record'],
    [[both, both, equal, mine], 'a path stands in them twice'],
  ] as const) {
    expect(await again(what, [...results])).toEqual({ is: 'different', because: expect.stringContaining(because) });
  }
});

test.each(methods)('%s: of files that are all byte-equal anybody can tell', async (_, what) => {
  const same = (id: string) => ({ record: recordOf(id, [output('equal', '3')]), read });
  const diff = { ...what, observation: null, results: [equal] };
  expect(await recompute(diff, same(from.id), same(toward.id))).toEqual({
    recomputation: { is: 'equal' },
    outputs: null,
  });
});

test('a method of the requester alone needs the list of the target, and keeps to its caps', () => {
  const refusal = (compare: Parameters<typeof methodRefusal>[1], options = {}) =>
    methodRefusal({ method: 'custom', name: 'peak', options, observation: null, results: [] }, compare);
  expect(refusal(undefined)).toMatch(/no method "peak" here/);
  expect(refusal({ rtol: { max: 1 } })).toMatch(/no method "peak" here/);
  expect(refusal({ methods: ['default'] })).toMatch(/no method "peak" here/);
  for (const entry of ['@lab/peak', 'peak', 'custom']) expect(refusal({ methods: [entry] })).toBeNull();
  const capped = { methods: ['peak'], window: { max: 0.5 } };
  expect(refusal(capped, { window: 0.5 })).toBeNull();
  expect(refusal(capped, { window: 0.6 })).toMatch(/window is 0.6; the project allows at most 0.5/);
});

test('a program needs no list, and may be forbidden', () => {
  const refusal = (compare: Parameters<typeof methodRefusal>[1], options: object = { command: ['./x'] }) =>
    methodRefusal({ method: 'custom', name: 'command', options, observation: null, results: [] } as Diff, compare);
  expect(refusal(undefined)).toBeNull();
  expect(refusal({ methods: ['default', 'visual'] })).toMatch(/does not allow the method command/);
  expect(refusal(undefined, {})).toMatch(/names no program/);
  expect(refusal({ command: { max: 0 } })).toMatch(/command has 1 entries; the project allows at most 0/);
});

describe('whose word it is, is one answer for the rule and for the assessment', () => {
  const beyond = 65 * 1024 ** 2;
  /** One path on both sides: what differs, whether it is stored, whether it is more than is ever read. */
  const output = fc.record({
    path: fc.constantFrom('a', 'b', 'c'),
    same: fc.boolean(),
    size: fc.constantFrom(1, beyond),
    stored: fc.boolean(),
    side: fc.constantFrom('both', 'both', 'from', 'toward'),
  });
  const outputs = fc.uniqueArray(output, { selector: ({ path }) => path, minLength: 1 });
  /** What else a requester may say than what he was told: that it is over the budget, that it is not, another number. */
  const tamper = fc.constantFrom<Partial<FileResult>[]>([], [{ exact: false }], [{ exact: true }], [{ distance: 7 }]);
  const read = async (path: string) => Buffer.from(path.includes(ids.from) ? '1' : '2');

  test('of any pair', async () => {
    const counted = { attested: 0, holds: 0, unknown: 0, broken: 0 };
    await fc.assert(
      fc.asyncProperty(outputs, tamper, fc.constantFrom(defaultMethod, numeric), async (files, changes, method) => {
        const side = (id: string, other: 'from' | 'toward', digit: string) =>
          finished(id, {
            outputs: files
              .filter(one => one.side !== other)
              .map(({ path, same, size, stored }) => ({ path, size, stored, sha256: (same ? '0' : digit).repeat(64) }))
              .sort((one, two) => (one.path < two.path ? -1 : 1)),
          });
        const [from, toward] = [side(ids.from, 'toward', '1'), side(ids.toward, 'from', '2')];
        if (from.outputs.length === 0 || toward.outputs.length === 0) return;
        const options = readOptions(method, {});
        const { comparison } = await compareRecords(from, toward, read, read, method, options);
        const results = comparison.files.map((file, index) =>
          index === 0 && !file.identical ? Object.assign({ ...file }, ...changes) : file,
        ) as FileResult[];
        const diff = diffOf({
          diff: { method: method.word, name: method.name, options, observation: null, results },
        });
        const { recomputation } = await recompute(diff.diff, { record: from, read }, { record: toward, read });
        const { is } = methodRule.check(factsOf({ recomputation }, from, toward, diff));
        counted[is] += 1;
        if (changes.length === 0) expect(['holds', 'attested']).toContain(is);
        if (is === 'holds' || is === 'attested') expect(isAttested(diff.diff, from, toward)).toBe(is === 'attested');
      }),
      { numRuns: 400 },
    );
    for (const times of Object.values(counted)) expect(times).toBeGreaterThan(0);
  });

  const record = (id: string, digit: string, size: number) =>
    finished(id, { outputs: [{ path: 'x', sha256: digit.repeat(64), size, stored: true }] });
  const says = async (size: number, result: Partial<FileResult>, computes = true) => {
    const [from, toward] = [record(ids.from, '1', size), record(ids.toward, '2', size)];
    const diff = { ...diffOf().diff, options: readOptions(defaultMethod, {}), results: [one('x', result)] };
    return (await recompute(diff, { record: from, read }, { record: toward, read }, computes)).recomputation;
  };

  test('what took too long here is its word only where it says that it is over the budget', async () => {
    expect(await says(1, { distance: 1, exact: true, similarity: 0 }, false)).toMatchObject({ is: 'unable' });
    expect(await says(1, { exact: false }, false)).toMatchObject({ is: 'impossible' });
  });

  test('what is over the budget must say so, or nobody may answer', async () => {
    expect(await says(beyond, { exact: false })).toMatchObject({ is: 'impossible' });
    expect(await says(beyond, { distance: 3, exact: true })).toMatchObject({
      is: 'unable',
      because: expect.stringContaining('exact: false'),
    });
    expect(await says(beyond, {})).toMatchObject({ is: 'unable' });
  });

  test('what says so while it can be computed is not contradicted', async () => {
    expect(await says(1, { exact: false, lower: 0, upper: 5 })).toMatchObject({ is: 'impossible' });
    expect(await says(1, { exact: false, lower: 2, upper: 5 })).toMatchObject({ is: 'different' });
    expect(await says(1, { exact: false, same: true })).toMatchObject({ is: 'different' });
  });
});
