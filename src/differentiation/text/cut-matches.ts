import { RE2JS } from 're2js';

/** What one symbol may cost with one instruction of a pattern's program, in steps of about a nanosecond. */
const stepsPerInstruction = 4;

/** A text without what was cut out of it, and where that stood in the whole text (sorted, apart, [start, end)). */
export interface CutText {
  readonly text: string;
  readonly cuts: readonly (readonly [number, number])[];
}

/**
 * A regular expression in RE2's syntax (no look-around, no back-references), whose search takes time linear in the
 * text whatever the expression. Throws re2js's syntax error.
 */
export function compilePattern(pattern: string): RE2JS {
  return RE2JS.compile(pattern);
}

/**
 * Cuts every match of every pattern out of a text. Patterns see one line at a time, without its end, so `^` and `$`
 * are the line's. One search is linear but a line may hold many matches, so each search is charged with what it may
 * cost at most: the rest of its line times the size of the pattern's program. Null when that goes beyond `stepsAllowed`.
 */
export function cutMatches(
  text: string,
  patterns: readonly RE2JS[],
  stepsAllowed: number,
): { cut: CutText; steps: number } | { cut: null; steps: number } {
  const matchers = patterns.map(pattern => pattern.matcher(''));
  const cuts: [number, number][] = [];
  const parts: string[] = [];
  let steps = 0;
  let kept = 0;
  for (let start = 0; start < text.length; ) {
    const feed = text.indexOf('\n', start);
    const next = feed < 0 ? text.length : feed + 1;
    let end = feed < 0 ? text.length : feed;
    if (feed > start && text[feed - 1] === '\r') end--;
    const line = text.slice(start, end);
    const found: [number, number][] = [];
    for (const matcher of matchers) {
      matcher.resetMatcherInput(line);
      for (let from = 0; ; from = matcher.end()) {
        steps += stepsPerInstruction * (line.length - from + 1) * matcher.programSize();
        if (steps > stepsAllowed) return { cut: null, steps };
        if (!matcher.find()) break;
        if (matcher.end() > matcher.start()) found.push([start + matcher.start(), start + matcher.end()]);
      }
    }
    found.sort((one, two) => one[0] - two[0]);
    for (const [from, to] of found) {
      const last = cuts.at(-1);
      if (last && from <= last[1]) last[1] = Math.max(last[1], to);
      else cuts.push([from, to]);
    }
    start = next;
  }
  for (const [from, to] of cuts) {
    parts.push(text.slice(kept, from));
    kept = to;
  }
  parts.push(text.slice(kept));
  return { cut: { text: parts.join(''), cuts }, steps };
}

/** Where a place of the cut text stands in the whole text. */
export function placeBeforeCuts(place: number, cuts: CutText['cuts']): number {
  let whole = place;
  for (const [from, to] of cuts) {
    if (from > whole) break;
    whole += to - from;
  }
  return whole;
}
