/** What the components of an image are: the file's own word, or the usual reading of it. */
export type Colours = 'grey' | 'rgb' | 'ycc' | 'cmyk' | 'ycck';

type Row = Uint8ClampedArray;

// Parts of 2^16, as the Independent JPEG Group rounds them (JFIF, ITU-R BT.601).
const half = 1 << 15;
const redOfCr = Int32Array.from({ length: 256 }, (_, value) => (91881 * (value - 128) + half) >> 16);
const blueOfCb = Int32Array.from({ length: 256 }, (_, value) => (116130 * (value - 128) + half) >> 16);
const greenOfCr = Int32Array.from({ length: 256 }, (_, value) => -46802 * (value - 128));
const greenOfCb = Int32Array.from({ length: 256 }, (_, value) => -22554 * (value - 128) + half);

/** Writes one row of samples into `rgba` from `at` on. `inverted`: inks are 255 where there is none, as Adobe writes them. */
export function placeColours(
  rows: readonly Row[],
  colours: Colours,
  inverted: boolean,
  rgba: Uint8ClampedArray,
  at: number,
  width: number,
): void {
  const [first, second, third, fourth] = rows as [Row, Row, Row, Row];
  if (colours === 'ycc') placeYcc(first, second, third, rgba, at, width);
  else if (colours === 'grey') placeRgb(first, first, first, rgba, at, width);
  else if (colours === 'rgb') placeRgb(first, second, third, rgba, at, width);
  else {
    if (colours === 'ycck') {
      placeYcc(first, second, third, rgba, at, width);
      // YCC of inks: what it gives are their complements.
      for (let to = at; to < at + width * 4; to++) rgba[to] = 255 - rgba[to]!;
    } else placeRgb(first, second, third, rgba, at, width);
    placeBlack(fourth, inverted, rgba, at, width);
  }
}

function placeRgb(red: Row, green: Row, blue: Row, rgba: Uint8ClampedArray, at: number, width: number): void {
  for (let x = 0, to = at; x < width; x++, to += 4) {
    rgba[to] = red[x]!;
    rgba[to + 1] = green[x]!;
    rgba[to + 2] = blue[x]!;
    rgba[to + 3] = 255;
  }
}

function placeYcc(luma: Row, cb: Row, cr: Row, rgba: Uint8ClampedArray, at: number, width: number): void {
  for (let x = 0, to = at; x < width; x++, to += 4) {
    const y = luma[x]!;
    const b = cb[x]!;
    const r = cr[x]!;
    rgba[to] = y + redOfCr[r]!;
    rgba[to + 1] = y + ((greenOfCb[b]! + greenOfCr[r]!) >> 16);
    rgba[to + 2] = y + blueOfCb[b]!;
    rgba[to + 3] = 255;
  }
}

/** Inks to light: what cyan, magenta and yellow leave, black takes its share of. */
function placeBlack(black: Row, inverted: boolean, rgba: Uint8ClampedArray, at: number, width: number): void {
  for (let x = 0, to = at; x < width; x++, to += 4) {
    const light = inverted ? black[x]! : 255 - black[x]!;
    for (let channel = to; channel < to + 3; channel++) {
      const left = inverted ? rgba[channel]! : 255 - rgba[channel]!;
      rgba[channel] = (left * light) / 255;
    }
    rgba[to + 3] = 255;
  }
}
