import { NumbersInWord } from './number-in-word.ts';
import { bigInteger, NumberScanner, notANumber } from './number-scanner.ts';
import { type NumericDocument, ValueList, type Words } from './numeric-document.ts';
import { ShortNumber, shortNumberReach } from './short-number.ts';
import { tableBlock, withoutFirst } from './table-block.ts';
import { asciiOf, wordOf } from './word-bytes.ts';

/**
 * A table as numpy.savetxt writes it and numpy.loadtxt reads it: columns apart by white space, the same number in each
 * row, comments behind # or % left aside. Column names come from a first line of words, or from the last comment before
 * the first row when it has a word for each column. null when the text is no such table (see `readText`).
 */
export function readWhitespaceTable(bytes: Uint8Array, words: Words): NumericDocument | null {
  const scanner = new NumberScanner();
  const numbersInWord = new NumbersInWord(scanner);
  const short = new ShortNumber();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new ValueList(words, likelyCount(bytes));
  const length = bytes.length;
  const shortUntil = length - shortNumberReach;
  let columns = 0;
  let rows = 0;
  let inRow = 0;
  let isShort = true;
  let numbersInFirst = 0;
  let numbersInSecond = 0;
  let comment: string[] | null = null;
  const firstRow: string[] = [];
  let next = 0;

  while (next <= length) {
    const byte = next < length ? bytes[next]! : newline;
    if (byte === newline || byte === carriageReturn) {
      if (inRow > 0) {
        if (rows === 0) columns = inRow;
        else if (inRow !== columns) return null;
        rows++;
        inRow = 0;
      }
      next++;
    } else if (byte <= space) {
      next++;
    } else if (byte === hash || byte === percent) {
      const end = endOfLine(bytes, next);
      if (rows === 0 && inRow === 0) comment = namesIn(wordOf(bytes, next + 1, end));
      next = end;
    } else {
      if (isShort && next < shortUntil && short.read(bytes, view, next)) {
        values.number(short.value);
        if (rows === 0) numbersInFirst++;
        else if (rows === 1) numbersInSecond++;
        inRow++;
        next = short.end;
        if (bytes[next] === space) next++;
        continue;
      }
      const scanned = scanner.scan(bytes, next, length);
      let end = scanner.end;
      if (scanned !== notANumber && (end === length || bytes[end]! <= space)) {
        if (scanned === bigInteger) values.bigInteger(asciiOf(bytes, next, end));
        else values.number(scanner.value);
        isShort = end - next < 12;
        if (rows === 0) numbersInFirst++;
        else if (rows === 1) numbersInSecond++;
      } else {
        end = next;
        while (end < length && bytes[end]! > space) end++;
        // A word with a number inside is text's to read.
        if (numbersInWord.find(bytes, next, next, end) !== notANumber) return null;
        const word = wordOf(bytes, next, end);
        if (rows === 0) firstRow.push(word);
        values.word(word);
      }
      inRow++;
      next = end;
    }
  }
  const header = rows > 1 && numbersInFirst === 0 && numbersInSecond > 0;
  if (!header && numbersInFirst === 0) return null;
  const taken = values.take();
  if (header) return { blocks: [tableBlock(withoutFirst(taken, columns), rows - 1, columns, firstRow)] };
  return { blocks: [tableBlock(taken, rows, columns, comment?.length === columns ? comment : null)] };
}

const newline = 10;
const carriageReturn = 13;
const space = 32;
const hash = 35;
const percent = 37;

/** How many values there are if the whole file is like its beginning: room for them at once saves copying. */
function likelyCount(bytes: Uint8Array): number {
  const sample = Math.min(bytes.length, 4096);
  let found = 1;
  for (let at = 1; at < sample; at++) if (bytes[at]! <= space && bytes[at - 1]! > space) found++;
  return Math.ceil((found / Math.max(1, sample)) * bytes.length * 1.05) + 16;
}

function endOfLine(bytes: Uint8Array, at: number): number {
  let end = at;
  while (end < bytes.length && bytes[end] !== newline && bytes[end] !== carriageReturn) end++;
  return end;
}

/** The names in a comment; none where a word could be a value (a date, a count). */
function namesIn(comment: string): string[] {
  const names = comment.trim().split(/\s+/);
  return names.every(name => /^[^\d+\-.]/.test(name)) ? names : [];
}
