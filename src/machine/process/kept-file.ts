import { createHash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';

/** Bytes that are in a file of ours until the run is released. */
export interface KeptFile {
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
}

/** Collects bytes in a file and hashes them by the way; gives up with a note, and not the run, when the disk is full. */
export function keptFile(path: string, note: (text: string) => void) {
  const hash = createHash('sha256');
  let descriptor: number | null = openSync(path, 'w', 0o600);
  let size = 0;
  return {
    add(chunk: Buffer) {
      if (descriptor === null) return;
      try {
        for (let at = 0; at < chunk.length; ) at += writeSync(descriptor, chunk, at);
        hash.update(chunk);
        size += chunk.length;
      } catch (error) {
        closeSync(descriptor);
        descriptor = null;
        note(`its stdout could not be kept whole: ${(error as Error).message}`);
      }
    },
    content(): KeptFile | null {
      if (descriptor === null) return null;
      closeSync(descriptor);
      descriptor = null;
      return { path, sha256: hash.digest('hex'), size };
    },
  };
}
