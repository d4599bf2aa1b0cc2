import { isSecretVariable } from './secret-name.ts';

/** Shorter ones stand in too many places by chance: hiding them would hide the record. */
export const shortestSecret = 4;
const mask = new TextEncoder().encode('***');

/**
 * Hides secrets in what is captured of a run (design, section 8). Each line of a secret counts by itself, as in the logs
 * of GitHub's workflows.
 */
export interface Redaction {
  readonly isEmpty: boolean;
  /** Bytes of the longest secret; 0 where there is none. */
  readonly longest: number;
  text(text: string): string;
  holds(bytes: Uint8Array): boolean;
  /** The bytes with `***` for each secret; the same ones where they hold none. */
  bytes(bytes: Uint8Array): Uint8Array;
}

export function redactionOf(secrets: readonly string[]): Redaction {
  const lines = secrets.flatMap(secret => secret.split(/\r?\n/)).map(line => line.trim());
  // The longest first: one may hold another.
  const words = [...new Set(lines)].filter(line => line.length >= shortestSecret).sort((a, b) => b.length - a.length);
  const needles = words.map(word => new TextEncoder().encode(word));
  return {
    isEmpty: needles.length === 0,
    longest: Math.max(0, ...needles.map(needle => needle.length)),
    text: text => words.reduce((rest, word) => rest.split(word).join('***'), text),
    holds: bytes => needles.some(needle => indexOf(bytes, needle, 0) >= 0),
    bytes: bytes => needles.reduce(replaced, bytes),
  };
}

/** What a run must hide without being told: the values of asked-for variables whose names say that they are secrets. */
export function secretsAmong(
  names: readonly string[],
  environment: Readonly<{ [name: string]: string | undefined }>,
): string[] {
  return names.filter(isSecretVariable).flatMap(name => environment[name] ?? []);
}

function replaced(bytes: Uint8Array, needle: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  let from = 0;
  for (let at = indexOf(bytes, needle, 0); at >= 0; at = indexOf(bytes, needle, from)) {
    parts.push(bytes.subarray(from, at), mask);
    from = at + needle.length;
  }
  if (parts.length === 0) return bytes;
  parts.push(bytes.subarray(from));
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

function indexOf(bytes: Uint8Array, needle: Uint8Array, from: number): number {
  const [first] = needle;
  for (let at = bytes.indexOf(first!, from); at >= 0; at = bytes.indexOf(first!, at + 1)) {
    if (at + needle.length > bytes.length) return -1;
    let matched = 1;
    while (matched < needle.length && bytes[at + matched] === needle[matched]) matched += 1;
    if (matched === needle.length) return at;
  }
  return -1;
}
