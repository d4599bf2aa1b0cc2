const halfPair = /[\ud800-\udfff]/gu;

/**
 * The same value with U+FFFD for each half of a surrogate pair in its texts: what is taken from programs and cut to
 * length may hold such halves, and no file of UTF-8 can.
 */
export function wellFormed<T>(value: T): T {
  return cleaned(value) as T;
}

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(halfPair, '\ufffd');
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key.replace(halfPair, '\ufffd'), cleaned(item)]),
  );
}
