import { type DecodedImage, unreadableImage } from './decoded-image.ts';
import { readJpeg } from './jpeg/read-jpeg.ts';
import { pngSignature } from './png/png-chunks.ts';
import { readPng } from './png/read-png.ts';

export type ImageKind = 'png' | 'jpeg';

/** What kind of image the first bytes tell, whatever the file is called; null for all that is not decoded here. */
export function imageKind(bytes: Uint8Array): ImageKind | null {
  if (startsWith(bytes, pngSignature)) return 'png';
  return startsWith(bytes, '\xff\xd8\xff') ? 'jpeg' : null;
}

/** Decodes a PNG or JPEG image. Throws Problem UNREADABLE, whose message goes on where "from …" or "toward …" begins. */
export async function readImage(bytes: Uint8Array): Promise<DecodedImage> {
  const kind = imageKind(bytes);
  if (kind === null) throw unreadableImage('is no PNG or JPEG image');
  return kind === 'png' ? readPng(bytes) : readJpeg(bytes);
}

function startsWith(bytes: Uint8Array, signature: string): boolean {
  for (let at = 0; at < signature.length; at++) if (bytes[at] !== signature.charCodeAt(at)) return false;
  return true;
}
