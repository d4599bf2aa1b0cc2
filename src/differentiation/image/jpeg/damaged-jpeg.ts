import type { Problem } from '../../../domain/problem.ts';
import { unreadableImage } from '../decoded-image.ts';

/** What is thrown for a JPEG file that breaks the specification (ITU-T T.81). */
export function damagedJpeg(because: string): Problem {
  return unreadableImage(`is a damaged JPEG image: ${because}`);
}

export function truncatedJpeg(): Problem {
  return unreadableImage('is a JPEG image that ends early: it is truncated');
}
