import { numeric } from '../../../src/differentiation/numeric/numeric.ts';

export const budget = { bytes: 64 * 1024 * 1024, steps: 1e9 };

/** The measures of two files, given as text or bytes. */
export function compareNumeric(
  path: string,
  from: string | Uint8Array,
  toward: string | Uint8Array,
  options: { [name: string]: unknown } = {},
) {
  const bytes = (content: string | Uint8Array) => (typeof content === 'string' ? Buffer.from(content) : content);
  return numeric.compare(path, bytes(from), bytes(toward), options, budget);
}
