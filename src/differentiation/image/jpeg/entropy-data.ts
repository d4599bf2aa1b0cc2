/** More than any one unit of blocks takes; zeros behind the data, so that no read goes beyond it. */
const padding = 8192;

/** The bits of one scan, without what the file puts between them. */
export interface EntropyData {
  readonly view: DataView;
  /** The offset of each part, of which restart markers set the next apart, and at last that of the end. */
  readonly parts: readonly number[];
  /** Where in the file the marker after the scan is; the file's length where there is none. */
  readonly end: number;
}

/** Gathers the bits of the scan that begins at `start`: stuffed zeros, fill bytes and restart markers are left out. */
export function entropyData(file: Uint8Array, start: number): EntropyData {
  const end = endOfScan(file, start);
  const bytes = new Uint8Array(end - start + padding);
  const parts = [0];
  let length = 0;
  let from = start;
  while (from < end) {
    let mark = file.indexOf(0xff, from);
    if (mark < 0 || mark >= end) mark = end;
    bytes.set(file.subarray(from, mark), length);
    length += mark - from;
    from = mark + 1;
    if (mark === end || file[from] === 0xff) continue;
    if (file[from] === 0) bytes[length++] = 0xff;
    else parts.push(length);
    from++;
  }
  parts.push(length);
  return { view: new DataView(bytes.buffer), parts, end };
}

function endOfScan(file: Uint8Array, start: number): number {
  for (let at = start; ; at++) {
    at = file.indexOf(0xff, at);
    if (at < 0 || at + 1 >= file.length) return file.length;
    const next = file[at + 1]!;
    if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at;
  }
}
