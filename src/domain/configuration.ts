import { requireDocument } from './documents.ts';
import type { Configuration } from './generated/shapes.ts';

/** Stands at the root of the simulation (design, section 8). */
export const configurationPath = 'corroborate.yml';

/** @param bytes null where there is no such file: then nothing is configured, as with comments alone */
export function readConfiguration(bytes: Uint8Array | null): Configuration {
  const lines = bytes === null ? [] : new TextDecoder().decode(bytes).split('\n');
  if (bytes === null || lines.every(line => /^\s*(?:#|$)/.test(line))) return {};
  return requireDocument('configuration', bytes, configurationPath);
}
