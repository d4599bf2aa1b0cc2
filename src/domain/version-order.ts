/*
 * An order for the versions of every package system at once. For Python's it is that of PEP 440; for the others, which
 * have no common rule, it is the one that their people expect: numbers by value, pre-releases before the release,
 * everything appended after it.
 *
 * Where the systems disagree PEP 440 wins: `1.1.1a` is before `1.1.1` (OpenSSL means the contrary). Unlike pip's
 * specifiers the order is plain: `2.0rc1` is before `2`, so `<2` holds for it.
 */
interface Version {
  readonly epoch: number;
  /** The leading numbers, without zeros at their end: 1.0 and 1.0.0 are the same release. */
  readonly release: readonly number[];
  /** What follows: ranked words and numbers. */
  readonly rest: readonly (number | string)[];
}

const ranks: Readonly<{ [word: string]: number }> = {
  '~': -6,
  dev: -5,
  a: -4,
  alpha: -4,
  b: -3,
  beta: -3,
  c: -2,
  rc: -2,
  pre: -2,
  preview: -2,
  '+': 1,
  post: 3,
  rev: 3,
  r: 3,
};
/** A word that no system ranks: after the end of a version, before a further number. */
const unknownRank = 2;
const numberRank = 4;
const endRank = 0;

function parseVersion(text: string): Version {
  const lower = text
    .trim()
    .toLowerCase()
    .replace(/^v(?=\d)/, '');
  const epoch = /^(\d+)[!:]/.exec(lower);
  const tokens = lower.slice(epoch?.[0].length ?? 0).match(/\d+|[a-z]+|[~+]/g) ?? [];
  const words = tokens.map(token => (/^\d/.test(token) ? Number(token) : token));
  const end = words.findIndex(word => typeof word === 'string');
  const release = (end < 0 ? words : words.slice(0, end)) as number[];
  while (release.at(-1) === 0) release.pop();
  return { epoch: Number(epoch?.[1] ?? 0), release, rest: end < 0 ? [] : words.slice(end) };
}

function rankOf(part: number | string | undefined): number {
  if (part === undefined) return endRank;
  if (typeof part === 'number') return numberRank;
  return Object.hasOwn(ranks, part) ? ranks[part]! : unknownRank;
}

function compareParts(one: number | string | undefined, other: number | string | undefined): number {
  const rank = rankOf(one) - rankOf(other);
  if (rank !== 0) {
    // `rc` and `rc0` are the same.
    return (one === 0 && other === undefined) || (one === undefined && other === 0) ? 0 : rank;
  }
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  if (rankOf(one) !== unknownRank) return 0;
  return String(one) < String(other) ? -1 : String(one) > String(other) ? 1 : 0;
}

/** Below zero, zero or above it, as `one` is before, equal to or after `other`. */
export function compareVersions(one: string, other: string): number {
  const [left, right] = [parseVersion(one), parseVersion(other)];
  if (left.epoch !== right.epoch) return left.epoch - right.epoch;
  for (let at = 0; at < Math.max(left.release.length, right.release.length); at++) {
    const difference = (left.release[at] ?? 0) - (right.release[at] ?? 0);
    if (difference !== 0) return difference;
  }
  for (let at = 0; at < Math.max(left.rest.length, right.rest.length); at++) {
    const difference = compareParts(left.rest[at], right.rest[at]);
    if (difference !== 0) return difference;
  }
  return 0;
}

export type Comparator = '<' | '<=' | '>' | '>=' | '=';

export function comparisonHolds(difference: number, comparator: Comparator): boolean {
  switch (comparator) {
    case '<':
      return difference < 0;
    case '<=':
      return difference <= 0;
    case '>':
      return difference > 0;
    case '>=':
      return difference >= 0;
    case '=':
      return difference === 0;
  }
}

/** Whether a version stands so to another; `=1.26.*` holds for every 1.26, `=2.1` for 2.1+cpu also (as in PEP 440). */
export function versionHolds(version: string, comparator: Comparator, wanted: string): boolean {
  if (comparator === '=' && wanted.endsWith('.*')) {
    const start = wanted.slice(0, -2).toLowerCase();
    return version.toLowerCase() === start || version.toLowerCase().startsWith(`${start}.`);
  }
  const plain = comparator === '=' && !wanted.includes('+') ? version.replace(/\+.*$/s, '') : version;
  return comparisonHolds(compareVersions(plain, wanted), comparator);
}
