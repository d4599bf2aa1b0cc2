import type { Answer, DiffRequest } from './generated/shapes.ts';

/** The same request with its answer; nothing else of it changes. */
export function answered(diff: DiffRequest, status: 'agreed' | 'denied', answer: Answer): DiffRequest {
  return { ...diff, status, answer };
}

/** Whether two requests are about the same pair of records, in either direction, with the same method. */
export function isSamePair(one: DiffRequest, other: DiffRequest): boolean {
  return pairKey(one) === pairKey(other);
}

function pairKey({ from, toward, diff: { method, name } }: DiffRequest): string {
  return JSON.stringify([...[from, toward].sort(), method, name]);
}

/**
 * Which of two answers counts where two clones settled the same before they met: the earlier one, of one moment the one
 * of the smaller id. Every clone comes to the same, whichever it heard of first.
 */
export function answeredBefore(one: DiffRequest, other: DiffRequest): boolean {
  const order = ({ id, status, answer }: DiffRequest) => [answer?.at ?? '', id, status, JSON.stringify(answer)];
  const [mine, theirs] = [order(one), order(other)];
  const index = mine.findIndex((part, at) => part !== theirs[at]);
  return index >= 0 && mine[index]! < theirs[index]!;
}

/** Settled requests of a pair that was settled before with the same method, each with the request that counts. */
export function superseded(requests: readonly DiffRequest[]): Map<string, DiffRequest> {
  const settled = requests.filter(request => request.status !== 'proposed');
  const first = new Map<string, DiffRequest>();
  for (const request of settled) {
    const other = first.get(pairKey(request));
    if (!other || answeredBefore(request, other)) first.set(pairKey(request), request);
  }
  return new Map(
    settled.flatMap(request => {
      const counts = first.get(pairKey(request))!;
      return counts.id === request.id ? [] : [[request.id, counts]];
    }),
  );
}

/** The agreed requests that the project's reproducibility is made of. */
export function countedRequests(requests: readonly DiffRequest[]): DiffRequest[] {
  const others = superseded(requests);
  return requests.filter(({ id, status }) => status === 'agreed' && !others.has(id));
}
