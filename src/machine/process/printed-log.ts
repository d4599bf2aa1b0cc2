/**
 * What a run printed, as it was printed, within a limit: the first and the last bytes are kept, since a simulation says
 * what it does at the start and how it ended at the end; what is left out in between is said there.
 */
export interface PrintedLog {
  add(chunk: Buffer): void;
  /** At most `limit` bytes. */
  content(): Buffer;
}

/** Room for the sentence that marks the gap. */
const markRoom = 96;

/** @param limit in bytes, at least 256 */
export function printedLog(limit: number): PrintedLog {
  const headRoom = Math.floor((limit - markRoom) / 2);
  const tailRoom = limit - markRoom - headRoom;
  // Everything is kept until the limit is passed: only then is there a gap to mark.
  let head = Buffer.alloc(0);
  let tail: Buffer[] = [];
  let tailSize = 0;
  let size = 0;

  const joined = () => Buffer.concat(tail, tailSize);
  return {
    add(chunk) {
      size += chunk.length;
      const missing = headRoom - head.length;
      if (missing > 0) head = Buffer.concat([head, chunk.subarray(0, missing)]);
      const rest = missing > 0 ? chunk.subarray(missing) : chunk;
      if (rest.length === 0) return;
      // A copy of what may stay: a slice would keep the whole chunk in memory.
      tail.push(Buffer.from(rest.subarray(-(limit - headRoom))));
      tailSize += tail.at(-1)!.length;
      if (tailSize > 4 * limit) {
        const last = Buffer.from(joined().subarray(-(limit - headRoom)));
        tail = [last];
        tailSize = last.length;
      }
    },
    content() {
      if (size <= limit) return Buffer.concat([head, joined()]);
      // The gap opens between two lines where one ends near, and never inside a UTF-8 character.
      let first = head;
      const lineEnd = head.lastIndexOf(10) + 1;
      if (lineEnd > headRoom / 2) first = head.subarray(0, lineEnd);
      else while (first.length > headRoom - 4 && isInsideCharacter(head, first.length)) first = first.subarray(0, -1);
      let last = joined().subarray(-tailRoom);
      const lineStart = last.indexOf(10) + 1;
      if (lineStart > 0 && lineStart < tailRoom / 2) last = last.subarray(lineStart);
      else while (last.length > tailRoom - 4 && (last[0]! & 0xc0) === 0x80) last = last.subarray(1);
      const mark = `\n[… ${size - first.length - last.length} of ${size} bytes left out here …]\n`;
      return Buffer.concat([first, Buffer.from(mark), last]);
    },
  };
}

/** Whether cutting `bytes` after `length` leaves a UTF-8 character begun but not ended. */
function isInsideCharacter(bytes: Buffer, length: number): boolean {
  for (let back = 1; back <= 4 && back <= length; back += 1) {
    const byte = bytes[length - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    const need = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return need > back;
  }
  return false;
}
