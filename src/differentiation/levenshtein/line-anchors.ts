/** A line that stands exactly once in each of two texts: where it starts in either, and its length with its end. */
export interface Anchor {
  readonly from: number;
  readonly toward: number;
  readonly length: number;
}

const lineFeed = 10;

interface Line {
  readonly start: number;
  readonly length: number;
  readonly isAlone: boolean;
}

/** The lines of a text by a hash of their symbols; two lines of equal hash count as one that is repeated. */
function linesByHash(text: Int32Array, length: number): Map<number, Line> {
  const lines = new Map<number, Line>();
  let start = 0;
  let hash = 0;
  let other = 7;
  for (let i = 0; i < length; i++) {
    const symbol = text[i]!;
    hash = (Math.imul(hash ^ symbol, 0x01000193) + (hash >>> 15)) | 0;
    other = (Math.imul(other, 31) + symbol) | 0;
    if (symbol === lineFeed || i === length - 1) {
      const key = (hash >>> 0) * 0x200000 + (other & 0x1fffff);
      lines.set(key, { start, length: i + 1 - start, isAlone: !lines.has(key) });
      start = i + 1;
      hash = 0;
      other = 7;
    }
  }
  return lines;
}

/**
 * The longest sequence of lines that stand once in each text, in the same order in both (as patience diff pairs
 * lines). Empty when the texts share no such line.
 */
export function lineAnchors(from: Int32Array, n: number, toward: Int32Array, m: number): Anchor[] {
  const there = linesByHash(toward, m);
  const common: Anchor[] = [];
  for (const [key, line] of linesByHash(from, n)) {
    const match = there.get(key);
    if (!line.isAlone || !match?.isAlone || match.length !== line.length) continue;
    let k = 0;
    while (k < line.length && from[line.start + k] === toward[match.start + k]) k++;
    if (k === line.length) common.push({ from: line.start, toward: match.start, length: k });
  }
  common.sort((one, two) => one.from - two.from);

  // The longest increasing subsequence by `toward`: for each length, the anchor with which it can end earliest.
  const ends: number[] = [];
  const previous: number[] = [];
  common.forEach((anchor, index) => {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (common[ends[middle]!]!.toward < anchor.toward) low = middle + 1;
      else high = middle;
    }
    previous.push(low === 0 ? -1 : ends[low - 1]!);
    ends[low] = index;
  });
  const anchors: Anchor[] = [];
  for (let at = ends.at(-1) ?? -1; at >= 0; at = previous[at]!) anchors.push(common[at]!);
  return anchors.reverse();
}
