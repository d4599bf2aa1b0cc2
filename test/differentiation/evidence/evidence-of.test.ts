import { describe, expect, test } from 'vitest';
import { defaultMethod } from '../../../src/differentiation/default-method.ts';
import { evidenceOf } from '../../../src/differentiation/evidence/evidence-of.ts';
import { imageMethod } from '../../../src/differentiation/image/image-method.ts';
import { writePng } from '../../../src/differentiation/image/png/write-png.ts';
import { readImage } from '../../../src/differentiation/image/read-image.ts';
import type { Method } from '../../../src/differentiation/method.ts';
import { numeric } from '../../../src/differentiation/numeric/numeric.ts';
import { readOptions } from '../../../src/differentiation/registry.ts';
import type { Curve } from '../../../src/domain/comparison-report/evidence.ts';
import { pngEnd, pngHeader, pngStart } from '../image/png-file.ts';

const budget = { bytes: 2 ** 26, steps: 1e9 };

function seen(
  path: string,
  from: string | Uint8Array,
  toward: string | Uint8Array,
  method: Method = numeric,
  given = {},
) {
  const bytes = (content: string | Uint8Array) => (typeof content === 'string' ? Buffer.from(content) : content);
  return evidenceOf(path, bytes(from), bytes(toward), method, readOptions(method, given), budget, true);
}

function points({ x, y }: Curve): string {
  return x.map((place, at) => `${place}:${y[at]}`).join(' ');
}

describe('numbers', () => {
  const rows = (energies: readonly number[]) =>
    `time,energy,force\n${energies.map((energy, at) => `${at / 2},${energy},7`).join('\n')}\n`;

  test('the column that differs, along the first one where it rises and is the same', async () => {
    const { plot, hunk, numbers } = await seen('a.csv', rows([1, 2, 4]), rows([1, 2, 3]));
    expect([numbers, hunk, plot!.more, plot!.panels.length]).toEqual([true, null, 0, 1]);
    const [panel] = plot!.panels;
    expect([panel!.title, panel!.x, panel!.count]).toEqual(['energy', 'time', 3]);
    expect(points(panel!.from)).toBe('0:1 0.5:2 1:4');
    expect(points(panel!.toward)).toBe('0:1 0.5:2 1:3');
    expect(points(panel!.difference)).toBe('0:0 0.5:0 1:1');
  });

  test('the largest differences with their places, as the method measures them', async () => {
    const [from, toward] = [rows([1000, 2, 0.001, 1]), rows([1003, 2, 0.002, 'nan' as never])];
    const { largest } = await seen('a.csv', from, toward);
    const { max_abs, max_rel } = await numeric.compare('a.csv', Buffer.from(from), Buffer.from(toward), {}, budget);
    expect(largest).toEqual({
      absolute: { at: 'row 1, column energy', from: 1000, toward: 1003, difference: 3 },
      relative: { at: 'row 3, column energy', from: 0.001, toward: 0.002, difference: 0.5 },
    });
    expect([max_abs, max_rel]).toEqual(['nan', 'nan']);
    const { largest: symmetric } = await seen('a.csv', rows([4, 1]), rows([2, 0]), numeric, { symmetric: true });
    expect(symmetric!.relative).toMatchObject({ at: 'row 2, column energy', difference: 1 });
    expect((await seen('a.csv', from, toward, defaultMethod)).largest).toBeNull();
  });

  test('along the row where the first column is no axis', async () => {
    const { plot } = await seen('a.txt', '2 1\n1 2\n3 4\n', '2 1\n1 2\n3 3\n');
    expect([plot!.panels[0]!.title, plot!.panels[0]!.x]).toEqual(['column 2', 'row']);
    expect(points(plot!.panels[0]!.difference)).toBe('1:0 2:0 3:1');
  });

  test('of many columns those that differ most, the rest counted', async () => {
    const table = (wrong: readonly number[]) =>
      `${[0, 1].map(row => wrong.map(part => 100 + part + row).join(' ')).join('\n')}\n`;
    const { plot } = await seen('a.txt', table([1, 2, 3, 4, 5]), table([0, 0, 0, 0, 0]));
    expect(plot!.panels.map(panel => panel.title)).toEqual(['column 5', 'column 4', 'column 3']);
    expect(plot!.more).toBe(2);
  });

  test('under the default method a table has its lines too, and prose no curves', async () => {
    const table = await seen('a.csv', rows([1, 2, 4]), rows([1, 2, 3]), defaultMethod);
    expect([table.numbers, table.plot?.panels.length]).toEqual([true, 1]);
    expect(table.hunk!.lines.map(line => line.text)).toEqual(['0,1,7', '0.5,2,7', '1,3,7', '1,4,7']);
    const prose = await seen('a.txt', 'The 3 of them.\nGo\n', 'The 4 of them.\nGo\n', defaultMethod);
    expect([prose.numbers, prose.plot]).toEqual([false, null]);
    expect(prose.hunk).not.toBeNull();
  });

  test("what the default method ignores is no line of a hunk's", async () => {
    const { hunk } = await seen('a.txt', 'at 10:31\r\na\n', 'at 09:12\nb\n', defaultMethod, {
      ignore: ['\\d+:\\d+'],
      normalize_eol: true,
    });
    expect(hunk!.lines.map(line => line.side)).toEqual(['both', 'toward', 'from']);
  });

  test('files that nobody can read show nothing, and nothing is thrown', async () => {
    const nothing = { hunk: null, plot: null, images: null, numbers: false, largest: null };
    expect(await seen('a.npy', Buffer.from('\x93NUMPY\x01\x00\xff\xff', 'latin1'), Buffer.from([0, 1, 2]))).toEqual(
      nothing,
    );
    expect(await seen('a', Buffer.from([0]), Buffer.from([1]), defaultMethod)).toEqual(nothing);
  });
});

describe('images', () => {
  const white = new Uint8Array(4 * 3 * 4).fill(255);
  const dotted = Uint8Array.from(white);
  dotted.set([0, 0, 0], 0);

  test('both, and where they differ', async () => {
    const [from, toward] = [await writePng(4, 3, dotted), await writePng(4, 3, white)];
    const { images } = await seen('plot.png', from, toward, imageMethod);
    expect(images!.because).toBeNull();
    expect([images!.from!.bytes, images!.toward!.bytes]).toEqual([from, toward]);
    const { rgba } = await readImage(images!.difference!.bytes);
    expect([...rgba.subarray(0, 8)]).toEqual([207, 34, 46, 255, 255, 255, 255, 255]);
  });

  test('of other sizes: both, and why nothing else', async () => {
    const { images } = await seen('plot.png', await writePng(4, 3, white), await writePng(3, 4, white), defaultMethod);
    expect(images).toMatchObject({ from: { width: 4, height: 3 }, toward: { width: 3, height: 4 }, difference: null });
    expect(images!.because).toBe('from has 4 x 3 pixels, toward 3 x 4');
  });

  test('without pictures nothing is decoded', async () => {
    const bytes = await writePng(4, 3, white);
    const found = await evidenceOf('a.png', bytes, bytes.subarray(0, 20), imageMethod, {}, budget, false);
    expect(found.images).toEqual({ from: null, toward: null, difference: null, because: null });
  });

  test('one that says it is huge is not shown to anybody', async () => {
    const huge = Buffer.concat([pngStart, pngHeader(1e5, 1e5, { colour: 6, depth: 8, interlaced: false }), pngEnd]);
    const { images } = await seen('plot.png', huge, await writePng(4, 3, white), imageMethod);
    expect(images).toMatchObject({ from: null, toward: { width: 4 }, difference: null });
    expect(images!.because).toMatch(/^from is a PNG image of 100000 x 100000 pixels/);
  });
});
