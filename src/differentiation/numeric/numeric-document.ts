import { unreadable } from './unreadable.ts';

/**
 * The form that every reader makes of a file, and the only one that the comparison knows: named blocks of values, each
 * with a shape and with words for its places.
 */

/** What a value is. A block without `kinds` holds numbers alone. */
export const kind = {
  number: 0,
  /** `numbers` holds the id of the word among the comparison's words. */
  word: 1,
  /** `numbers` holds 0 or 1. */
  boolean: 2,
  /** A whole number at or beyond 2^53: `numbers` holds the id of its digits, written one way only. */
  bigInteger: 3,
  /** Nothing: JSON's and YAML's null. */
  empty: 4,
} as const;
export type Kind = (typeof kind)[keyof typeof kind];

/** Numbers in memory no wider than they need to be. */
export type NumberArray =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

export interface Values {
  /** As many as the shape has cells; numbers, or what `kinds` says. */
  readonly numbers: NumberArray;
  readonly kinds: Uint8Array | null;
  /** The imaginary parts of complex numbers, whose real parts are in `numbers`. */
  readonly imaginary: NumberArray | null;
}

export interface Block extends Values {
  /** Unique in its document; '' where there is one block and nothing to call it. */
  readonly name: string;
  /** Row-major. */
  readonly shape: readonly number[];
  /** A table, whose last axis has columns; null in each of them without a name. */
  readonly columns: readonly (string | null)[] | null;
  /**
   * Where values stand, when the shape alone does not say it: the same on both sides, or the block is not the same
   * (for text: how many values each line has; for JSON: the list indices of each value).
   */
  readonly layout: Int32Array | null;
  /** Words only hold numbers apart (in text): they must agree, but are not counted as values. */
  readonly wordsBetween: boolean;
  /** What the numbers count, where the file says it; must be equal. */
  readonly unit: string | null;
  /** The place of a value as a person finds it. */
  place(index: number): string;
}

export interface NumericDocument {
  readonly blocks: readonly Block[];
}

/** Each different word costs memory of its own. */
const mostWords = 2 ** 21;

/** The words of one comparison: equal words have equal ids, on both sides. */
export class Words {
  readonly #ids = new Map<string, number>();
  readonly #words: string[] = [];

  idOf(word: string): number {
    let id = this.#ids.get(word);
    if (id === undefined) {
      id = this.#words.length;
      if (id === mostWords) throw unreadable(`has words of which more than ${mostWords} are different`);
      this.#ids.set(word, id);
      this.#words.push(word);
    }
    return id;
  }

  word(id: number): string {
    return this.#words[id] ?? '';
  }
}

/** Values as they are read, one after the other. */
export class ValueList {
  numbers: Float64Array;
  length = 0;
  #kinds: Uint8Array | null = null;
  readonly #words: Words;

  constructor(words: Words, room = 1024) {
    this.#words = words;
    this.numbers = new Float64Array(room);
  }

  number(value: number): void {
    if (this.length === this.numbers.length) this.#grow();
    this.numbers[this.length++] = value;
  }

  word(word: string): void {
    this.#add(this.#words.idOf(word), kind.word);
  }

  boolean(value: boolean): void {
    this.#add(value ? 1 : 0, kind.boolean);
  }

  empty(): void {
    this.#add(0, kind.empty);
  }

  /** `digits`: a decimal with an optional sign, in any spelling. */
  bigInteger(digits: string): void {
    this.#add(this.#words.idOf(wholeNumberText(digits)), kind.bigInteger);
  }

  take(): Values {
    return {
      numbers: this.numbers.subarray(0, this.length),
      kinds: this.#kinds === null ? null : this.#kinds.subarray(0, this.length),
      imaginary: null,
    };
  }

  #add(value: number, of: Kind): void {
    this.number(value);
    this.#kinds ??= new Uint8Array(this.numbers.length);
    this.#kinds[this.length - 1] = of;
  }

  #grow(): void {
    const numbers = new Float64Array(this.numbers.length * 2);
    numbers.set(this.numbers);
    this.numbers = numbers;
    if (this.#kinds !== null) {
      const kinds = new Uint8Array(numbers.length);
      kinds.set(this.#kinds);
      this.#kinds = kinds;
    }
  }
}

/** `+0012` and `12` are one number: no plus, no leading zeros. */
function wholeNumberText(digits: string): string {
  const text = digits.replace(/^([+-]?)0+(?=\d)/, '$1');
  return text.startsWith('+') ? text.slice(1) : text;
}
