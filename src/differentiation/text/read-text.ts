/**
 * The text that bytes are in UTF-8, or why they are none. Nothing is repaired or swallowed: a byte order mark stays as
 * U+FEFF, an invalid byte or a NUL makes it no text.
 */
export function readText(bytes: Uint8Array): { text: string } | { because: string } {
  const nul = bytes.indexOf(0);
  if (nul >= 0) return { because: `has a NUL byte at offset ${nul}` };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { because: 'holds bytes that are not UTF-8' };
  }
}
