/** One line of a benchmark: medians of one run in which both sides took turns. */
export interface Row {
  readonly name: string;
  /** Seconds, unless `unit` says otherwise. */
  readonly ours: number;
  /** What it is held against; null where that is not installed here, or where there is only an absolute limit. */
  readonly theirs: number | null;
  readonly ratio: number | null;
  /** What the ratio may be at most; where `absolute`, what `ours` may be. */
  readonly limit: number;
  readonly absolute?: boolean;
  readonly unit?: 's' | 'kB' | 'MiB' | 'calls';
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function absoluteRow(name: string, ours: number, limit: number, unit: NonNullable<Row['unit']> = 's'): Row {
  return { name, ours, theirs: null, ratio: null, limit, absolute: true, unit };
}

export function ratioRow(name: string, ours: number, theirs: number | null, limit: number): Row {
  return { name, ours, theirs, ratio: theirs === null || theirs === 0 ? null : ours / theirs, limit };
}

/** A limit that a machine can be held to only when it is quiet is shown, never asserted. */
export function isWithin(row: Row): boolean | null {
  if (row.absolute) return row.ours <= row.limit;
  return row.ratio === null ? null : row.ratio <= row.limit;
}
