import { locateInCanonicalYaml, readCanonicalYaml } from './canonical-yaml.ts';
import type { Fault } from './problem.ts';
import { readSimpleYaml } from './simple-yaml.ts';
import { readStrictYaml } from './strict-yaml.ts';

/** Largest YAML file that is read, in bytes (design, section 3). */
export const yamlLimit = 16 * 1024 * 1024;

export type Reading =
  | { readonly value: unknown; locate(path: readonly (string | number)[]): Position }
  | { readonly faults: readonly Fault[] };

/** Lines and columns count from 1; null where there is no such place. */
export interface Position {
  readonly line: number | null;
  readonly column: number | null;
}

/**
 * Reads YAML strictly (design, section 3): UTF-8 without a byte order mark, at most 16 MiB, one document, core schema,
 * unique keys, no directives, anchors, aliases or tags, bounded depth. Every fault is told with its line and column.
 * @param path where the bytes stand, for the faults
 */
export function readYaml(bytes: Uint8Array, path: string): Reading {
  const alone = (because: string, at: Position = { line: null, column: null }): Reading => ({
    faults: [{ path, ...at, field: null, because }],
  });
  if (bytes.length > yamlLimit) return alone(`the file has ${bytes.length} bytes; at most ${yamlLimit} are read`);
  if (!isUtf8(bytes)) return alone('the file is not UTF-8 text', firstInvalid(bytes));
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const canonical = readCanonicalYaml(text);
  if (canonical) return { value: canonical.value, locate: locateInCanonicalYaml(text) };
  const simple = readSimpleYaml(text);
  if (!simple) return readStrictYaml(text, path);
  const locate = (where: readonly (string | number)[]): Position => {
    const strict = readStrictYaml(text, path);
    return 'locate' in strict ? strict.locate(where) : { line: null, column: null };
  };
  return { value: simple.value, locate };
}

/** @param stream whether a character may be cut off at the end */
function isUtf8(bytes: Uint8Array, stream = false): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream });
    return true;
  } catch {
    return false;
  }
}

/** The line and column (in bytes) at which the text stops being UTF-8, found by halving. */
function firstInvalid(bytes: Uint8Array): Position {
  let valid = 0;
  let invalid = bytes.length + 1;
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >>> 1;
    if (isUtf8(bytes.subarray(0, middle), true)) valid = middle;
    else invalid = middle;
  }
  // A character that was begun and not ended is told from a whole one only here.
  while (!isUtf8(bytes.subarray(0, valid))) valid--;
  const before = bytes.subarray(0, valid);
  return {
    line: before.reduce((lines, byte) => lines + (byte === 10 ? 1 : 0), 1),
    column: valid - before.lastIndexOf(10),
  };
}
