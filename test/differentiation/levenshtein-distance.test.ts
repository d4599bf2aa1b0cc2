import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { distanceInBand } from '../../src/differentiation/levenshtein/bit-parallel-band.ts';
import { distanceByDiagonals, upperBoundByBeam } from '../../src/differentiation/levenshtein/furthest-reaching.ts';
import { lineAnchors } from '../../src/differentiation/levenshtein/line-anchors.ts';
import { levenshteinDistance } from '../../src/differentiation/levenshtein-distance.ts';

const enough = Number.POSITIVE_INFINITY;

/** The plain dynamic programme (Wagner and Fischer 1974), with nothing in common with the product's code. */
function plainDistance(from: string, toward: string): number {
  const a = [...from];
  const b = [...toward];
  let row = b.map((_, j) => j + 1);
  for (let i = 0; i < a.length; i++) {
    const next: number[] = [];
    for (let j = 0; j < b.length; j++) {
      const left = j === 0 ? i + 1 : next[j - 1]!;
      const corner = j === 0 ? i : row[j - 1]!;
      next.push(Math.min(row[j]! + 1, left + 1, corner + (a[i] === b[j] ? 0 : 1)));
    }
    row = next;
  }
  return b.length === 0 ? a.length : row[b.length - 1]!;
}

function symbols(text: string, sentinel: number): Int32Array {
  return Int32Array.from([...[...text].map(letter => letter.codePointAt(0)!), sentinel]);
}

const alphabets = {
  binary: ['0', '1'],
  digits: [...'0123456789.e+- \n'],
  astral: ['a', 'é', '漢', '😀', '😁', '𝔸', '\ufeff'],
} as const;

/** A text and another that is it with edits, or has nothing to do with it. */
function pairOf(alphabet: readonly string[], longest: number) {
  const text = fc.array(fc.constantFrom(...alphabet), { maxLength: longest, size: 'max' });
  const edit = fc.record({
    at: fc.nat(longest),
    remove: fc.constantFrom(0, 1, 1, 2, 40),
    insert: fc.array(fc.constantFrom(...alphabet), { maxLength: 3 }),
  });
  const related = fc.tuple(text, fc.array(edit, { maxLength: 12, size: 'max' })).map(([from, edits]) => {
    const toward = [...from];
    for (const { at, remove, insert } of edits) toward.splice(at, remove, ...insert);
    return [from.join(''), toward.join('')] as const;
  });
  return fc.oneof(
    related,
    fc.tuple(text, text).map(([one, two]) => [one.join(''), two.join('')] as const),
  );
}

describe('Levenshtein distance', () => {
  test.each([
    ['', '', 0],
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['😀', '😁', 1],
    ['a😀b', 'ab', 1],
    ['\ufeffa', 'a', 1],
    ['é', 'e\u0301', 2],
    ['flaw', 'lawn', 2],
  ])('of %j and %j is %i', (from, toward, distance) => {
    const result = levenshteinDistance(from, toward, enough);
    expect(result).toMatchObject({ distance, lower: distance, upper: distance });
    expect(result.longer).toBe(Math.max([...from].length, [...toward].length));
  });

  describe.each(Object.entries(alphabets))('over %s', (_name, alphabet) => {
    test('is that of the plain dynamic programme, both ways round', () => {
      fc.assert(
        fc.property(pairOf(alphabet, 160), ([from, toward]) => {
          const distance = plainDistance(from, toward);
          expect(levenshteinDistance(from, toward, enough).distance).toBe(distance);
          expect(levenshteinDistance(toward, from, enough).distance).toBe(distance);
        }),
        { numRuns: 200, endOnFailure: true },
      );
    });

    test('is the same by diagonals and in a band, whatever the bound, and never found below it', () => {
      fc.assert(
        fc.property(pairOf(alphabet, 300), fc.nat(80), ([from, toward], slack) => {
          const a = symbols(from, -1);
          const b = symbols(toward, -2);
          const [n, m] = [a.length - 1, b.length - 1];
          fc.pre(n > 0 && m > 0);
          const distance = plainDistance(from, toward);
          expect(distanceInBand(a, n, b, m, distance + slack, enough).distance).toBe(distance);
          expect(distanceByDiagonals(a, n, b, m, distance + slack, enough).distance).toBe(distance);
          expect(upperBoundByBeam(a, n, b, m, n + m, enough).upper).toBeGreaterThanOrEqual(distance);
          expect(upperBoundByBeam(a, n, b, m, n + m, slack).upper).toBeGreaterThanOrEqual(distance);
          const below = distance - 1 - slack;
          if (below < 0) return;
          for (const method of [distanceInBand, distanceByDiagonals]) {
            const result = method(a, n, b, m, below, enough);
            expect(result.distance).toBeNull();
            expect(result.lower).toBeGreaterThan(below);
            expect(result.lower).toBeLessThanOrEqual(distance);
          }
        }),
        { numRuns: 150, endOnFailure: true },
      );
    });

    test('holds the triangle inequality', () => {
      fc.assert(
        fc.property(pairOf(alphabet, 120), pairOf(alphabet, 120), ([one, two], [three]) => {
          const between = (from: string, toward: string) => levenshteinDistance(from, toward, enough).distance!;
          expect(between(one, three)).toBeLessThanOrEqual(between(one, two) + between(two, three));
        }),
        { numRuns: 100, endOnFailure: true },
      );
    });

    test('lies between its bounds when the steps end', () => {
      let inexact = 0;
      fc.assert(
        fc.property(pairOf(alphabet, 400), fc.nat(20_000), ([from, toward], steps) => {
          const result = levenshteinDistance(from, toward, steps);
          const distance = plainDistance(from, toward);
          expect(result.lower).toBeLessThanOrEqual(distance);
          expect(result.upper).toBeGreaterThanOrEqual(distance);
          expect(result.upper).toBeLessThanOrEqual(result.longer);
          if (result.distance === null) inexact++;
          else expect(result.distance).toBe(distance);
        }),
        { numRuns: 150, endOnFailure: true },
      );
      expect(inexact).toBeGreaterThan(0);
    });
  });

  test('is bounded, not shown, when the band runs out of steps', () => {
    const lines = (seed: number) => Array.from({ length: 3000 }, (_, i) => `${(i * seed) % 9973}\n`).join('');
    const [from, toward] = [lines(7919), lines(6841)];
    const exact = levenshteinDistance(from, toward, enough);
    for (const share of [0.02, 0.2, 0.6]) {
      const result = levenshteinDistance(from, toward, exact.steps * share);
      expect(result.distance).toBeNull();
      expect(result.lower).toBeGreaterThan(0);
      expect(result.lower).toBeLessThanOrEqual(exact.distance!);
      expect(result.upper).toBeGreaterThanOrEqual(exact.distance!);
      expect(levenshteinDistance(from, toward, exact.steps * share)).toEqual(result);
    }
  });

  test('is the same whichever code points stand for the symbols', () => {
    const table = Array.from({ length: 2000 }, (_, i) => `${i} ${Math.sin(i).toFixed(9)}\n`);
    const from = table.join('');
    const toward = table
      .map((line, i) => (i % 3 === 0 ? line : line.replace(/\d\n$/, `${(i * 7) % 10}\n`)))
      .toSpliced(700, 100)
      .join('');
    const astral = (text: string) => text.replace(/\d/g, digit => String.fromCodePoint(0x1f600 + Number(digit)));
    const result = levenshteinDistance(from, toward, enough);
    expect(result.distance).toBeGreaterThan(2500);
    expect(levenshteinDistance(astral(from), astral(toward), enough)).toEqual(result);
  });

  test('pairs lines that both texts hold once, in order', () => {
    const from = 'one\ntwo\nthree\ntwo\nfour\nfive';
    const toward = 'zero\nfour\none\nthree\n2\nfive';
    const anchors = lineAnchors(symbols(from, -1), from.length, symbols(toward, -2), toward.length);
    expect(anchors.map(({ from: at, length }) => from.slice(at, at + length))).toEqual(['one\n', 'three\n', 'five']);
    for (const { from: i, toward: j, length } of anchors)
      expect(from.slice(i, i + length)).toBe(toward.slice(j, j + length));
  });

  test('of a text with a block moved in and noise all over is bounded through the paired lines', () => {
    const line = (i: number) => `${i} ${Math.sin(i).toFixed(12)}\n`;
    const whole = Array.from({ length: 4000 }, (_, i) => line(i));
    const noisy = whole.map((text, i) => (i % 2 === 0 ? text : text.replace(/\d\n$/, '#\n')));
    noisy.splice(1500, 0, ...Array.from({ length: 300 }, (_, i) => line(90_000 + i)));
    const inserted = noisy.slice(1500, 1800).join('').length;
    const exact = levenshteinDistance(whole.join(''), noisy.join(''), enough);
    expect(exact.distance).toBeLessThanOrEqual(2000 + inserted);
    // A beam alone would follow the wrong diagonal from the block on.
    const bounded = levenshteinDistance(whole.join(''), noisy.join(''), exact.steps * 0.5);
    expect(bounded.distance).toBeNull();
    expect(bounded.upper).toBeLessThanOrEqual(2000 + inserted);
  });
});

const python = '/usr/bin/python3';
const hasEdlib = spawnSync(python, ['-c', 'import edlib']).status === 0;
if (!hasEdlib) console.log('Not compared with edlib on long texts: python3-edlib is not installed.');

describe.skipIf(!hasEdlib)('Levenshtein distance of long texts', () => {
  const edlib = `
import sys, json, edlib
for pair in json.load(sys.stdin):
    print(edlib.align(pair[0], pair[1], mode='NW', task='distance')['editDistance'])
`;

  function random(seed: number): (below: number) => number {
    let state = seed;
    return below => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
  }

  test("is edlib's", () => {
    const next = random(3);
    const letters = (length: number, of: number) =>
      Array.from({ length }, () => String.fromCharCode(97 + next(of))).join('');
    const edited = (text: string, edits: number) => {
      const units = [...text];
      for (let i = 0; i < edits; i++) {
        const at = next(units.length);
        units[at] = ['', 'x', `${units[at]}y`][next(3)]!;
      }
      return units.join('');
    };
    const table = Array.from({ length: 12_000 }, (_, i) => `${i} ${Math.sin(i).toFixed(9)}\n`).join('');
    const pairs = [
      [table, edited(table, 50)],
      [table, edited(table, 12_000)],
      [table, edited(table.slice(20_000) + table.slice(0, 5000), 6000)],
      [letters(9000, 4), letters(11_000, 4)],
      [letters(20_000, 20), letters(15_000, 20)],
      [letters(30_000, 2), letters(29_000, 2)],
      [letters(500, 3), letters(60_000, 3)],
    ] as const;
    const theirs = execFileSync(python, ['-c', edlib], { input: JSON.stringify(pairs) })
      .toString()
      .trim()
      .split('\n')
      .map(Number);
    expect(pairs.map(([from, toward]) => levenshteinDistance(from, toward, enough).distance)).toEqual(theirs);
    expect(pairs.map(([from, toward]) => levenshteinDistance(toward, from, enough).distance)).toEqual(theirs);
  });
});
