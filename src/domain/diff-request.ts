import type { Answer, DiffRequest } from './generated/shapes.ts';

/** The same request with its answer; nothing else of it changes. */
export function answered(diff: DiffRequest, status: 'agreed' | 'denied', answer: Answer): DiffRequest {
  return { ...diff, status, answer };
}

/** Whether two requests are about the same pair of records, in either direction, with the same method. */
export function isSamePair(one: DiffRequest, other: DiffRequest): boolean {
  const pair = one.from === other.from && one.toward === other.toward;
  const reversed = one.from === other.toward && one.toward === other.from;
  return (pair || reversed) && one.diff.method === other.diff.method && one.diff.name === other.diff.name;
}
