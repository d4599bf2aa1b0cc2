import { type DecodedImage, unreadableImage } from '../decoded-image.ts';
import { inflated } from './inflated.ts';
import { type Canvas, placeRow, type RowPlace } from './place-row.ts';
import { type PngChunk, pngChunks } from './png-chunks.ts';
import { colourType, type PngHeader, readPngHeader } from './png-header.ts';
import { unfilterRow } from './unfilter-row.ts';

interface PngParts {
  readonly header: PngHeader;
  readonly pixels: readonly Uint8Array[];
  readonly palette: Uint8Array | null;
  readonly transparent: readonly number[] | null;
  readonly colourSpace: string;
}

/**
 * Decodes a PNG image: every colour type, bit depth and interlacing of the specification (ISO/IEC 15948). Throws
 * UNREADABLE where it is truncated, damaged, animated (which frame to compare is anyone's guess) or too large.
 */
export async function readPng(bytes: Uint8Array): Promise<DecodedImage> {
  const parts = partsOf(bytes);
  const { header } = parts;
  const samples = header.width * header.height * 4;
  const canvas: Canvas = {
    header,
    rgba: new Uint8Array(samples),
    deep: header.depth === 16 ? new Uint16Array(samples) : null,
    palette: parts.palette,
    transparent: parts.transparent,
  };
  await fill(canvas, parts.pixels);
  const { width, height } = header;
  return { kind: 'a PNG image', width, height, rgba: canvas.rgba, deep: canvas.deep, colourSpace: parts.colourSpace };
}

/** Chunks that say how the numbers are to be shown; times, programs and resolutions are no part of the picture. */
const colourChunks = new Set(['gAMA', 'cHRM', 'sRGB', 'iCCP', 'cICP']);

function partsOf(bytes: Uint8Array): PngParts {
  let header: PngHeader | null = null;
  let palette: Uint8Array | null = null;
  let transparency: Uint8Array | null = null;
  const pixels: Uint8Array[] = [];
  const colourSpace: string[] = [];
  for (const chunk of pngChunks(bytes)) {
    const { type, data } = chunk;
    if (header === null && type !== 'IHDR') throw unreadableImage('is a damaged PNG image: it has no header');
    if (type === 'IHDR') header = readPngHeader(data);
    else if (type === 'PLTE') palette = data;
    else if (type === 'tRNS') transparency = data;
    else if (type === 'IDAT') pixels.push(data);
    else if (type === 'acTL') throw unreadableImage('is an animated PNG image, whose frames are not compared');
    else if (colourChunks.has(type))
      colourSpace.push(`${type}:${Array.from(data, byte => byte.toString(16)).join(' ')}`);
    else if (isCritical(chunk)) throw unreadableImage(`is a PNG image with a ${type} chunk, which there is not`);
  }
  if (header === null) throw unreadableImage('is a damaged PNG image: it has no header');
  const indexed = header.colour === colourType.palette;
  if (indexed && palette === null) throw unreadableImage('is a damaged PNG image: it has no palette');
  return {
    header,
    pixels,
    palette: indexed ? coloursOf(palette!, transparency) : null,
    transparent: !indexed && transparency !== null ? samplesOf(transparency, header) : null,
    colourSpace: colourSpace.sort().join('\n'),
  };
}

function isCritical({ type }: PngChunk): boolean {
  return type !== 'IEND' && type[0] === type[0]!.toUpperCase();
}

function coloursOf(palette: Uint8Array, transparency: Uint8Array | null): Uint8Array {
  if (palette.length === 0 || palette.length % 3 !== 0 || palette.length > 768) {
    throw unreadableImage(`is a damaged PNG image: its palette is ${palette.length} bytes long`);
  }
  const colours = new Uint8Array((palette.length / 3) * 4);
  for (let index = 0; index * 3 < palette.length; index++) {
    colours.set(palette.subarray(index * 3, index * 3 + 3), index * 4);
    colours[index * 4 + 3] = transparency?.[index] ?? 255;
  }
  return colours;
}

function samplesOf(transparency: Uint8Array, { channels }: PngHeader): number[] | null {
  const wanted = channels === 1 || channels === 3 ? channels : 0;
  if (wanted === 0 || transparency.length < wanted * 2) return null;
  const view = new DataView(transparency.buffer, transparency.byteOffset, transparency.byteLength);
  return Array.from({ length: wanted }, (_, index) => view.getUint16(index * 2));
}

/** Adam7: each pass has every `stepX`-th pixel of every `stepY`-th row. */
const passes = [
  { x: 0, y: 0, stepX: 8, stepY: 8 },
  { x: 4, y: 0, stepX: 8, stepY: 8 },
  { x: 0, y: 4, stepX: 4, stepY: 8 },
  { x: 2, y: 0, stepX: 4, stepY: 4 },
  { x: 0, y: 2, stepX: 2, stepY: 4 },
  { x: 1, y: 0, stepX: 2, stepY: 2 },
  { x: 0, y: 1, stepX: 1, stepY: 2 },
];

/** The rows as they stand in the file; `first` where the row above counts as zeros. */
function* rowsOf({ width, height, interlaced }: PngHeader): Generator<RowPlace & { readonly first: boolean }> {
  for (const { x, y, stepX, stepY } of interlaced ? passes : [{ x: 0, y: 0, stepX: 1, stepY: 1 }]) {
    const count = Math.ceil((width - x) / stepX);
    if (count <= 0) continue;
    for (let row = y; row < height; row += stepY) yield { y: row, x, stepX, count, first: row === y };
  }
}

async function fill(canvas: Canvas, pixels: readonly Uint8Array[]): Promise<void> {
  const bits = canvas.header.depth * canvas.header.channels;
  const bytesOf = (count: number) => Math.ceil((count * bits) / 8);
  const step = Math.max(1, bits >> 3);
  let line = new Uint8Array(1 + bytesOf(canvas.header.width));
  let above = new Uint8Array(line.length);
  const rows = rowsOf(canvas.header);
  let row = rows.next();
  let filled = 0;
  for await (const piece of inflated(pixels)) {
    for (let at = 0; at < piece.length; ) {
      // Whatever follows the last row is no part of the image, as libpng holds it.
      if (row.done) return;
      const length = 1 + bytesOf(row.value.count);
      const taken = Math.min(length - filled, piece.length - at);
      line.set(piece.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
      if (filled < length) continue;
      if (row.value.first) above.fill(0);
      const samples = line.subarray(1, length);
      unfilterRow(line[0]!, samples, above.subarray(1, length), step);
      placeRow(samples, row.value, canvas);
      [line, above] = [above, line];
      filled = 0;
      row = rows.next();
    }
  }
  if (!row.done) throw unreadableImage('is a PNG image with fewer pixels than its header says: it is truncated');
}
