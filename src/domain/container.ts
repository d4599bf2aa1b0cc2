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

/**
 * The container of the runs of this source in this image, null for those on the host: the last one, should there be more.
 * A run never takes one that it did not run in, whatever the history has of its source.
 */
export function containerOfSource(history: History, source: string, image: string | null): Container | null {
  return history.findLast(container => container.version.source === source && container.image === image) ?? null;
}

/**
 * The last one that has an image; runs on the host have entries without.
 * @param sources from the best to the least: the first that has any decides
 */
export function imageOfSource(history: History, sources: readonly string[]): Container | null {
  for (const source of sources) {
    const found = history.findLast(({ image, version }) => image !== null && version.source === source);
    if (found) return found;
  }
  return null;
}

/**
 * Histories are only ever appended to: what the one lacks of the other is put behind it, in its order, by id. Of two
 * entries of one id (the same source was run in two places) the older one stays: it is younger than neither's records.
 */
export function mergeHistories(ours: History, theirs: History): History {
  const other = new Map(theirs.map(container => [container.id, container]));
  const known = new Set(ours.map(container => container.id));
  const kept = ours.map(container => {
    const twin = other.get(container.id);
    return twin && twin.created < container.created ? twin : container;
  });
  return [...kept, ...theirs.filter(container => !known.has(container.id))];
}

/**
 * Whether `after` still holds all that `before` did: every entry, unchanged and in the same order. (Where two
 * histories met, entries of the other one may stand between.)
 * @param met the histories of a merge's other parents: an older entry of theirs may stand in for one of the same id
 * @param inOrder false for a merge's further parents: the order is that of its first
 * @returns null, or what was lost in words
 */
export function historyLoss(
  before: History,
  after: History,
  met: readonly History[] = [],
  inOrder = true,
): string | null {
  const places = new Map(after.map((container, index) => [container.id, index]));
  let last = -1;
  for (const container of before) {
    const place = places.get(container.id);
    if (place === undefined) return `the container ${container.id} was removed from the history`;
    if (!isKept(container, after[place]!, met)) return `the container ${container.id} was changed`;
    if (inOrder && place < last) return `the container ${container.id} was moved in the history`;
    last = place;
  }
  return null;
}

function isKept(container: Container, now: Container, met: readonly History[]): boolean {
  const same = (other: Container) => JSON.stringify(other) === JSON.stringify(now);
  return same(container) || (now.created < container.created && met.some(history => history.some(same)));
}
