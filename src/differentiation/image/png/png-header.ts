import { requireFits, unreadableImage } from '../decoded-image.ts';

/** How the samples of a pixel stand: the PNG specification's colour types. */
export const colourType = { grey: 0, rgb: 2, palette: 3, greyAlpha: 4, rgba: 6 } as const;

export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample (of a palette index): 1, 2, 4, 8 or 16. */
  readonly depth: number;
  readonly colour: number;
  readonly interlaced: boolean;
  /** Samples of a pixel. */
  readonly channels: number;
}

const depths: Readonly<{ [colour: number]: readonly number[] }> = {
  [colourType.grey]: [1, 2, 4, 8, 16],
  [colourType.rgb]: [8, 16],
  [colourType.palette]: [1, 2, 4, 8],
  [colourType.greyAlpha]: [8, 16],
  [colourType.rgba]: [8, 16],
};
const channels: Readonly<{ [colour: number]: number }> = {
  [colourType.grey]: 1,
  [colourType.rgb]: 3,
  [colourType.palette]: 1,
  [colourType.greyAlpha]: 2,
  [colourType.rgba]: 4,
};

/** Reads IHDR. Throws UNREADABLE for what the specification does not know, and for images that no memory is given to. */
export function readPngHeader(data: Uint8Array): PngHeader {
  if (data.length !== 13) throw unreadableImage('is a damaged PNG image: its header is not 13 bytes long');
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, colour, compression, filter, interlace] = [...data.subarray(8)] as [
    number,
    number,
    number,
    number,
    number,
  ];
  if (!depths[colour]?.includes(depth)) {
    throw unreadableImage(`is a PNG image of colour type ${colour} with ${depth} bits, which there is not`);
  }
  if (compression !== 0 || filter !== 0 || interlace > 1) {
    throw unreadableImage('is a PNG image with a compression, filter or interlacing method that there is not');
  }
  requireFits('PNG', width, height, depth === 16 ? 8 : 4);
  return { width, height, depth, colour, interlaced: interlace === 1, channels: channels[colour]! };
}
