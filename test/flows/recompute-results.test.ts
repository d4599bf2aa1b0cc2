import { expect, test } from 'vitest';
import type { DiffRequest, FileResult, RecordAtom } from '../../src/domain/generated/shapes.ts';
import { methodRefusal, recompute } from '../../src/flows/recompute-results.ts';

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
