/*
 * Untrusted text in Markdown as GitHub renders it: names, goals, observations and file names come from anyone, and
 * must neither break the page nor notify people.
 */

/**
 * Text as itself, on one line: no markup, no HTML, no mention, no link, no issue reference, no emoji code, no formula.
 * What GitHub makes of plain text after Markdown is done is broken with a zero-width space.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\r\n\t\v\f\u0085\u2028\u2029]+/g, ' ')
    .trim()
    .replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, '\ufffd')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_[\]#|~]/g, '\\$&')
    .replace(/^(?:[-+=]|\d+(?=[.)]))/, start => (/\d/.test(start) ? `${start}\\` : `\\${start}`))
    .replace(/\$/g, '<span>$</span>')
    .replace(/(?:#|\bGH-)(?=\d)/gi, '$&\u200b')
    .replace(/:(?!\d\d:)(?=[\w+\\-]+:)/g, ':\u200b')
    .replace(/@/g, '@\u200b')
    .replace(/:\/\//g, ':\u200b//')
    .replace(/www\./gi, match => `${match.slice(0, 3)}\u200b.`);
}

/** Text in a code span, whatever backticks it holds; fit for a table cell. */
export function codeSpan(text: string): string {
  const oneLine = text
    .replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ')
    // A backslash of the text's own would take the one that keeps the bar from ending the cell.
    .replace(/(?<!\\)(\\*)\|/g, (_, own: string) => `${own}${own.length % 2 === 1 ? '\u200b' : ''}\\|`);
  const longest = Math.max(0, ...[...oneLine.matchAll(/`+/g)].map(match => match[0].length));
  const fence = '`'.repeat(longest + 1);
  const pad = longest > 0 || oneLine.trim() === '' || /^ | $/.test(oneLine) ? ' ' : '';
  return `${fence}${pad}${oneLine || ' '}${pad}${fence}`;
}

/**
 * A sentence of ours with words of anyone's in it: what stands between backticks as code, all else as text. Fit for a
 * table cell.
 */
export function escapeSentence(text: string): string {
  const parts = text.replace(/[\r\n\t\v\f\u0085\u2028\u2029]+/g, ' ').split(/`([^`]+)`/);
  return parts.map((part, index) => (index % 2 === 1 ? codeSpan(part) : escapeWithin(part))).join('');
}

/** `escapeMarkdown` with a space at either end kept. */
function escapeWithin(text: string): string {
  const middle = text.trim();
  if (middle === '') return text === '' ? '' : ' ';
  return `${text.startsWith(' ') ? ' ' : ''}${escapeMarkdown(middle)}${text.endsWith(' ') ? ' ' : ''}`;
}

/** A GitHub table; cells are Markdown already. */
export function markdownTable(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const rule = heads.map((_, column) => (right.includes(column) ? '---:' : '---'));
  return [heads, rule, ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n');
}

/** A paragraph of untrusted text, its line breaks kept as paragraphs. */
export function escapeParagraphs(text: string): string {
  return text
    .split(/\n\s*\n/)
    .map(paragraph => escapeMarkdown(paragraph.trim()))
    .filter(paragraph => paragraph !== '')
    .join('\n\n');
}

/** Lines of anyone's making in a fenced block, whatever backticks they hold. */
export function fencedBlock(lines: readonly string[], language: string): string {
  const shown = lines.map(line =>
    line.replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '\ufffd'),
  );
  const longest = shown.reduce(
    (most, line) => Math.max(most, ...[...line.matchAll(/`+/g)].map(run => run[0].length)),
    2,
  );
  const fence = '`'.repeat(longest + 1);
  return [`${fence}${language}`, ...shown, fence].join('\n');
}
