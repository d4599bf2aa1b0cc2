/** The sizes that a delta says of what it starts from and of what it makes; null where it is none. */
export function deltaSizes(delta: Buffer): { readonly base: number; readonly result: number; at: number } | null {
  const base = size(delta, 0);
  const result = base === null ? null : size(delta, base.at);
  return base === null || result === null ? null : { base: base.value, result: result.value, at: result.at };
}

/** Seven bits a byte, lowest first; no size that counts here has more than six bytes. */
function size(delta: Buffer, from: number): { value: number; at: number } | null {
  let value = 0;
  for (let at = from, factor = 1; at < delta.length && at - from < 6; at++, factor *= 128) {
    value += (delta[at]! & 0x7f) * factor;
    if ((delta[at]! & 0x80) === 0) return { value, at: at + 1 };
  }
  return null;
}

/** Makes an object out of another and a delta (gitformat-pack); null where the delta does not fit. */
export function applyDelta(base: Buffer, delta: Buffer): Buffer | null {
  const sizes = deltaSizes(delta);
  if (sizes === null || sizes.base !== base.length) return null;
  const result = Buffer.alloc(sizes.result);
  let written = 0;
  for (let at = sizes.at; at < delta.length; ) {
    const code = delta[at++]!;
    if (code === 0) return null;
    if ((code & 0x80) === 0) {
      if (at + code > delta.length || written + code > result.length) return null;
      delta.copy(result, written, at, at + code);
      at += code;
      written += code;
      continue;
    }
    let offset = 0;
    let length = 0;
    for (let bit = 0; bit < 7; bit++) {
      if ((code & (1 << bit)) === 0) continue;
      if (at >= delta.length) return null;
      const byte = delta[at++]!;
      if (bit < 4) offset += byte * 2 ** (8 * bit);
      else length += byte * 2 ** (8 * (bit - 4));
    }
    if (length === 0) length = 0x10000;
    if (offset + length > base.length || written + length > result.length) return null;
    base.copy(result, written, offset, offset + length);
    written += length;
  }
  return written === result.length ? result : null;
}
