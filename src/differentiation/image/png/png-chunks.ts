import { unreadableImage } from '../decoded-image.ts';
import { crc32 } from './crc-32.ts';

export const pngSignature = '\x89PNG\r\n\x1a\n';

export interface PngChunk {
  /** Four letters; a capital first one: no reader may pass it over. */
  readonly type: string;
  readonly data: Uint8Array;
}

/**
 * The chunks of a PNG file, in order, up to and with IEND; what follows it is no part of the image. Throws UNREADABLE
 * where the file ends before, or a checksum is off.
 */
export function* pngChunks(bytes: Uint8Array): Generator<PngChunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = pngSignature.length; ; ) {
    if (at + 12 > bytes.length)
      throw unreadableImage('is a PNG image that ends before its last chunk: it is truncated');
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (!/^[A-Za-z]{4}$/.test(type)) throw unreadableImage(`is a damaged PNG image: no chunk begins at byte ${at}`);
    if (length > bytes.length - at - 12) {
      throw unreadableImage(`is a PNG image that ends within its ${type} chunk: it is truncated`);
    }
    if (crc32(bytes.subarray(at + 4, at + 8 + length)) !== view.getUint32(at + 8 + length)) {
      throw unreadableImage(`is a damaged PNG image: the checksum of its ${type} chunk is off`);
    }
    yield { type, data: bytes.subarray(at + 8, at + 8 + length) };
    if (type === 'IEND') return;
    at += 12 + length;
  }
}
