import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compareNumeric } from './compare-numeric.ts';

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name));
const compare = (from: string, toward: string, options: { [name: string]: unknown } = {}) =>
  compareNumeric(from, fixture(from), fixture(toward), { rtol: 0, ...options });
const same = { same: true, differing: 0 };

describe('npy', () => {
  test.each(['i1', 'u1', 'i2', 'u2', 'i4', 'u4', 'i8', 'u8', 'f2', 'f4', 'f8', 'c8', 'c16'])(
    'holds %s in either byte order',
    async type => {
      // Unsigned ones were counted from 0, the others from -2.
      const expected = type.startsWith('u') ? 'u4' : 'f8';
      for (const order of ['little', 'big']) {
        expect(await compare(`${order}-${type}.npy`, `little-${expected}.npy`)).toMatchObject({ ...same, compared: 6 });
      }
      const off = Buffer.from(fixture(`big-${type}.npy`));
      off[off.length - 1]! ^= 1;
      off[off.length - 2]! ^= 0x40;
      expect(await compareNumeric('a.npy', off, fixture(`little-${expected}.npy`), { rtol: 0 })).toMatchObject({
        same: false,
        first: { at: type.endsWith('1') ? '[1, 1]' : '[1, 2]' },
      });
    },
  );

  test('holds complex long doubles: two long doubles each', async () => {
    const complex = (name: string, type: string) => {
      const file = fixture(name).toString('latin1');
      const header = file.replace(/<f\d+/, type).replace('(10,)', '(5,) ');
      return Buffer.from(header.slice(0, 118) + header.slice(-file.length + 118), 'latin1').subarray(0, file.length);
    };
    const long = complex('long.npy', '<c32');
    const double = complex('long-as-double.npy', '<c16');
    expect(await compareNumeric('a.npy', long, double, { rtol: 0 })).toMatchObject({ ...same, compared: 5 });
    // The sign of -2.5, the imaginary part of the second.
    long[long.length - 7 * 16 + 9]! ^= 0x80;
    expect(await compareNumeric('a.npy', long, double, { rtol: 0 })).toMatchObject({
      differing: 1,
      first: { at: '[1]', from: '1+2.5j', toward: '1-2.5j' },
    });
  });

  test('is read in Fortran order as in C order', async () => {
    expect(await compare('fortran.npy', 'rowmajor.npy')).toMatchObject({ ...same, compared: 24 });
    const off = Buffer.from(fixture('rowmajor.npy'));
    off.writeDoubleLE(99, off.length - 8 * 10);
    expect(await compareNumeric('a.npy', fixture('fortran.npy'), off)).toMatchObject({
      differing: 1,
      first: { at: '[1, 0, 2]', from: 14, toward: 99 },
    });
  });

  test.each([
    ['half', 'half-as-double'],
    ['long', 'long-as-double'],
  ])('reads %s precision as numpy does', async (from, toward) => {
    expect(await compare(`${from}.npy`, `${toward}.npy`)).toMatchObject(same);
    expect(await compare(`${from}.npy`, `${toward}.npy`, { equal_nan: false })).toMatchObject({
      same: false,
      differing: 1,
      first: { at: '[9]' },
    });
  });

  test('reads booleans, text, times', async () => {
    expect(await compare('bool.npy', 'bool-other.npy', { atol: 9 })).toMatchObject({
      same: false,
      compared: 3,
      differing: 1,
      first: { at: '[1]', from: false, toward: true },
      passes_with: null,
    });
    expect(await compare('text-big.npy', 'text.npy')).toMatchObject({ ...same, compared: 3 });
    expect(await compare('text.npy', 'bytes.npy')).toMatchObject({
      same: false,
      differing: 1,
      first: { at: '[1]', from: 'Grüße' },
    });
    expect(await compare('time.npy', 'time-ms.npy')).toMatchObject({ ...same, compared: 2 });
    expect(await compare('duration-s.npy', 'duration-ns.npy')).toMatchObject({
      same: false,
      reason: 'the unit is timedelta64[s] toward timedelta64[ns]',
    });
  });

  test('keeps whole numbers beyond 2^53 exact', async () => {
    expect(await compare('big-integers.npy', 'big-integers.npy')).toMatchObject({ ...same, compared: 3 });
    expect(await compare('big-integers.npy', 'big-integers-other.npy', { rtol: 1 })).toMatchObject({
      same: false,
      differing: 1,
      max_abs: 1,
      first: { at: '[0]', from: '9007199254740993', toward: '9007199254740992' },
    });
  });

  test('reads the fields of structures, aligned ones too', async () => {
    expect(await compare('structured.npy', 'structured.npy')).toMatchObject({ ...same, compared: 2 + 2 + 6 + 2 + 2 });
    expect(await compare('structured.npy', 'structured-other.npy')).toMatchObject({
      same: false,
      differing: 1,
      first: { at: 'energy[1]', from: -2.5, toward: -2.75 },
    });
    expect(await compare('structured.npy', 'structured-other.npy', { ignore_columns: ['energy'] })).toMatchObject({
      ...same,
      compared: 12,
    });
  });

  test('reads version 2, a scalar, nothing', async () => {
    expect(await compare('version-2.npy', 'version-2.npy')).toMatchObject({ ...same, compared: 3 });
    expect(await compare('scalar.npy', 'scalar.npy')).toMatchObject({ ...same, compared: 1 });
    expect(await compare('empty.npy', 'empty.npy')).toMatchObject({ ...same, compared: 0 });
  });

  test('of another shape is never the same', async () => {
    expect(await compare('little-f8.npy', 'rowmajor.npy', { rtol: 1e9 })).toMatchObject({
      same: false,
      passes_with: null,
      reason: 'the shape is (2, 3) toward (2, 3, 4)',
    });
  });

  test('is never unpickled', async () => {
    expect(await compare('objects.npy', 'objects.npy')).toEqual({
      same: false,
      passes_with: null,
      reason: 'from holds Python objects (pickled), which are never loaded',
    });
  });
});

describe('npz', () => {
  test('is compared array by array, whatever their order and compression', async () => {
    expect(await compare('plain.npz', 'compressed.npz')).toMatchObject({ ...same, compared: 8 });
    expect(await compare('plain.npz', 'other.npz')).toMatchObject({
      same: false,
      differing: 1,
      first: { at: 'energy[1]', from: 2.5, toward: 2.75 },
      passes_with: { rtol: 0.09091 },
    });
    expect(await compare('plain.npz', 'other.npz', { columns: ['grid'] })).toMatchObject({ ...same, compared: 6 });
    expect(await compare('plain.npz', 'other.npz', { column_rtol: { energy: 0.1 } })).toMatchObject(same);
  });
});

describe('numpy.savetxt', () => {
  test('is read with its header', async () => {
    const text = fixture('savetxt.dat').toString();
    expect(await compareNumeric('s.dat', fixture('savetxt.dat'), text.replace('-1.0', '-1.5'))).toMatchObject({
      compared: 4,
      differing: 1,
      first: { at: 'row 2, column t', from: -0.1, toward: -0.15 },
    });
    const csv = fixture('savetxt.csv').toString();
    expect(await compareNumeric('s.csv', fixture('savetxt.csv'), csv.replace('-1.0', '-1.5'))).toMatchObject({
      compared: 4,
      differing: 1,
      first: { at: 'row 2, column t', from: -0.1, toward: -0.15 },
    });
  });

  test('of complex numbers is read as text', async () => {
    const text = fixture('complex.dat').toString();
    expect(await compareNumeric('c.dat', text, text.replace('4.0', '4.5'))).toMatchObject({
      compared: 4,
      differing: 1,
      first: { at: 'line 1, number 4', from: -4, toward: -4.5 },
    });
  });
});
