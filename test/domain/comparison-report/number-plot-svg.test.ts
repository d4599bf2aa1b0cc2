import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { axisTicks, tickText } from '../../../src/domain/comparison-report/axis-ticks.ts';
import { numberPlotSvg } from '../../../src/domain/comparison-report/number-plot-svg.ts';
import { sparkline } from '../../../src/domain/comparison-report/sparkline.ts';
import { thinnedCurve } from '../../../src/domain/comparison-report/thinned-curve.ts';

test('a curve of a million points keeps its peaks, its gaps and its ends in a few hundred', () => {
  const y = (at: number) =>
    at === 123_457 ? 99 : at === 777_777 ? -99 : at === 500_000 ? Number.NaN : Math.sin(at / 1e4);
  const curve = thinnedCurve(1_000_000, at => at, y, 240);
  expect(curve.x.length).toBeLessThan(240 * 5);
  expect(Math.max(...curve.y.filter(value => !Number.isNaN(value)))).toBe(99);
  expect(curve.y[curve.x.indexOf(777_777)]).toBe(-99);
  expect(curve.y[curve.x.indexOf(500_000)]).toBeNaN();
  expect([curve.x[0], curve.x.at(-1)]).toEqual([0, 999_999]);
  expect(curve.x).toEqual(curve.x.toSorted((one, other) => one - other));
});

describe('ticks', () => {
  test('are round, within the axis, and few', () => {
    expect(axisTicks(0, 10, 7)).toEqual([0, 2, 4, 6, 8, 10]);
    expect(axisTicks(-2.8e-5, 3.1e-5, 4)).toEqual([-2e-5, 0, 2e-5]);
    const number = fc.double({ noNaN: true, min: -1e300, max: 1e300 });
    fc.assert(
      fc.property(number, number, fc.integer({ min: 2, max: 8 }), (one, other, most) => {
        const [least, largest] = [Math.min(one, other), Math.max(one, other)];
        const ticks = axisTicks(least, largest, most);
        expect(ticks.length).toBeGreaterThan(0);
        expect(ticks.length).toBeLessThanOrEqual(most);
        const slack = (largest - least) * 1e-9;
        for (const tick of ticks) expect(tick >= least - slack && tick <= largest + slack).toBe(true);
      }),
    );
  });

  test('read as numbers that tell them apart', () => {
    expect([5, 5.00002, 5.00004].map(tick => tickText(tick, 2e-5))).toEqual(['5', '5.00002', '5.00004']);
    expect([-2e-5, 0, 2e-5].map(tick => tickText(tick, 2e-5))).toEqual(['−2e−5', '0', '2e−5']);
    expect([1e9, 1.5e9].map(tick => tickText(tick, 5e8))).toEqual(['1e9', '1.5e9']);
  });
});

test('a sparkline shows where and how much, and what is no number', () => {
  expect(sparkline({ x: [], y: [0, 1, -8, Number.NaN] }, 40)).toBe(' ▂█×');
  expect(sparkline({ x: [], y: Array.from({ length: 1000 }, (_, at) => (at === 999 ? 1 : 0)) }, 10)).toBe(
    `${' '.repeat(9)}█`,
  );
  expect(sparkline({ x: [], y: [0, 0] }, 10)).toBe('  ');
});

test('any numbers make a drawing of finite places, and any name is escaped', () => {
  const y = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, 0, Number.MAX_VALUE, -Number.MAX_VALUE, 5e-324));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(y, y), { minLength: 1, maxLength: 20 }),
      fc.string({ unit: 'grapheme' }),
      (rows, name) => {
        const x = rows.map((_, at) => at);
        const curve = (values: number[]) =>
          thinnedCurve(
            values.length,
            at => x[at]!,
            at => values[at]!,
            100,
          );
        const [from, toward] = [rows.map(row => row[0]), rows.map(row => row[1])];
        const difference = curve(from.map((value, at) => value - toward[at]!));
        const svg = numberPlotSvg({
          title: `<${name}`,
          x: `"${name}`,
          count: rows.length,
          from: curve(from),
          toward: curve(toward),
          difference,
        });
        expect(svg).not.toMatch(/NaN|Infinity|undefined/);
        const withoutText = svg
          .replace(/<style>[^<]*<\/style>/, '')
          .replace(/<\/?(svg|title|text|line|path|circle)\b[^<>]*>/g, '');
        expect(withoutText).not.toMatch(/[<>]/);
      },
    ),
  );
});
