import type { Configuration } from './generated/shapes.ts';
import { Problem } from './problem.ts';

/** How much content a record keeps beside it, in bytes (design, section 3). */
export interface Limits {
  readonly file: number;
  readonly record: number;
}

export const defaultLimits: Limits = { file: 256 * 1024, record: 2 * 1024 * 1024 };
/** The log may take this much more, in bytes. */
export const logLimit = 64 * 1024;

const units: Readonly<{ [unit: string]: number }> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** `262144` or `256KiB` as bytes. */
export function parseByteSize(size: number | string): number {
  if (typeof size === 'number') return size;
  const match = /^(\d+(?:\.\d+)?)\s?(B|KiB|MiB|GiB)$/.exec(size);
  if (!match)
    throw new Problem('INVALID', `${JSON.stringify(size)} is no size: write bytes, or a number and KiB, MiB or GiB.`);
  return Math.floor(Number(match[1]) * units[match[2]!]!);
}

export function limitsOf(configuration: Configuration): Limits {
  const { file, record } = configuration.limits ?? {};
  return {
    file: file === undefined ? defaultLimits.file : parseByteSize(file),
    record: record === undefined ? defaultLimits.record : parseByteSize(record),
  };
}
