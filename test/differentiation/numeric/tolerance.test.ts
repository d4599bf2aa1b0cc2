import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareNumeric } from './compare-numeric.ts';

/** Differences of these stay finite. */
const number = fc.oneof(
  fc.double({ min: -8e307, max: 8e307 }),
  fc.double({ min: -10, max: 10 }),
  fc.constantFrom(0, -0, 1, 1 + 2 ** -52, 5e-324, 8e307, -8e307, Infinity, -Infinity, NaN),
);
/** Two columns of numbers of which many are nearly equal. */
const pairs = fc.array(
  fc
    .tuple(number, number, fc.boolean(), fc.double({ min: -1e-5, max: 1e-5, noNaN: true }))
    .map(([toward, other, near, by]): [number, number] => [near ? toward * (1 + by) : other, toward]),
  { minLength: 1, maxLength: 12 },
);
const tolerance = fc.oneof(
  fc.constant(0),
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.constantFrom(1e-6, 1e-9, 1e-300),
);
/** With an exponent from 2^53 on: digits alone would be an integer, which no tolerance is for there. */
const written = (value: number) =>
  Math.abs(value) >= 2 ** 53 && Number.isFinite(value) ? value.toExponential() : String(value);
const column = (values: readonly number[]) => `# x\n${values.map(written).join('\n')}\n`;
const compare = (rows: readonly [number, number][], options: { [name: string]: unknown }) =>
  compareNumeric('t.dat', column(rows.map(([from]) => from)), column(rows.map(([, toward]) => toward)), options);

describe('the tolerance', () => {
  test('is |from - toward| <= atol + rtol * |toward|, in doubles', async () => {
    await fc.assert(
      fc.asyncProperty(
        pairs,
        tolerance,
        tolerance,
        fc.boolean(),
        fc.boolean(),
        async (rows, rtol, atol, equalNan, symmetric) => {
          const off = rows.filter(([from, toward]) => {
            if (Number.isNaN(from) || Number.isNaN(toward))
              return !(equalNan && Number.isNaN(from) && Number.isNaN(toward));
            if (!Number.isFinite(from) || !Number.isFinite(toward)) return from !== toward;
            const scale = symmetric ? Math.max(Math.abs(from), Math.abs(toward)) : Math.abs(toward);
            return !(Math.abs(from - toward) <= atol + rtol * scale);
          });
          const result = await compare(rows, { rtol, atol, equal_nan: equalNan, symmetric });
          expect(result).toMatchObject({ same: off.length === 0, compared: rows.length, differing: off.length });
          expect(result.first === null).toBe(result.same);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('that is said to pass does pass, and little less does not', async () => {
    await fc.assert(
      fc.asyncProperty(pairs, tolerance, tolerance, async (rows, rtol, atol) => {
        const { passes_with: passing } = await compare(rows, { rtol, atol });
        if (passing === null || passing === undefined) {
          // Nothing finite brings them together.
          expect(await compare(rows, { rtol: 1e300, atol: Number.MAX_VALUE })).toMatchObject({ same: false });
          return;
        }
        expect(await compare(rows, { rtol, atol, ...passing })).toMatchObject({ same: true });
        const [name, value] = Object.entries(passing)[0] as [string, number];
        // Where the tolerance drowns in the other's rounding, or in that of the smallest doubles, less may be as much.
        const counts = atol === 0 && rows.every(([, toward]) => toward === 0 || Math.abs(toward) > 1e-280);
        if (value > 0 && counts && name === 'rtol') {
          expect(await compare(rows, { rtol: value * 0.998, atol })).toMatchObject({ same: false });
        }
      }),
      { numRuns: 500 },
    );
  });

  test('is judged alike in both directions when it is symmetric', async () => {
    await fc.assert(
      fc.asyncProperty(pairs, tolerance, async (rows, rtol) => {
        const swapped = rows.map(([from, toward]): [number, number] => [toward, from]);
        const there = await compare(rows, { rtol, symmetric: true });
        const back = await compare(swapped, { rtol, symmetric: true });
        expect(back).toMatchObject({ same: there.same, differing: there.differing, max_abs: there.max_abs });
        expect(back.passes_with).toEqual(there.passes_with);
      }),
      { numRuns: 200 },
    );
  });

  test('may be a part of the largest finite number of its column', async () => {
    const from = '# small large\n1.0 1000\n2.0 2000.1\n0 inf\n';
    const toward = '# small large\n1.0 1000\n2.0 2000\n0 inf\n';
    expect(await compareNumeric('t.dat', from, toward, { rtol: 0, atol: '1e-4*max' })).toMatchObject({ same: true });
    expect(await compareNumeric('t.dat', from, toward, { rtol: 0, atol: '1e-5 * max' })).toMatchObject({ same: false });
    const small = toward.replace('2.0 ', '2.1 ');
    expect(await compareNumeric('t.dat', small, toward, { rtol: 0, atol: '1e-4*max' })).toMatchObject({ same: false });
  });

  test('of 0 is passed by an absolute one', async () => {
    expect(await compareNumeric('t.dat', '1e-9 1\n', '0 1\n')).toMatchObject({
      same: false,
      max_rel: 'inf',
      passes_with: { atol: 1e-9 },
    });
  });
});

describe('options', () => {
  const from = 'step,energy,host\n1,1.0,a\n2,2.0,b\n';
  const toward = 'step,energy,host\n1,1.01,a\n2,2.0,c\n';
  const compareTables = (options: { [name: string]: unknown }) => compareNumeric('t.csv', from, toward, options);

  test('choose columns by name or number, and leave others out', async () => {
    expect(await compareTables({ columns: ['step'] })).toMatchObject({ same: true, compared: 2 });
    expect(await compareTables({ columns: ['1'] })).toMatchObject({ same: true, compared: 2 });
    expect(await compareTables({ ignore_columns: ['energy', 'host'] })).toMatchObject({ same: true, compared: 2 });
    expect(await compareTables({ ignore_columns: ['host'] })).toMatchObject({ same: false, compared: 4, differing: 1 });
    expect(await compareTables({ columns: ['entropy'] })).toMatchObject({
      same: false,
      reason: 'there is nothing called entropy',
    });
  });

  test('give a column a tolerance of its own', async () => {
    const ignored = { ignore_columns: ['host'] };
    expect(await compareTables({ ...ignored, column_rtol: { energy: 0.02 } })).toMatchObject({ same: true });
    expect(await compareTables({ ...ignored, column_atol: { energy: 0.02 } })).toMatchObject({ same: true });
    expect(await compareTables({ ...ignored, column_rtol: { step: 0.02 } })).toMatchObject({ same: false });
    // Another rtol for all would not help this column.
    expect(await compareTables({ ...ignored, column_rtol: { energy: 1e-3 } })).toMatchObject({
      same: false,
      passes_with: null,
      reason: 'energy, whose rtol is its own, passes with 0.009901',
    });
  });

  test('match rows by a key', async () => {
    const moved = 'step,energy,host\n2,2.5,b\n1,1.0,a\n';
    expect(await compareNumeric('t.csv', from, moved)).toMatchObject({ same: false, differing: 6 });
    expect(await compareNumeric('t.csv', from, moved, { key: 'step' })).toMatchObject({
      same: false,
      compared: 6,
      differing: 1,
      first: { at: 'row with step 2, column energy', from: 2, toward: 2.5 },
    });
    expect(await compareNumeric('t.csv', from, 'step,energy,host\n2,2.0,b\n', { key: 'step' })).toMatchObject({
      same: false,
      compared: 3,
      reason: 'only from has rows with step 1',
    });
    expect(await compareNumeric('t.csv', from, `${from}3,1,b\n`, { key: 'step' })).toMatchObject({
      same: false,
      compared: 6,
      reason: 'only toward has rows with step 3',
    });
    expect(await compareNumeric('t.csv', from, `${from}2,1,b\n`, { key: 'step' })).toMatchObject({
      same: false,
      reason: 'toward has more than one row with step 2',
    });
    expect(await compareNumeric('t.csv', from, toward, { key: 'time' })).toMatchObject({
      same: false,
      reason: 'there is no column time to match rows by',
    });
  });

  test.each([
    [{ rtol: -1 }, 'rtol is -1'],
    [{ rtol: '1e-3' }, 'rtol is "1e-3"'],
    [{ atol: '1e-3*min' }, 'atol is "1e-3*min"'],
    [{ equal_nan: 'yes' }, 'equal_nan is "yes"'],
    [{ columns: 'energy' }, 'columns is "energy"'],
    [{ column_rtol: { energy: -1 } }, 'column_rtol of energy is -1'],
    [{ tolerance: 1 }, 'no option tolerance'],
  ])('that are off are the caller’s fault: %j', async (options, message) => {
    await expect(compareTables(options)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining(message),
    });
  });
});
