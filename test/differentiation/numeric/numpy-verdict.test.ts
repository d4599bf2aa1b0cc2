import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareNumeric } from './compare-numeric.ts';

const python = '/usr/bin/python3';
const hasNumpy = spawnSync(python, ['-c', 'import numpy']).status === 0;
if (!hasNumpy) console.log(`not compared with numpy: ${python} has none`);

const judge = `
import json, sys, warnings
import numpy as np
warnings.simplefilter('ignore')
verdicts = []
for case in json.load(sys.stdin):
    a, b = (np.array([float(x) for x in case[side]]) for side in ('from', 'toward'))
    how = dict(rtol=case['rtol'], atol=case['atol'], equal_nan=case['equal_nan'])
    try:
        np.testing.assert_allclose(a, b, **how)
        same = True
    except AssertionError:
        same = False
    verdicts.append([same, int((~np.isclose(a, b, **how)).sum())])
json.dump(verdicts, sys.stdout)
`;

const number = fc.oneof(
  { weight: 3, arbitrary: fc.double({ min: -1e3, max: 1e3, noNaN: true }) },
  { weight: 1, arbitrary: fc.double() },
  { weight: 1, arbitrary: fc.constantFrom(0, -0, 5e-324, Infinity, -Infinity, NaN, 1.7e308) },
);
/** Values at about the distance of their tolerance, so that the last digit decides. */
const testCase = fc
  .record({
    toward: fc.array(number, { minLength: 1, maxLength: 5 }),
    rtol: fc.oneof(fc.constantFrom(0, 1e-6, 1e-3), fc.double({ min: 0, max: 2, noNaN: true })),
    atol: fc.oneof(fc.constantFrom(0, 1e-9), fc.double({ min: 0, max: 2, noNaN: true })),
    equal_nan: fc.boolean(),
  })
  .chain(({ toward, rtol, atol, equal_nan }) =>
    fc
      .tuple(
        ...toward.map(value =>
          fc.oneof(
            fc
              .constantFrom(1, -1, 0, 1 + 2 ** -52, 1 - 2 ** -52, 2)
              .map(part => value + part * (atol + rtol * Math.abs(value))),
            fc.constant(value),
            number,
          ),
        ),
      )
      .map(from => ({ from, toward, rtol, atol, equal_nan })),
  );

describe.skipIf(!hasNumpy)('numeric and numpy', () => {
  test('come to the same verdict, number by number', async () => {
    const cases = fc.sample(testCase, { numRuns: 4000, seed: 1815 });
    // With an exponent: whole numbers beyond 2^53 that are written as such are compared exactly, unlike numpy's.
    const text = (value: number) => value.toExponential();
    const written = cases.map(one => ({ ...one, from: one.from.map(text), toward: one.toward.map(text) }));
    const answer = spawnSync(python, ['-c', judge], {
      input: JSON.stringify(written),
      encoding: 'utf8',
      maxBuffer: 1e8,
    });
    expect(answer.stderr).toBe('');
    const verdicts = JSON.parse(answer.stdout) as [boolean, number][];
    expect(verdicts.length).toBe(cases.length);
    for (const [at, [same, differing]] of verdicts.entries()) {
      const { from, toward, ...options } = written[at]!;
      const result = await compareNumeric('t.dat', from.join('\n'), toward.join('\n'), options);
      expect(result, JSON.stringify(written[at])).toMatchObject({ same, differing });
    }
    // Both answers are common among the cases.
    const same = verdicts.filter(([is]) => is).length;
    expect(Math.min(same, verdicts.length - same)).toBeGreaterThan(200);
  });
});
