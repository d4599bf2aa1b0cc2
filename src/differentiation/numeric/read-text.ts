import { NumbersInWord } from './number-in-word.ts';
import { bigInteger, NumberScanner, notANumber } from './number-scanner.ts';
import { type Block, kind, type NumericDocument, ValueList, type Words } from './numeric-document.ts';
import { asciiOf, wordOf } from './word-bytes.ts';

/**
 * Any text as numbers and the words between them, line by line; empty lines and the width of white space aside.
 */
export function readText(bytes: Uint8Array, words: Words): NumericDocument {
  const scanner = new NumberScanner();
  const numbers = new NumbersInWord(scanner);
  const values = new ValueList(words);
  const lines = new LineList();
  let line = 1;
  let next = 0;
  while (next < bytes.length) {
    const byte = bytes[next]!;
    if (byte === newline || byte === carriageReturn) {
      lines.end(line, values.length);
      // \r\n is one end of a line.
      if (byte === carriageReturn && bytes[next + 1] === newline) next++;
      line++;
      next++;
      continue;
    }
    if (byte <= space) {
      next++;
      continue;
    }
    let end = next;
    while (end < bytes.length && bytes[end]! > space) end++;
    let wordStart = next;
    while (wordStart < end) {
      const found = numbers.find(bytes, next, wordStart, end);
      const wordEnd = found === notANumber ? end : numbers.start;
      if (wordEnd > wordStart) values.word(wordOf(bytes, wordStart, wordEnd));
      if (found === notANumber) break;
      if (found === bigInteger) values.bigInteger(asciiOf(bytes, numbers.start, numbers.end));
      else values.number(scanner.value);
      wordStart = numbers.end;
    }
    next = end;
  }
  lines.end(line, values.length);
  return { blocks: [textBlock(values, lines)] };
}

const newline = 10;
const carriageReturn = 13;
const space = 32;

function textBlock(values: ValueList, lines: LineList): Block {
  const taken = values.take();
  return {
    ...taken,
    name: '',
    shape: [values.length],
    columns: null,
    layout: lines.counts.subarray(0, lines.length),
    wordsBetween: true,
    unit: null,
    place: index => {
      const { line, first } = lines.lineOf(index);
      if (taken.kinds !== null && taken.kinds[index] === kind.word) return `line ${line}`;
      let number = 1;
      for (let before = first; before < index; before++) if (taken.kinds?.[before] !== kind.word) number++;
      return `line ${line}, number ${number}`;
    },
  };
}

/** For each line that has values: how many, and its number in the file. */
class LineList {
  counts = new Int32Array(64);
  #numbers = new Int32Array(64);
  length = 0;
  #valuesBefore = 0;

  end(line: number, values: number): void {
    if (values === this.#valuesBefore) return;
    if (this.length === this.counts.length) {
      this.counts = longer(this.counts);
      this.#numbers = longer(this.#numbers);
    }
    this.counts[this.length] = values - this.#valuesBefore;
    this.#numbers[this.length++] = line;
    this.#valuesBefore = values;
  }

  lineOf(value: number): { line: number; first: number } {
    let first = 0;
    for (let at = 0; at < this.length; at++) {
      if (value < first + this.counts[at]!) return { line: this.#numbers[at]!, first };
      first += this.counts[at]!;
    }
    return { line: this.#numbers[this.length - 1] ?? 1, first };
  }
}

function longer(array: Int32Array): Int32Array<ArrayBuffer> {
  const twice = new Int32Array(array.length * 2);
  twice.set(array);
  return twice;
}
