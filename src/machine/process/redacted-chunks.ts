import type { Redaction } from '../../domain/redaction.ts';

/** Passes a stream's chunks on with its secrets hidden, also where one stands across two chunks. */
export interface RedactedChunks {
  add(chunk: Buffer): void;
  /** What is held back comes too. */
  end(): void;
}

/** @param keep is shown every byte once, in order, up to `longest - 1` bytes late */
export function redactedChunks(redaction: Redaction, keep: (chunk: Buffer) => void): RedactedChunks {
  if (redaction.isEmpty) return { add: keep, end() {} };
  let held: Buffer = Buffer.alloc(0);
  return {
    add(chunk) {
      const all = Buffer.from(redaction.bytes(Buffer.concat([held, chunk])));
      // A secret that is whole is hidden by now; one that only begins here is shorter than this.
      const cut = Math.max(0, all.length - (redaction.longest - 1));
      held = Buffer.from(all.subarray(cut));
      if (cut > 0) keep(all.subarray(0, cut));
    },
    end() {
      if (held.length > 0) keep(held);
      held = Buffer.alloc(0);
    },
  };
}
