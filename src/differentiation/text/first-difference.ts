import type { PlaceAndValues } from '../../domain/generated/shapes.ts';
import { type CutText, placeBeforeCuts } from './cut-matches.ts';

/** How much of a line is shown before the first difference and from it on, in UTF-16 units. */
const before = 24;
const after = 56;

/** The piece of a line around a place; null where the text ends there. */
function excerpt(text: string, place: number): string | null {
  if (place >= text.length) return null;
  let start = Math.max(text.lastIndexOf('\n', place - 1) + 1, place - before);
  if (place === 0) start = 0;
  const feed = text.indexOf('\n', place);
  let end = Math.min(feed < 0 ? text.length : feed, place + after);
  // No half of a surrogate pair at either end.
  if (start > 0 && isLow(text, start)) start--;
  if (isLow(text, end)) end++;
  return text.slice(start, end);
}

function isLow(text: string, place: number): boolean {
  const unit = text.charCodeAt(place);
  return unit >= 0xdc00 && unit < 0xe000;
}

/**
 * Where two texts first differ, or null where they do not: `line:column` in the requester's whole text, both from 1,
 * columns in code points, and the same stretch of either line. A value is null where that text has ended.
 */
export function firstDifference(from: CutText, toward: CutText, wholeFrom: string): PlaceAndValues | null {
  if (from.text === toward.text) return null;
  const shorter = Math.min(from.text.length, toward.text.length);
  let place = 0;
  while (place < shorter && from.text.charCodeAt(place) === toward.text.charCodeAt(place)) place++;
  if (place > 0 && (isLow(from.text, place) || isLow(toward.text, place))) place--;

  const whole = placeBeforeCuts(place, from.cuts);
  let line = 1;
  let start = 0;
  for (let feed = wholeFrom.indexOf('\n'); feed >= 0 && feed < whole; feed = wholeFrom.indexOf('\n', feed + 1)) {
    line++;
    start = feed + 1;
  }
  let column = 1;
  for (let i = start; i < whole; i++) if (!isLow(wholeFrom, i)) column++;
  return { at: `${line}:${column}`, from: excerpt(from.text, place), toward: excerpt(toward.text, place) };
}
