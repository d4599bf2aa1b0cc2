import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { valueText } from '../../../src/differentiation/numeric/fields.ts';
import { Words } from '../../../src/differentiation/numeric/numeric-document.ts';
import { readHdf5 } from '../../../src/differentiation/numeric/read-hdf5.ts';
import { readNetcdf3 } from '../../../src/differentiation/numeric/read-netcdf3.ts';
import { compareNumeric } from './compare-numeric.ts';

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name));
const compare = (from: string, toward: string, options: { [name: string]: unknown } = {}) =>
  compareNumeric(from, fixture(from), fixture(toward), { rtol: 0, ...options });
const same = { same: true, differing: 0 };

/** Every block as its shape and its values in words. */
async function valuesOf(
  read: (words: Words) => Promise<ReturnType<typeof readNetcdf3>> | ReturnType<typeof readNetcdf3>,
) {
  const words = new Words();
  const { blocks } = await read(words);
  return Object.fromEntries(
    blocks.map(block => {
      const values = Array.from(block.numbers, (_, at) => valueText(block, at, words)).join(' ');
      return [block.name, `(${block.shape.join(', ')}) ${values}`];
    }),
  );
}

describe('HDF5', () => {
  test('is read as h5py wrote it', async () => {
    expect(await valuesOf(words => readHdf5(fixture('types.h5'), words, 1e6))).toEqual({
      'run/energy': '(2, 3) 1.5 nan -inf 2.5 3.5 4.5',
      again: '(2, 3) 1.5 nan -inf 2.5 3.5 4.5',
      'run/half': '(2) 0.5 65504',
      'run/single': `(1) ${Math.fround(0.1)}`,
      'run/steps': '(2) 9007199254740993 -1',
      'run/count': '(1) 65535',
      'run/phase': '(2) 1+2j 3-4j',
      'run/done': '(2) true false',
      'run/rows.step': '(2) 1 2',
      'run/rows.energy': '(2) -1.5 -2.5',
      'run/rows.pos': '(2, 3) 1 2 3 4 5 6',
      'run/rows.at.x': '(2) 0.25 0.5',
      'run/rows.at.name': '(2) ab cd',
      names: '(2) alpha Grüße',
      codes: '(2) ab c',
      scalar: '() 1.25',
      state: '(2) START END',
      nothing: '(0) ',
    });
  });

  test('is compared chunk by chunk, compressed or not', async () => {
    expect(await compare('chunked.h5', 'chunked.h5')).toMatchObject({ ...same, compared: 1000 });
    expect(await compare('chunked.h5', 'chunked-other.h5')).toMatchObject({
      differing: 1,
      first: { at: 'x[777]', from: 777, toward: 777.5 },
    });
  });

  test.each([
    ['lzf.h5', 'from has x compressed by the filter lzf, which h5wasm lacks'],
    ['huge.h5', 'from holds more than the 67108864 bytes of values that are compared'],
    ['circle.h5', 'from has groups nested deeper than 64, or in a circle'],
  ])('that cannot be read is not the same: %s', async (name, reason) => {
    expect(await compare(name, name)).toMatchObject({ same: false, passes_with: null, reason });
  });

  test('that is damaged is not the same', async () => {
    const whole = fixture('chunked.h5');
    for (const length of [8, 100, 600, 1500, whole.length - 200]) {
      expect(await compareNumeric('x.h5', whole.subarray(0, length), whole), `${length} bytes`).toMatchObject({
        same: false,
        reason: expect.stringMatching(/^from /),
      });
    }
    // The checksum of a chunk tells.
    const off = Buffer.from(whole);
    off[whole.length - 50]! ^= 1;
    expect(await compareNumeric('x.h5', off, whole)).toMatchObject({ same: false });
    expect(await compare('chunked.h5', 'chunked.h5')).toMatchObject(same);
  });
});

describe('NetCDF', () => {
  test.each(['nc3', 'nc3-64', 'nc5'])('is read as netCDF4 wrote it: %s', async name => {
    expect(await valuesOf(words => readNetcdf3(fixture(`${name}.nc`), words, 1e6))).toEqual({
      temperature: '(2, 3) 280.5 281.5 282.5 283.5 284.5 285.5',
      count: '(2) 7 -7',
      flag: '(3) -1 0 1',
      site: '(3) abc de f',
      pressure: '(3) 0.5 1.5 2.5',
      answer: '() 42',
    });
  });

  test('of a single record variable is not padded', async () => {
    expect(await valuesOf(words => readNetcdf3(fixture('one-record.nc'), words, 1e6))).toEqual({
      odd: '(5) 1 2 3 4 5',
    });
  });

  test.each(['nc3', 'nc3-64', 'nc5', 'nc4'])('names the place of a difference: %s', async name => {
    expect(await compare(`${name}.nc`, `${name}.nc`)).toMatchObject(same);
    expect(await compare(`${name}.nc`, `${name}-other.nc`)).toMatchObject({
      same: false,
      differing: 1,
      first: { at: 'temperature[1, 1]', from: 284.5, toward: 284.75 },
    });
  });

  test('and HDF5 in other units are not the same', async () => {
    for (const [name, unit, place] of [
      ['nc3.nc', 'K', 'temperature'],
      ['types.h5', 'eV', 'run/energy'],
    ] as const) {
      const other = Buffer.from(fixture(name));
      other[other.indexOf(unit, other.indexOf('units'))] = 'm'.charCodeAt(0);
      expect(await compareNumeric(name, other, fixture(name), { rtol: 1 })).toMatchObject({
        same: false,
        passes_with: null,
        reason: expect.stringContaining(`${place}: the unit is m${unit.slice(1)} toward ${unit}`),
      });
    }
  });

  test('that is cut off anywhere is not the same', async () => {
    const whole = fixture('nc3.nc');
    for (let length = 4; length < whole.length; length += 5) {
      expect(await compareNumeric('x.nc', whole.subarray(0, length), whole)).toMatchObject({
        same: false,
        passes_with: null,
      });
    }
  });
});

describe('VTK XML', () => {
  test.each(['binary', 'binary-zlib', 'binary-big', 'appended', 'appended-zlib', 'raw', 'raw-zlib'])(
    'holds the same numbers as %s as in ASCII',
    async name => {
      expect(await compare(`${name}.vti`, 'ascii.vti', { rtol: 1e-12 })).toMatchObject({ ...same, compared: 77 });
      expect(await compare(`${name}.vti`, 'ascii-other.vti')).toMatchObject({
        same: false,
        first: { at: 'ImageData/Piece/PointData/pressure[7]', toward: 0.9500000000000001 },
      });
    },
  );

  test('differs in its geometry', async () => {
    const text = fixture('ascii.vti').toString();
    expect(await compareNumeric('a.vti', text, text.replace('Spacing="0.5', 'Spacing="0.25'))).toMatchObject({
      same: false,
      first: { at: 'ImageData@Spacing[0]', from: 0.5, toward: 0.25 },
    });
  });

  test('without arrays is text', async () => {
    const text =
      '<?xml version="1.0"?>\n<VTKFile type="Collection"><Collection><DataSet timestep="0.1" file="a.vtu"/></Collection></VTKFile>\n';
    expect(await compareNumeric('a.pvd', text, text.replace('0.1', '0.2'))).toMatchObject({
      same: false,
      first: { from: 0.1, toward: 0.2 },
    });
  });

  test.each(['ascii', 'binary', 'appended-zlib', 'raw'])('that is cut off is not the same: %s', async name => {
    const whole = fixture(`${name}.vti`);
    for (let length = 150; length < whole.length - 40; length += 37) {
      expect(await compareNumeric('x.vti', whole.subarray(0, length), whole), `${length}`).toMatchObject({
        same: false,
      });
    }
  });
});
