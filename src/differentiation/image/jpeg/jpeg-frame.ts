import { requireFits, unreadableImage } from '../decoded-image.ts';
import { damagedJpeg } from './damaged-jpeg.ts';

/** One of the colours of an image, which may have fewer samples than there are pixels. */
export interface Component {
  readonly id: number;
  /** Samples where the component with the most has `frame.most…`. */
  readonly horizontal: number;
  readonly vertical: number;
  readonly quantization: number;
  /** In samples that belong to the image. */
  readonly width: number;
  readonly height: number;
  /** Blocks of 8 by 8 samples that the data of a scan of this component alone has. */
  readonly columns: number;
  readonly rows: number;
  /** Blocks in a line and in all, whole units of all components included. */
  readonly stride: number;
  readonly blocks: number;
}

export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly progressive: boolean;
  readonly components: readonly Component[];
  readonly mostHorizontal: number;
  readonly mostVertical: number;
  /** Units of all components: what is interleaved in a scan of several. */
  readonly unitColumns: number;
  readonly unitRows: number;
}

/** Reads a frame header (T.81, B.2.2). Throws UNREADABLE for what is not decoded and for what no memory is given to. */
export function readFrame(marker: number, data: Uint8Array): Frame {
  const progressive = marker === 0xc2;
  if (marker > 0xc2) {
    throw unreadableImage(
      'is a JPEG image of a kind that is not decoded (lossless, hierarchical or arithmetic coding)',
    );
  }
  const count = data[5] ?? 0;
  if (data.length < 6 + 3 * count) throw damagedJpeg('its frame header is too short');
  if (data[0] !== 8) throw unreadableImage(`is a JPEG image of ${data[0]} bits a colour, which is not decoded`);
  const [height, width] = [(data[1]! << 8) | data[2]!, (data[3]! << 8) | data[4]!];
  // A progressive one's coefficients are as much again as its samples, and more.
  requireFits('JPEG', width, height, 8);
  if (count !== 1 && count !== 3 && count !== 4) throw unreadableImage(`is a JPEG image of ${count} colours`);
  const heads = Array.from({ length: count }, (_, at) => {
    const [id, sampling, quantization] = data.subarray(6 + 3 * at) as unknown as [number, number, number];
    return { id, horizontal: sampling >> 4, vertical: sampling & 15, quantization };
  });
  for (const { horizontal, vertical, quantization } of heads) {
    if (horizontal < 1 || horizontal > 4 || vertical < 1 || vertical > 4 || quantization > 3) {
      throw damagedJpeg('its frame header is not one');
    }
  }
  const mostHorizontal = Math.max(...heads.map(({ horizontal }) => horizontal));
  const mostVertical = Math.max(...heads.map(({ vertical }) => vertical));
  const unitColumns = Math.ceil(width / (8 * mostHorizontal));
  const unitRows = Math.ceil(height / (8 * mostVertical));
  const components = heads.map(head => {
    const [own, ownHeight] = [
      Math.ceil((width * head.horizontal) / mostHorizontal),
      Math.ceil((height * head.vertical) / mostVertical),
    ];
    const stride = unitColumns * head.horizontal;
    return {
      ...head,
      width: own,
      height: ownHeight,
      columns: Math.ceil(own / 8),
      rows: Math.ceil(ownHeight / 8),
      stride,
      blocks: stride * unitRows * head.vertical,
    };
  });
  return { width, height, progressive, components, mostHorizontal, mostVertical, unitColumns, unitRows };
}
