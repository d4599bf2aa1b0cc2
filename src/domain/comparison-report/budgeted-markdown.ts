import { fencedBlock, markdownTable } from '../markdown.ts';

/*
 * Markdown that keeps to a number of characters. Blocks are laid out from the top down; where one does not fit, it is
 * shortened (fewer rows, lines or inner blocks), and everything after it is left out and named. So detail goes from the
 * bottom up, and a fence or `<details>` is there with its end or not at all.
 */

export type Block =
  /** Markdown that stands whole or not at all. */
  | { readonly kind: 'text'; readonly about: string; readonly text: string }
  /** Lines of anyone's making. */
  | { readonly kind: 'fence'; readonly about: string; readonly language: string; readonly lines: readonly string[] }
  /** Cells and items are Markdown already. */
  | {
      readonly kind: 'table';
      readonly about: string;
      readonly heads: readonly string[];
      readonly rows: readonly (readonly string[])[];
    }
  | { readonly kind: 'list'; readonly about: string; readonly items: readonly string[] }
  /** `summary` is HTML. */
  | {
      readonly kind: 'details';
      readonly about: string;
      readonly summary: string;
      readonly blocks: readonly Block[];
      readonly open?: boolean;
    };

/** Kept for the sentence that says what was cut. */
const noticeLength = 240;

/**
 * The blocks in at most `budget` characters (UTF-16 units, of which there are never fewer than GitHub counts), ending
 * with a sentence of what was left out, if anything was. `head` always stands; it must be shorter than the budget less
 * 250 characters.
 */
export function budgetedMarkdown(head: string, blocks: readonly Block[], budget: number): string {
  const whole = layOut(blocks, budget - head.length - 3);
  if (whole.cut.length === 0) return `${joined([head, whole.text])}\n`;
  const { text, cut } = layOut(blocks, budget - head.length - noticeLength - 5);
  return `${joined([head, text, noticeOf(cut, budget)])}\n`;
}

function joined(parts: readonly string[]): string {
  return parts.filter(part => part !== '').join('\n\n');
}

function noticeOf(cut: readonly string[], budget: number): string {
  const names = [...new Set(cut)];
  const shown = names.slice(0, 3).join(', ');
  const rest = names.length > 3 ? ` and ${names.length - 3} more parts` : '';
  return `_Cut to ${budget} characters; left out: ${`${shown}${rest}`.slice(0, 180)}._`;
}

interface Laid {
  readonly text: string;
  /** What was left out, in whole or in part. */
  readonly cut: readonly string[];
}

function layOut(blocks: readonly Block[], room: number): Laid {
  const texts: string[] = [];
  let left = room;
  for (const [index, block] of blocks.entries()) {
    const separator = texts.length > 0 ? 2 : 0;
    const { text, cut } = fitted(block, left - separator);
    if (text !== '') {
      texts.push(text);
      left -= text.length + separator;
    }
    if (cut.length > 0) return { text: joined(texts), cut: [...cut, ...blocks.slice(index + 1).map(one => one.about)] };
  }
  return { text: joined(texts), cut: [] };
}

/** The block in at most `room` characters: as much of it as fits, '' where none does. */
function fitted(block: Block, room: number): Laid {
  switch (block.kind) {
    case 'text':
      return block.text.length <= room ? { text: block.text, cut: [] } : { text: '', cut: [block.about] };
    case 'fence':
      return mostOf(block.lines, block.about, room, lines => fencedBlock(lines, block.language));
    case 'table':
      return mostOf(block.rows, block.about, room, rows => markdownTable(block.heads, rows));
    case 'list':
      return mostOf(block.items, block.about, room, items => items.map(item => `- ${item}`).join('\n'));
    case 'details': {
      const [start, end] = [
        `<details${block.open ? ' open' : ''}><summary>${block.summary}</summary>\n\n`,
        '\n\n</details>',
      ];
      const { text, cut } = layOut(block.blocks, room - start.length - end.length);
      return text === '' && cut.length > 0 ? { text, cut: [block.about] } : { text: `${start}${text}${end}`, cut };
    }
  }
}

/** With as many of the first parts as fit, at least one. */
function mostOf<T>(parts: readonly T[], about: string, room: number, make: (parts: readonly T[]) => string): Laid {
  const whole = make(parts);
  if (whole.length <= room) return { text: whole, cut: [] };
  let [fits, tooMany] = [0, parts.length];
  while (tooMany - fits > 1) {
    const middle = (fits + tooMany) >> 1;
    if (make(parts.slice(0, middle)).length <= room) fits = middle;
    else tooMany = middle;
  }
  return { text: fits === 0 ? '' : make(parts.slice(0, fits)), cut: [fits === 0 ? about : `part of ${about}`] };
}
