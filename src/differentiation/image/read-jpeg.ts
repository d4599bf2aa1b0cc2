import { decode } from 'jpeg-js';
import { type DecodedImage, mostDecodedBytes, requireFits, unreadableImage } from './decoded-image.ts';

/** Each scan goes over the whole image again; programs write some ten. */
const mostScans = 64;

/**
 * Decodes a JPEG image, baseline or progressive, of 8 bits a colour. Throws UNREADABLE where it is truncated, damaged,
 * too large, or of a kind that the decoder does not know (arithmetic coding, 12 bits).
 */
export function readJpeg(bytes: Uint8Array): DecodedImage {
  const { width, height } = frameOf(bytes);
  // The decoder holds every coefficient, which is as much again and more.
  requireFits('JPEG', width, height, 8);
  try {
    const { data } = decode(bytes, {
      useTArray: true,
      formatAsRGBA: true,
      tolerantDecoding: false,
      maxResolutionInMP: mostDecodedBytes / 4e6 + 1,
      maxMemoryUsageInMB: 512,
    });
    return { kind: 'a JPEG image', width, height, rgba: data, deep: null, colourSpace: '' };
  } catch (cause) {
    throw unreadableImage(`is a JPEG image that cannot be decoded (${(cause as Error).message})`, cause);
  }
}

/** Walks the markers up to the first scan, then counts scans up to the end marker. */
function frameOf(bytes: Uint8Array): { width: number; height: number } {
  const truncated = () => unreadableImage('is a JPEG image that ends early: it is truncated');
  let frame: { width: number; height: number } | null = null;
  let scans = 0;
  let at = 2;
  for (;;) {
    // Between the bytes of a scan, FF is followed by 00 or a restart marker; any other is a marker of its own.
    while (at + 1 < bytes.length && !(bytes[at] === 0xff && isMarker(bytes[at + 1]!))) at++;
    if (at + 1 >= bytes.length) throw truncated();
    const marker = bytes[at + 1]!;
    if (marker === 0xd9) break;
    if (at + 4 > bytes.length) throw truncated();
    const length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    if (length < 2 || at + 2 + length > bytes.length) throw truncated();
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) {
      if (frame !== null) throw unreadableImage('is a JPEG image of more than one frame');
      if (length < 8) throw truncated();
      frame = {
        height: (bytes[at + 5]! << 8) | bytes[at + 6]!,
        width: (bytes[at + 7]! << 8) | bytes[at + 8]!,
      };
    }
    if (marker === 0xda && ++scans > mostScans) {
      throw unreadableImage(`is a JPEG image of more than ${mostScans} scans`);
    }
    at += 2 + length;
  }
  if (frame === null || scans === 0) throw unreadableImage('is a damaged JPEG image: it holds no picture');
  return frame;
}

function isMarker(byte: number): boolean {
  return byte !== 0 && byte !== 0xff && byte !== 0x01 && !(byte >= 0xd0 && byte <= 0xd8);
}
