import { describe, expect, test } from 'vitest';
import { noEvidence } from '../../../src/domain/comparison-report/evidence.ts';
import { fileFacts, passingFlags } from '../../../src/domain/comparison-report/file-facts.ts';
import { nextSteps } from '../../../src/domain/comparison-report/next-steps.ts';
import { offFile, someReport } from './some-report.ts';

const ids = '20261122T092530Z-7f3a9c04e1 20261121T092530Z-00aa9c04e1';
const said = (report: Parameters<typeof nextSteps>[0]) =>
  nextSteps(report).map(({ sentence, command }) => (command === null ? sentence : `${sentence}\n  ${command}`));

describe('what to do next', () => {
  test('the tolerance under which all would pass, with the options that were given', () => {
    const report = someReport([offFile, { ...offFile, path: 'b.csv', passes_with: { rtol: 0.002 } }]);
    const given = [
      { option: 'equal_nan', value: false },
      { option: 'rtol', value: 1e-9 },
      { option: 'columns', value: ['energy', "it's"] },
    ];
    expect(said({ ...report, method: { ...report.method, given } })[0]).toBe(
      `All 2 files that differ would pass with --rtol 0.002 (now 1e-6). Whether that is still the same result is for you to judge.\n  corroborate compare ${ids} --method numeric --no-equal-nan --columns energy --columns 'it'\\''s' --rtol 0.002`,
    );
  });

  test('near 0 the absolute tolerance too, never below what is needed', () => {
    const steps = said(someReport([{ ...offFile, max_rel: 1.7, max_abs: 1.00004e-4, passes_with: { rtol: 1.7 } }]));
    expect(steps[1]).toContain('--atol 0.0001001');
    expect(steps.join()).not.toContain('--atol 0.0001 ');
  });

  test('files that need an rtol and files that need an atol get both', () => {
    const files = [offFile, { ...offFile, path: 'b.csv', passes_with: { atol: 0.5 } }];
    expect(
      said(someReport([...files, { ...offFile, path: 'c', passes_with: null, reason: 'words' }])).slice(0, 2),
    ).toEqual([
      `2 of the 3 files that differ by content would pass with --atol 0.5 (now 0) and --rtol 3e-7 (now 1e-6). Whether that is still the same result is for you to judge.\n  corroborate compare ${ids} --method numeric --atol 0.5 --rtol 3e-7`,
      '1 file differs in what no tolerance covers; "because" says in what. --ignore-columns and --columns leave columns or arrays out, and --key matches rows by a column.',
    ]);
  });

  test('no tolerance is offered where there is none for anybody', () => {
    const steps = said(someReport([{ ...offFile, passes_with: null, reason: 'other shapes' }])).join();
    expect(steps).not.toContain('would pass');
  });

  test('numbers and images under the default method lead to methods of their own', () => {
    const texts = [
      { path: 'a.csv', same: false, identical: false, distance: 900, similarity: 0.5 },
      { path: 'b.png', same: false, identical: false, distance: null, similarity: null },
    ];
    const images = { from: null, toward: null, difference: null, because: null };
    const report = someReport(
      texts,
      { method: { method: 'default', name: null, options: {} } },
      { 'a.csv': { numbers: true }, 'b.png': { images } },
    );
    const steps = said({ ...report, method: { ...report.method, name: 'default' } });
    expect(steps.slice(0, 3)).toEqual([
      `1 file holds numbers: compare them within a tolerance.\n  corroborate compare ${ids} --method numeric`,
      `1 file is an image: compare the pixels.\n  corroborate compare ${ids} --method image`,
      `Look at them side by side.\n  corroborate compare ${ids} --output report.html`,
    ]);
    expect(steps.join()).not.toContain('--max-distance');
  });

  test('what is not the last word, and why', () => {
    const report = {
      ...someReport([{ path: 'a.bin', same: false, identical: false, reason: 'x' }]),
      unsettled: [{ path: 'a.bin', because: 'Its content is not stored.' }],
    };
    expect(said(report)[0]).toBe(
      "1 result is not the last word, and would rest on the requester's word: a.bin: Its content is not stored.",
    );
  });

  test('what may have caused it, and the one claim that Table 1 leaves', () => {
    expect(said(someReport()).slice(-2)).toEqual([
      'What may have caused it: 1 dependency, 1 property of the machine differ.',
      `If that is your result, propose "non-repeated": nothing else may be claimed of it.\n  corroborate request ${ids} --method numeric`,
    ]);
    expect(said(someReport([{ path: 'a', same: true, identical: true }]))).toEqual([
      `To say so to the owner of the targeted record, propose "repeated".\n  corroborate request ${ids} --method numeric`,
    ]);
  });
});

test('the facts of a file, with the place and both values', () => {
  expect(fileFacts(offFile).map(({ what, value }) => `${what}: ${value}`)).toEqual([
    'out of tolerance: 3 of 1,000,000 compared',
    'largest absolute: 3.25e-7',
    'largest relative: 3e-7',
    'worst: row 5, column energy: from 1.0000003, toward 1',
    'first: row 2, column energy: from 2.0000003, toward 2',
    'passes with: --rtol 3e-7',
  ]);
  const text = {
    path: 'a',
    same: false,
    identical: false,
    distance: 5,
    similarity: 0.9999999,
    first: { at: '1:2', from: 'a\u001b', toward: null },
  };
  const pair = { from: 9, toward: 8.5 };
  const largest = {
    absolute: { ...pair, at: 'row 9', difference: 3.25e-7 },
    relative: { ...offFile.worst!, difference: 3e-7 },
  };
  const seen = fileFacts(offFile, { ...noEvidence, largest }).map(({ what, value }) => `${what}: ${value}`);
  expect(seen.slice(1, 3)).toEqual([
    'largest absolute: 3.25e-7 at row 9: from 9, toward 8.5',
    'largest relative: 3e-7',
  ]);
  const other = { ...largest, absolute: { ...largest.absolute, difference: 1 } };
  expect(fileFacts(offFile, { ...noEvidence, largest: other })[1]!.value).toBe('3.25e-7');
  expect(fileFacts(text).map(({ value }) => value)).toEqual([
    '5 code points, 99.99 % alike',
    '1:2: from "a\\u001b", toward nothing',
    '--max-distance 5',
  ]);
  expect(passingFlags({ ...offFile, same: true })).toBeNull();
});
