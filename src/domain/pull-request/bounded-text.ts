import { shortened } from '../comparison-report/comparison-report.ts';
import { escapeMarkdown, escapeSentence } from '../markdown.ts';
import { wellFormed } from '../well-formed.ts';

/* Text of anyone's making in at most so many characters: escaping makes it longer, so it is cut until what comes out fits. */

/** Fewer are not cut further; whatever they are, they are escaped in less than `least`. */
const fewest = 8;
const least = 200;

/** Names and words as text, in at most `most` characters (200 or more) of Markdown. */
export function boundedText(text: string, most: number): string {
  return bounded(text, most, escapeMarkdown);
}

/** Our own sentences with such words in them, what stands between backticks as code; likewise. */
export function boundedSentence(text: string, most: number): string {
  return bounded(text, most, escapeSentence);
}

function bounded(text: string, most: number, made: (text: string) => string): string {
  const limit = Math.max(most, least);
  let kept = shortened(wellFormed(text), limit);
  for (let length = limit; length > fewest; length >>= 1) {
    kept = shortened(kept, length);
    const escaped = made(kept);
    if (escaped.length <= limit) return escaped;
  }
  return made(shortened(kept, fewest));
}

/** For where GitHub shows text as it is (titles, annotations): one line without control characters. */
export function plainText(text: string, most: number): string {
  // Cut before it is searched: it may be as long as anyone likes.
  const line = wellFormed(text.slice(0, most * 4))
    .replace(/[\s\u0085\u2028\u2029]+/g, ' ')
    .replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, '\ufffd')
    .trim();
  // UTF-16 units, of which there are never fewer than GitHub counts.
  return line.length <= most ? line : wellFormed(shortened(line, Math.floor(most / 2)));
}
