import { Problem } from '../../../domain/problem.ts';

/** One packet of git's wire format (gitprotocol-common): its bytes, or one of the three that carry none. */
export type Packet = Buffer | 'flush' | 'delimiter' | 'end';

export const flush = '0000';
export const delimiter = '0001';

/** One line to send; it must be ASCII. */
export function packet(line: string): string {
  return `${(line.length + 5).toString(16).padStart(4, '0')}${line}\n`;
}

/**
 * Cuts an answer into packets.
 * @throws Problem REMOTE_FAILED where it is none, or ends too early
 */
export function* packets(bytes: Buffer): Generator<Packet> {
  for (let at = 0; at < bytes.length; ) {
    const digits = bytes.toString('latin1', at, at + 4);
    const length = /^[0-9a-f]{4}$/.test(digits) ? Number.parseInt(digits, 16) : -1;
    if (length === 0 || length === 1 || length === 2) {
      yield (['flush', 'delimiter', 'end'] as const)[length]!;
      at += 4;
      continue;
    }
    if (length < 4 || at + length > bytes.length) {
      const what = length < 0 ? `${JSON.stringify(digits)} stands where a length should` : 'a packet is cut off';
      throw new Problem(
        'REMOTE_FAILED',
        `what came back is not git's protocol: ${what} (byte ${at} of ${bytes.length}). Try again; if it stays so, something between here and the server changes its answers.`,
      );
    }
    yield bytes.subarray(at + 4, at + length);
    at += length;
  }
}
