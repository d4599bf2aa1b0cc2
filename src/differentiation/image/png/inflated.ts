import { unreadableImage } from '../decoded-image.ts';

/**
 * Inflates what PNG's IDAT chunks hold together, piece by piece and only as fast as it is taken, so that a small file
 * that would grow without end costs no memory. Throws UNREADABLE where the data is damaged or ends early.
 */
export async function* inflated(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  const compressed = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      for (const part of parts) if (part.length > 0) controller.enqueue(part as Uint8Array<ArrayBuffer>);
      controller.close();
    },
  });
  const reader = compressed.pipeThrough(new DecompressionStream('deflate')).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (cause) {
    throw unreadableImage('is a damaged PNG image: its pixels cannot be inflated', cause);
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
