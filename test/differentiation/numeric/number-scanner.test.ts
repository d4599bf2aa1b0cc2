import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bigInteger, double, NumberScanner, notANumber } from '../../../src/differentiation/numeric/number-scanner.ts';

function scan(text: string) {
  const scanner = new NumberScanner();
  const bytes = Buffer.from(text);
  const scanned = scanner.scan(bytes, 0, bytes.length);
  return scanned === notANumber ? null : { scanned, value: scanner.value, rest: text.slice(scanner.end) };
}

describe('NumberScanner', () => {
  test.each([
    ['1', 1],
    ['-1.0', -1],
    ['+.5', 0.5],
    ['5.', 5],
    ['1e0', 1],
    ['1E+3', 1000],
    ['-1.2345D+03', -1234.5],
    ['1.0d-2', 0.01],
    ['2.5Q1', 25],
    ['1.0-103', 1e-103],
    ['0.1000+101', 1e100],
    ['-0.0', -0],
    ['inf', Infinity],
    ['+Inf', Infinity],
    ['-INFINITY', -Infinity],
    ['NaN', NaN],
    ['1e999', Infinity],
    ['1e-999', 0],
    ['4.9e-324', 5e-324],
    ['0.000000000000000000000000000001e30', 1],
    ['00000000000000000000000000000000000000012', 12],
  ])('reads %s as a whole', (text, value) => {
    expect(scan(text)).toEqual({ scanned: double, value, rest: '' });
  });

  test.each(['', '+', '-.', 'e5', '.', 'x1', 'na', 'in', '--1'])('finds no number at the start of %j', text => {
    expect(scan(text)).toBeNull();
  });

  test.each([
    ['10eV', 10, 'eV'],
    ['3D', 3, 'D'],
    ['1.0-10', 1, '-10'],
    ['1-103', 1, '-103'],
    ['1,5', 1, ',5'],
    ['0x1F', 0, 'x1F'],
  ])('of %s reads only the number', (text, value, rest) => {
    expect(scan(text)).toMatchObject({ value, rest });
  });

  test.each(['9007199254740992', '-18446744073709551616', '+123456789012345678901234567890'])(
    'tells that no double holds the whole number %s',
    text => expect(scan(text)).toEqual({ scanned: bigInteger, value: Number(text), rest: '' }),
  );

  test('rounds every double as Number does, however it is written', () => {
    const written = fc
      .tuple(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: 0, max: 20 }), fc.nat(3))
      .map(([value, digits, form]) =>
        form === 0
          ? String(value)
          : form === 1
            ? value.toExponential(digits)
            : form === 2
              ? value.toPrecision(Math.max(1, digits))
              : Math.abs(value) < 1e20
                ? `${value.toFixed(digits)}.`.replace(/(\..*)\.$/, '$1')
                : value.toExponential(),
      );
    fc.assert(
      fc.property(written, text => {
        const read = scan(text)!;
        expect(Object.is(read.value, Number(text)), `${text} read as ${read.value}`).toBe(true);
        expect(read.rest).toBe('');
      }),
      { numRuns: 20_000 },
    );
  });

  test('rounds any decimal as Number does', () => {
    const decimal = fc.tuple(
      fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 40 }),
      fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 40 }),
      fc.integer({ min: -360, max: 330 }),
    );
    fc.assert(
      fc.property(decimal, ([whole, part, exponent]) => {
        const text = `${whole}.${part}e${exponent}`;
        expect(Object.is(scan(text)!.value, Number(text)), text).toBe(true);
      }),
      { numRuns: 20_000 },
    );
  });

  test('rounds what lies half-way between two doubles to the even one', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 2n ** 52n, max: 2n ** 53n - 2n }),
        fc.nat(9),
        fc.constantFrom('', '1', '9'),
        (mantissa, shift, rest) => {
          const half = (2n * mantissa + 1n) << BigInt(shift);
          const text = `${half}.000${rest}`;
          expect(scan(text)!.value).toBe(Number(text));
        },
      ),
      { numRuns: 5000 },
    );
  });
});
