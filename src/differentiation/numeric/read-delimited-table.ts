import { NumbersInWord } from './number-in-word.ts';
import { bigInteger, NumberScanner, notANumber } from './number-scanner.ts';
import { type NumericDocument, ValueList, type Words } from './numeric-document.ts';
import { tableBlock, withoutFirst } from './table-block.ts';
import { asciiOf, wordOf } from './word-bytes.ts';

/**
 * CSV and its like (RFC 4180): quotes with doubled quotes inside, the first row a header when no cell of it is a number,
 * lines that start with # before the first row left aside (numpy.savetxt's header, then the names). `delimiter` is a
 * byte. An empty cell is a word of no letters. null when the rows do not have the same number of cells, or, unless
 * `trusted` by the file's ending, when a cell looks like text with numbers inside.
 */
export function readDelimitedTable(
  bytes: Uint8Array,
  delimiter: number,
  trusted: boolean,
  words: Words,
): NumericDocument | null {
  const reader = new CellReader(bytes, delimiter, words, trusted);
  let columns = 0;
  let rows = 0;
  let comment: string[] | null = null;
  const first: string[] = [];
  while (reader.next < bytes.length) {
    const start = reader.next;
    const byte = bytes[start]!;
    if (byte === newline || byte === carriageReturn) {
      reader.next++;
      continue;
    }
    if (rows === 0 && byte === hash) {
      while (reader.next < bytes.length && bytes[reader.next] !== newline) reader.next++;
      comment = wordOf(bytes, start + 1, reader.next)
        .split(String.fromCharCode(delimiter))
        .map(name => name.trim());
      continue;
    }
    let inRow = 0;
    do {
      if (!reader.cell()) return null;
      inRow++;
      if (rows === 0) first.push(reader.word);
    } while (reader.more);
    if (rows === 0) columns = inRow;
    else if (inRow !== columns) return null;
    if (rows === 0) reader.firstHasNumbers = reader.numbers > 0;
    rows++;
  }
  if (rows === 0) return null;
  const taken = reader.values.take();
  if (!reader.firstHasNumbers && comment === null) {
    return { blocks: [tableBlock(withoutFirst(taken, columns), rows - 1, columns, first)] };
  }
  return { blocks: [tableBlock(taken, rows, columns, comment?.length === columns ? comment : null)] };
}

const tab = 9;
const newline = 10;
const carriageReturn = 13;
const space = 32;
const quote = 34;
const hash = 35;

/** One cell after the other, into `values`. */
class CellReader {
  readonly values: ValueList;
  next = 0;
  /** Whether another cell of the same row follows. */
  more = false;
  /** The last cell's text, when it was no number. */
  word = '';
  numbers = 0;
  firstHasNumbers = false;
  readonly #bytes: Uint8Array;
  readonly #delimiter: number;
  readonly #trusted: boolean;
  readonly #scanner = new NumberScanner();
  readonly #numbersInWord = new NumbersInWord(this.#scanner);

  constructor(bytes: Uint8Array, delimiter: number, words: Words, trusted: boolean) {
    this.#bytes = bytes;
    this.#delimiter = delimiter;
    this.#trusted = trusted;
    this.values = new ValueList(words);
  }

  /** false when the cell cannot be one. */
  cell(): boolean {
    const bytes = this.#bytes;
    let next = this.#afterBlanks(this.next);
    if (bytes[next] === quote) return this.#quoted(next);
    const scanned = this.#scanner.scan(bytes, next, bytes.length);
    if (scanned !== notANumber) {
      const end = this.#afterBlanks(this.#scanner.end);
      if (this.#closes(end)) {
        if (scanned === bigInteger) this.values.bigInteger(asciiOf(bytes, next, this.#scanner.end));
        else this.values.number(this.#scanner.value);
        this.numbers++;
        this.word = '';
        this.#close(end);
        return true;
      }
    }
    const start = next;
    while (!this.#closes(next)) next++;
    let end = next;
    while (end > start && (bytes[end - 1] === space || bytes[end - 1] === tab)) end--;
    if (!this.#trusted && this.#holdsNumbers(start, end)) return false;
    this.word = wordOf(bytes, start, end);
    this.values.word(this.word);
    this.#close(next);
    return true;
  }

  #quoted(at: number): boolean {
    const bytes = this.#bytes;
    let next = at + 1;
    while (next < bytes.length && !(bytes[next] === quote && bytes[next + 1] !== quote)) {
      next += bytes[next] === quote ? 2 : 1;
    }
    if (next >= bytes.length) return false;
    const scanned = this.#scanner.scan(bytes, at + 1, next);
    if (scanned !== notANumber && this.#scanner.end === next) {
      if (scanned === bigInteger) this.values.bigInteger(asciiOf(bytes, at + 1, next));
      else this.values.number(this.#scanner.value);
      this.numbers++;
      this.word = '';
    } else {
      this.word = wordOf(bytes, at + 1, next).replaceAll('""', '"');
      this.values.word(this.word);
    }
    const end = this.#afterBlanks(next + 1);
    if (!this.#closes(end)) return false;
    this.#close(end);
    return true;
  }

  #holdsNumbers(start: number, end: number): boolean {
    let next = start;
    while (next < end) {
      let wordEnd = next;
      while (wordEnd < end && this.#bytes[wordEnd]! > space) wordEnd++;
      if (this.#numbersInWord.find(this.#bytes, next, next, wordEnd) !== notANumber) return true;
      next = wordEnd + 1;
    }
    return false;
  }

  #afterBlanks(at: number): number {
    let next = at;
    while (this.#bytes[next] === space || (this.#bytes[next] === tab && this.#delimiter !== tab)) next++;
    return next;
  }

  #closes(at: number): boolean {
    if (at >= this.#bytes.length) return true;
    const byte = this.#bytes[at]!;
    return byte === this.#delimiter || byte === newline || byte === carriageReturn;
  }

  #close(at: number): void {
    this.more = at < this.#bytes.length && this.#bytes[at] === this.#delimiter;
    this.next = at + 1;
  }
}
