import { unreadableImage } from '../decoded-image.ts';
import { colourType, type PngHeader } from './png-header.ts';

/** Where a row's pixels go: every `stepX`-th from `x` in row `y` of the image, `count` of them. */
export interface RowPlace {
  readonly y: number;
  readonly x: number;
  readonly stepX: number;
  readonly count: number;
}

/** The image being filled, and what the file says of its colours. */
export interface Canvas {
  readonly header: PngHeader;
  readonly rgba: Uint8Array;
  readonly deep: Uint16Array | null;
  /** Red, green, blue, alpha of each index; null where there is no palette. */
  readonly palette: Uint8Array | null;
  /** The samples that mean fully transparent (tRNS); null where none do. */
  readonly transparent: readonly number[] | null;
}

/** Writes one unfiltered row of samples into the image. */
export function placeRow(row: Uint8Array, place: RowPlace, canvas: Canvas): void {
  const { colour, depth } = canvas.header;
  if (colour === colourType.rgba && depth === 8 && place.stepX === 1) {
    canvas.rgba.set(row.subarray(0, place.count * 4), place.y * canvas.header.width * 4);
  } else if (depth === 16) placeDeep(row, place, canvas);
  else if (colour === colourType.palette) placeIndexed(row, place, canvas);
  else placeShallow(row, place, canvas);
}

function placeShallow(row: Uint8Array, { y, x, stepX, count }: RowPlace, canvas: Canvas): void {
  const { rgba, transparent } = canvas;
  const { width, depth, channels } = canvas.header;
  const isGrey = channels < 3;
  const hasAlpha = channels === 2 || channels === 4;
  const scale = 255 / (2 ** depth - 1);
  let to = (y * width + x) * 4;
  for (let pixel = 0; pixel < count; pixel++, to += stepX * 4) {
    const at = pixel * channels;
    const red = depth === 8 ? row[at]! : bitsAt(row, pixel, depth);
    const green = isGrey ? red : row[at + 1]!;
    const blue = isGrey ? red : row[at + 2]!;
    rgba[to] = red * scale;
    rgba[to + 1] = green * scale;
    rgba[to + 2] = blue * scale;
    if (hasAlpha) rgba[to + 3] = row[at + channels - 1]!;
    else rgba[to + 3] = transparent !== null && isColour(transparent, red, green, blue) ? 0 : 255;
  }
}

function placeIndexed(row: Uint8Array, { y, x, stepX, count }: RowPlace, canvas: Canvas): void {
  const { rgba, palette } = canvas;
  const { width, depth } = canvas.header;
  let to = (y * width + x) * 4;
  for (let pixel = 0; pixel < count; pixel++, to += stepX * 4) {
    const at = (depth === 8 ? row[pixel]! : bitsAt(row, pixel, depth)) * 4;
    if (at >= palette!.length) {
      throw unreadableImage(`is a damaged PNG image: it uses colour ${at / 4} of a palette of ${palette!.length / 4}`);
    }
    rgba[to] = palette![at]!;
    rgba[to + 1] = palette![at + 1]!;
    rgba[to + 2] = palette![at + 2]!;
    rgba[to + 3] = palette![at + 3]!;
  }
}

function placeDeep(row: Uint8Array, { y, x, stepX, count }: RowPlace, canvas: Canvas): void {
  const { rgba, transparent } = canvas;
  const deep = canvas.deep!;
  const { width, channels } = canvas.header;
  const isGrey = channels < 3;
  const hasAlpha = channels === 2 || channels === 4;
  const sample = (index: number) => (row[index * 2]! << 8) | row[index * 2 + 1]!;
  let to = (y * width + x) * 4;
  for (let pixel = 0; pixel < count; pixel++, to += stepX * 4) {
    const at = pixel * channels;
    const red = sample(at);
    const green = isGrey ? red : sample(at + 1);
    const blue = isGrey ? red : sample(at + 2);
    deep[to] = red;
    deep[to + 1] = green;
    deep[to + 2] = blue;
    if (hasAlpha) deep[to + 3] = sample(at + channels - 1);
    else deep[to + 3] = transparent !== null && isColour(transparent, red, green, blue) ? 0 : 65535;
    for (let channel = to; channel < to + 4; channel++) rgba[channel] = Math.round(deep[channel]! / 257);
  }
}

/** A sample of less than 8 bits; the leftmost pixel is in the highest bits. */
function bitsAt(row: Uint8Array, pixel: number, depth: number): number {
  const bit = pixel * depth;
  return (row[bit >> 3]! >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
}

function isColour(colour: readonly number[], red: number, green: number, blue: number): boolean {
  return colour.length === 1 ? colour[0] === red : colour[0] === red && colour[1] === green && colour[2] === blue;
}
