import { crc32, deflateSync } from 'node:zlib';

export interface PngForm {
  readonly colour: number;
  readonly depth: number;
  readonly interlaced: boolean;
}

/** Every form that the PNG specification knows. */
export const pngForms: readonly PngForm[] = [
  ...[1, 2, 4, 8, 16].map(depth => ({ colour: 0, depth })),
  ...[8, 16].map(depth => ({ colour: 2, depth })),
  ...[1, 2, 4, 8].map(depth => ({ colour: 3, depth })),
  ...[8, 16].map(depth => ({ colour: 4, depth })),
  ...[8, 16].map(depth => ({ colour: 6, depth })),
].flatMap(form => [false, true].map(interlaced => ({ ...form, interlaced })));

const channels: Readonly<{ [colour: number]: number }> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

export function pngChunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}

export function pngHeader(width: number, height: number, form: PngForm): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set([form.depth, form.colour, 0, 0, form.interlaced ? 1 : 0], 8);
  return pngChunk('IHDR', header);
}

export const pngStart = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
export const pngEnd = pngChunk('IEND', Buffer.alloc(0));

/**
 * A PNG image written by hand: `sample(x, y, channel)` is at most 2^depth - 1, `filter(row)` one of 0 to 4. `extra`
 * stands before the pixels (PLTE, tRNS, …).
 */
export function pngFile(
  width: number,
  height: number,
  form: PngForm,
  sample: (x: number, y: number, channel: number) => number,
  filter: (row: number) => number,
  extra: readonly Buffer[] = [],
): Buffer {
  const passes = form.interlaced
    ? [
        [0, 0, 8, 8],
        [4, 0, 8, 8],
        [0, 4, 4, 8],
        [2, 0, 4, 4],
        [0, 2, 2, 4],
        [1, 0, 2, 2],
        [0, 1, 1, 2],
      ]
    : [[0, 0, 1, 1]];
  const lines: Buffer[] = [];
  const step = Math.max(1, (form.depth * channels[form.colour]!) >> 3);
  for (const [left, top, stepX, stepY] of passes as [number, number, number, number][]) {
    let above: Buffer | null = null;
    for (let y = top; y < height && left < width; y += stepY) {
      const bits: number[] = [];
      for (let x = left; x < width; x += stepX) {
        for (let channel = 0; channel < channels[form.colour]!; channel++) {
          const value = sample(x, y, channel);
          for (let bit = form.depth - 1; bit >= 0; bit--) bits.push((value >> bit) & 1);
        }
      }
      const row = Buffer.alloc(Math.ceil(bits.length / 8));
      for (const [at, bit] of bits.entries()) row[at >> 3]! |= bit << (7 - (at & 7));
      const kind = filter(lines.length);
      lines.push(Buffer.concat([Buffer.from([kind]), filtered(kind, row, above ?? Buffer.alloc(row.length), step)]));
      above = row;
    }
  }
  const pixels = deflateSync(Buffer.concat(lines));
  const cut = Math.floor(pixels.length / 2);
  return Buffer.concat([
    pngStart,
    pngHeader(width, height, form),
    ...extra,
    pngChunk('IDAT', pixels.subarray(0, cut)),
    pngChunk('IDAT', pixels.subarray(cut)),
    pngEnd,
  ]);
}

function filtered(kind: number, row: Buffer, above: Buffer, step: number): Buffer {
  return Buffer.from(
    row.map((value, at) => {
      const a = at >= step ? row[at - step]! : 0;
      const b = above[at]!;
      const c = at >= step ? above[at - step]! : 0;
      const p = a + b - c;
      const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
      const paeth = pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
      return value - [0, a, b, (a + b) >> 1, paeth][kind]!;
    }),
  );
}
