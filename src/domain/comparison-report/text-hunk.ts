import type { HunkLine, TextHunk } from './evidence.ts';

/** Lines of context before and after, as many as keep a hunk readable in a comment. */
const context = 2;
/** Lines of either side, from the first that differs on, among which equal ones are searched. */
const window = 24;
/** Changed lines of either side that are shown; more only repeat what these tell. */
const mostChanged = 6;
/** Characters of a line that are shown, and of those how many stand before the place where the first pair parts. */
const shownCharacters = 200;
const shownBefore = 30;

/** Two lines count as equal. */
type Same = (ours: string, theirs: string) => boolean;

/**
 * The first lines in which two texts differ; null where they do not. `alike` gives what of a line counts (parts that a
 * method ignores cut out): lines are shown whole.
 */
export function textHunk(from: string, toward: string, alike = (line: string) => line): TextHunk | null {
  const same: Same = (ours, theirs) => ours === theirs || alike(ours) === alike(theirs);
  const start = firstDifference(from, toward, same);
  if (start === null) return null;
  const ours = linesFrom(from, start.from, window);
  const theirs = linesFrom(toward, start.toward, window);
  const { steps, cut } = firstChanges(stepsThrough(ours, theirs, same));
  const lines = [...start.before.map(whole => ({ side: 'both' as const, whole })), ...steps];
  const count = (side: 'from' | 'toward') => lines.filter(line => line.side === 'both' || line.side === side).length;
  const taken = (side: 'from' | 'toward', of: readonly string[]) =>
    of.slice(0, count(side) - start.before.length).reduce((length, line) => length + line.length, 0);
  const first = start.line - start.before.length;
  return {
    from: { start: first, count: count('from') },
    toward: { start: first, count: count('toward') },
    lines: excerpts(lines),
    more:
      cut || differFrom(from, toward, start.from + taken('from', ours), start.toward + taken('toward', theirs), same),
  };
}

/** Where the line that begins at a place ends, its line feed included. */
function endOfLine(text: string, start: number): number {
  const feed = text.indexOf('\n', start);
  return feed < 0 ? text.length : feed + 1;
}

interface Start {
  /** From 1. */
  readonly line: number;
  /** Where that line begins on either side. */
  readonly from: number;
  readonly toward: number;
  /** The lines before it, as from has them. */
  readonly before: readonly string[];
}

function firstDifference(from: string, toward: string, same: Same): Start | null {
  const shorter = Math.min(from.length, toward.length);
  let parts = 0;
  while (parts < shorter && from.charCodeAt(parts) === toward.charCodeAt(parts)) parts++;
  if (parts === from.length && parts === toward.length) return null;
  // The lines before the one that holds that place are equal.
  let one = parts === 0 ? 0 : from.lastIndexOf('\n', parts - 1) + 1;
  let other = one;
  let line = 1;
  for (let feed = from.indexOf('\n'); feed >= 0 && feed < one; feed = from.indexOf('\n', feed + 1)) line++;
  while (one < from.length && other < toward.length) {
    const [ourEnd, theirEnd] = [endOfLine(from, one), endOfLine(toward, other)];
    if (!same(from.slice(one, ourEnd), toward.slice(other, theirEnd))) break;
    [one, other] = [ourEnd, theirEnd];
    line++;
  }
  if (one === from.length && other === toward.length) return null;
  const before: string[] = [];
  for (let end = one; before.length < context && end > 0; ) {
    const begin = end === 1 ? 0 : from.lastIndexOf('\n', end - 2) + 1;
    before.unshift(from.slice(begin, end));
    end = begin;
  }
  return { line, from: one, toward: other, before };
}

function linesFrom(text: string, start: number, most: number): string[] {
  const lines: string[] = [];
  for (let at = start; at < text.length && lines.length < most; ) {
    const end = endOfLine(text, at);
    lines.push(text.slice(at, end));
    at = end;
  }
  return lines;
}

interface Step {
  readonly side: HunkLine['side'];
  readonly whole: string;
}

/** From the first difference on, toward's lines before from's, until both agree for longer than the context. */
function stepsThrough(ours: readonly string[], theirs: readonly string[], same: Same): Step[] {
  const [rows, columns] = [ours.length, theirs.length];
  // How many lines the rest of both have in common (the longest common subsequence).
  const common = Array.from({ length: rows + 1 }, () => new Uint16Array(columns + 1));
  for (let i = rows - 1; i >= 0; i--) {
    for (let j = columns - 1; j >= 0; j--) {
      common[i]![j] = same(ours[i]!, theirs[j]!)
        ? common[i + 1]![j + 1]! + 1
        : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
    }
  }
  const steps: Step[] = [];
  // Between two equal lines, first all of toward's, then all of from's.
  let added: Step[] = [];
  let agreed = 0;
  for (let [i, j] = [0, 0]; i < rows || j < columns; ) {
    if (i < rows && j < columns && same(ours[i]!, theirs[j]!)) {
      if (agreed === context) break;
      steps.push(...added, { side: 'both', whole: ours[i]! });
      added = [];
      agreed++;
      i++;
      j++;
    } else {
      agreed = 0;
      const takesToward = j < columns && (i === rows || common[i]![j + 1]! >= common[i + 1]![j]!);
      if (takesToward) steps.push({ side: 'toward', whole: theirs[j++]! });
      else added.push({ side: 'from', whole: ours[i++]! });
    }
  }
  return [...steps, ...added];
}

/** Up to where a side has shown enough of its changed lines. */
function firstChanges(steps: readonly Step[]): { steps: Step[]; cut: boolean } {
  const kept: Step[] = [];
  const changed = { from: 0, toward: 0 };
  let cut = false;
  for (const step of steps) {
    if (step.side === 'both') {
      // What follows lines that are left out would stand at the wrong place.
      if (cut) break;
    } else if (changed[step.side]++ >= mostChanged) {
      cut = true;
      continue;
    }
    kept.push(step);
  }
  return { steps: kept, cut };
}

function differFrom(from: string, toward: string, one: number, other: number, same: Same): boolean {
  let [mine, theirs] = [one, other];
  while (mine < from.length && theirs < toward.length) {
    const [ourEnd, theirEnd] = [endOfLine(from, mine), endOfLine(toward, theirs)];
    if (!same(from.slice(mine, ourEnd), toward.slice(theirs, theirEnd))) return true;
    [mine, theirs] = [ourEnd, theirEnd];
  }
  return mine < from.length || theirs < toward.length;
}

/** Long lines are cut around the place where the first pair of them parts. */
function excerpts(lines: readonly Step[]): HunkLine[] {
  const from = lines.find(line => line.side === 'from')?.whole;
  const toward = lines.find(line => line.side === 'toward')?.whole;
  let parts = 0;
  if (from !== undefined && toward !== undefined) {
    while (parts < Math.min(from.length, toward.length) && from[parts] === toward[parts]) parts++;
  }
  const start = parts < shownBefore * 2 ? 0 : parts - shownBefore;
  return lines.map(({ side, whole }) => {
    const unended = !whole.endsWith('\n');
    const text = unended ? whole : whole.slice(0, -1);
    const end = start + shownCharacters;
    // No half of a surrogate pair at either end.
    const shown = text.slice(start, end).replace(/\p{Cs}/gu, '\ufffd');
    return { side, unended, text: `${start > 0 && text !== '' ? '…' : ''}${shown}${text.length > end ? '…' : ''}` };
  });
}
