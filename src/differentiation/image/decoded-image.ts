import { Problem } from '../../domain/problem.ts';

/** An image in memory, its colours as the file has them: no profile and no gamma is applied. */
export interface DecodedImage {
  /** In words, as "from is …". */
  readonly kind: string;
  /** pixels */
  readonly width: number;
  readonly height: number;
  /** Red, green, blue, alpha, 0 to 255 each, row by row from the top; 16 bit colours rounded. */
  readonly rgba: Uint8Array;
  /** The same from 0 to 65535 where the file has 16 bits a colour; null where 8 tell all. */
  readonly deep: Uint16Array | null;
  /** What the file says of how its numbers are to be shown (profile, gamma); '' where it says nothing. */
  readonly colourSpace: string;
}

/** Most bytes of one decoded image: 33 million pixels of 8 bits a colour (a 4K picture has 8 million), half as many of 16. */
const mostDecodedBytes = 2 ** 27;

export function unreadableImage(because: string, cause?: unknown): Problem {
  return new Problem('UNREADABLE', because, cause === undefined ? {} : { cause });
}

/** Throws UNREADABLE for sizes that no memory is given to; to be asked before any is. */
export function requireFits(kind: string, width: number, height: number, bytesPerPixel: number): void {
  if (width === 0 || height === 0) throw unreadableImage(`is a ${kind} image without pixels (${width} x ${height})`);
  const most = Math.floor(mostDecodedBytes / bytesPerPixel);
  if (width * height > most) {
    throw unreadableImage(
      `is a ${kind} image of ${width} x ${height} pixels by its header; at most ${most} pixels are compared`,
    );
  }
}
