/**
 * Names in trees are bytes. Inside the store they are strings with one character a byte (latin1), which compare and
 * split as git's do. Outside they are text; a byte that is no UTF-8 becomes half a surrogate pair, U+DC80 to U+DCFF (as
 * Python's surrogateescape), so that every name has one text, no two names have the same, and `whyUnsafe` refuses it.
 */
export function nameToText(name: string): string {
  if (/^[\x00-\x7f]*$/.test(name)) return name;
  const bytes = Buffer.from(name, 'latin1');
  const whole = bytes.toString('utf8');
  if (Buffer.from(whole, 'utf8').equals(bytes)) return whole;
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at]!;
    const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    const piece = bytes.subarray(at, at + length);
    const character = piece.toString('utf8');
    if (length > 0 && Buffer.from(character, 'utf8').equals(piece)) {
      text += character;
      at += length;
    } else {
      text += String.fromCharCode(0xdc00 + first);
      at += 1;
    }
  }
  return text;
}

/** The inverse of `nameToText`. */
export function textToName(text: string): string {
  if (/^[\x00-\x7f]*$/.test(text)) return text;
  let name = '';
  for (const character of text) {
    const code = character.codePointAt(0)!;
    name +=
      code >= 0xdc80 && code <= 0xdcff
        ? String.fromCharCode(code - 0xdc00)
        : Buffer.from(character, 'utf8').toString('latin1');
  }
  return name;
}
