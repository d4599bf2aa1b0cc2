import { requireDocument } from './documents.ts';
import type { Configuration } from './generated/shapes.ts';

/** Stands at the root of the simulation (design, section 8). */
export const configurationPath = 'corroborate.yml';

/** @param bytes null where there is no such file: then nothing is configured */
export function readConfiguration(bytes: Uint8Array | null): Configuration {
  if (bytes === null || new TextDecoder().decode(bytes).replace(/^\s*(?:#.*)?$/gm, '') === '') return {};
  return requireDocument('configuration', bytes, configurationPath);
}
