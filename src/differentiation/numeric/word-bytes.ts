const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const latin1 = new TextDecoder('latin1');

/** Bytes as a word. Bytes that are not UTF-8 stay distinct: they are shown as Latin-1, behind a mark. */
export function wordOf(bytes: Uint8Array, start: number, end: number): string {
  const slice = bytes.subarray(start, end);
  if (slice.length < 32 && slice.every(byte => byte < 0x80)) return String.fromCharCode(...slice);
  try {
    return utf8.decode(slice);
  } catch {
    return `\u{fffd}${latin1.decode(slice)}`;
  }
}

/** Plain ASCII bytes as text, however long. */
export function asciiOf(bytes: Uint8Array, start: number, end: number): string {
  return end - start < 64
    ? String.fromCharCode(...bytes.subarray(start, end))
    : latin1.decode(bytes.subarray(start, end));
}
