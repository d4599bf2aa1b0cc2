import type { Container, History } from './generated/shapes.ts';

/**
 * A container's id: `c-` and the first ten hex digits of the sha256 of `JSON.stringify([system, source, image])`
 * (design, section 3).
 * @param sha256 hex digest of a text's UTF-8 bytes, handed in
 */
export function containerId(
  container: { readonly system: string; readonly source: string; readonly image: string | null },
  sha256: (text: string) => string,
): string {
  return `c-${sha256(JSON.stringify([container.system, container.source, container.image])).slice(0, 10)}`;
}

/** The last container in the history that was built from this source: the one that a run of it takes. */
export function containerOfSource(history: History, source: string): Container | null {
  return history.findLast(container => container.version.source === source) ?? null;
}

/** Histories are only ever appended to: what the one lacks of the other is put behind it, in its order, by id. */
export function mergeHistories(ours: History, theirs: History): History {
  const known = new Set(ours.map(container => container.id));
  return [...ours, ...theirs.filter(container => !known.has(container.id))];
}

/**
 * Whether `after` still holds all that `before` did: every entry, unchanged and in the same order. (Where two
 * histories met, entries of the other one may stand between.)
 * @returns null, or what was lost in words
 */
export function historyLoss(before: History, after: History): string | null {
  const places = new Map(after.map((container, index) => [container.id, index]));
  let last = -1;
  for (const container of before) {
    const place = places.get(container.id);
    if (place === undefined) return `the container ${container.id} was removed from the history`;
    if (JSON.stringify(after[place]) !== JSON.stringify(container)) return `the container ${container.id} was changed`;
    if (place < last) return `the container ${container.id} was moved in the history`;
    last = place;
  }
  return null;
}
