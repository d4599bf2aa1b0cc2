import { expect, test } from 'vitest';
import { readAnswer } from '../../src/differentiation/read-answer.ts';
import { validFileResult } from './valid-file-result.ts';

const bytes = new Uint8Array();
const sides = {
  from: new Map(['a', 'b/c', 'equal', 'mine'].map(path => [path, bytes])),
  toward: new Map(['a', 'b/c', 'equal', 'theirs'].map(path => [path, bytes])),
};
const answer = (printed: unknown) => {
  const text = typeof printed === 'string' ? printed : JSON.stringify(printed);
  return readAnswer(new TextEncoder().encode(text), sides, ['a', 'b/c']);
};
const good = [
  { path: 'a', same: true },
  { path: 'b/c', same: false, reason: 'off', max_abs: 'inf', worst: { at: '1', from: 1, toward: 'x' } },
];

test('an answer names each file that was asked about, with measures as compare --json has them', () => {
  const read = answer({ files: good });
  if ('failed' in read) throw new Error(read.failed);
  expect([...read]).toEqual([
    ['a', { same: true }],
    ['b/c', { same: false, reason: 'off', max_abs: 'inf', worst: { at: '1', from: 1, toward: 'x' } }],
  ]);
  for (const measures of read.values()) validFileResult(measures);
});

test('what it says of files that are settled without it counts for nothing', () => {
  const others = [
    { path: 'equal', same: false, identical: true },
    { path: 'mine', same: true, identical: false },
    { path: 'theirs', same: true },
  ];
  const read = answer({ files: [...others, ...good.map(file => ({ ...file, identical: false }))] });
  if ('failed' in read) throw new Error(read.failed);
  expect([...read.keys()]).toEqual(['a', 'b/c']);
});

test.each([
  ['', /printed nothing on stdout/],
  ['yes', /not one JSON document/],
  ['{"files": []} {"files": []}', /not one JSON document/],
  [`{"files": [${JSON.stringify(good[0])}`, /not one JSON document/],
  ['['.repeat(1e6), /not one JSON document/],
  ['null', /it is not \{"files"/],
  [good, /it is not \{"files"/],
  [{ files: { a: true } }, /it is not \{"files"/],
  [{ files: good, same: true }, /no field "same" beside files/],
  [{ files: [] }, /says nothing of "a"/],
  [{ files: [good[0]] }, /says nothing of "b\/c"/],
  [{ files: [...good, good[0]] }, /files\[2\] names "a" for the second time/],
  [{ files: [...good, { path: '../a', same: true }] }, /names "\.\.\/a", which is in neither folder/],
  [{ files: [...good, { path: '/etc/passwd', same: true }] }, /in neither folder/],
  [{ files: [...good, null] }, /files\[2\] has no path/],
  [{ files: [...good, { same: true }] }, /files\[2\] has no path/],
  [{ files: [good[1], { path: 'a' }] }, /"a"\): it: the field same is missing/],
  [{ files: [good[1], { path: 'a', same: 'true' }] }, /same: must be boolean/],
  [{ files: [good[1], { path: 'a', same: true, compared: -1 }] }, /compared/],
  [{ files: [good[1], { path: 'a', same: true, compared: 1.5 }] }, /compared/],
  [{ files: [good[1], { path: 'a', same: true, max_abs: 'big' }] }, /max_abs/],
  [{ files: [good[1], { path: 'a', same: true, score: 1 }] }, /score: there is no such field/],
  [{ files: [good[1], { path: 'a', same: true, reason: 'x'.repeat(5000) }] }, /reason/],
  [{ files: [good[1], { path: 'a', same: true, identical: true }] }, /identical of "a" is false/],
  [{ files: [...good, { path: 'equal', same: true, identical: false }] }, /identical of "equal" is true/],
  [{ files: [...good, { path: 'equal', same: 1 }] }, /same/],
  [`{"files": [{"path": "a", "same": true, "__proto__": {"same": true}}]}`, /__proto__: there is no such field/],
])('%j is no answer', (printed, because) => {
  const read = answer(printed);
  if (!('failed' in read)) throw new Error('it was taken for an answer');
  expect(read.failed).toMatch(/^the program's answer is none: /);
  expect(read.failed).toMatch(because);
  expect(read.failed.length).toBeLessThan(1000);
});

test('bytes that are not UTF-8 are no answer', () => {
  const printed = new TextEncoder().encode('{"files": []}');
  printed[2] = 0xff;
  expect(readAnswer(printed, sides, [])).toEqual({ failed: expect.stringContaining('not one JSON document') });
});
