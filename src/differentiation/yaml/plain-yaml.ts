/** A value of a plain YAML file; keys are scalars. An empty value is a scalar without letters and without quotes. */
export type PlainYaml =
  | { readonly is: 'scalar'; readonly text: string; readonly quoted: boolean }
  | { readonly is: 'list'; readonly items: readonly PlainYaml[] }
  | { readonly is: 'map'; readonly keys: readonly PlainScalar[]; readonly values: readonly PlainYaml[] };
export type PlainScalar = Extract<PlainYaml, { is: 'scalar' }>;

/**
 * Reads YAML as programs write their results: documents of block lists and mappings, of flow ones in one line, or one
 * that is a flow one as a whole; scalars in one line, without escapes, tags, anchors. null for anything else, valid or not,
 * which is the `yaml` package's to read: that one takes ten times as long and holds all its tokens. What is read here means
 * what it means there, save that whether keys are unique is the caller's to see.
 */
export function readPlainYaml(text: string): readonly PlainYaml[] | null {
  if (unusual.test(text)) return null;
  try {
    return new PlainReader(text).documents();
  } catch (error) {
    if (error === notPlain) return null;
    throw error;
  }
}

/** Thrown, never shown: it is no fault of the file. */
const notPlain = new Error('not plain');

/** Tabs, carriage returns and other controls, marks of byte order, other ends of lines. */
const unusual = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/;
/** Deeper ones are left to those who say what is too deep. */
const mostDepth = 100;
/** YAML allows 1,024 for a key in its line. */
const longestKey = 500;

/** A longer scalar would cost the stack of regular expressions. */
const longestScalar = 4096;

// What no indicator of YAML is; a colon only where no blank follows.
const start = String.raw`(?:[\p{L}\p{N}_.+~($/\\;]|-(?=[\p{L}\p{N}.]))`;
const inside = String.raw`[\p{L}\p{N}\p{M}\p{S}_.+~()$/\\;*^=<>%&@!?|-]`;
const wordsOf = (letter: string) => `${start}(?:${letter}){0,${longestScalar}}`;
const insideBlock = String.raw`${inside}|[,{}'"\[\]]|:(?=[^ \n])|#(?<=[^ ]#)| +(?=[^ \n#])`;
const insideFlow = `${inside}| +(?=${inside})`;
const blockPlain = new RegExp(wordsOf(insideBlock), 'uy');
const flowPlain = new RegExp(wordsOf(insideFlow), 'uy');
const blockKey = new RegExp(String.raw`${wordsOf(insideFlow)}(?= *:(?: |\n|$))`, 'uy');
const quotedText = new RegExp(`"[^"\\\\\\n]{0,${longestScalar}}"|'(?:[^'\\n]|''){0,${longestScalar}}'`, 'y');
const colon = / *:(?= |\n|$)/y;
const flowColon = / *:/y;
const restOfLine = / *(?:(?<= )#[^\n]*)?(?:\n|$)/y;
const blankLine = / *(?:#[^\n]*)?(?:\n|$)/y;
const spaces = / */y;
const blanks = /[ \n]*/y;

const none: PlainScalar = { is: 'scalar', text: '', quoted: false };

class PlainReader {
  readonly #text: string;
  #at = 0;
  /** Of what stands at `#at` in its line; -1 at the end of the document. */
  #column = 0;
  /** Whether that end is a marker, behind which another one begins. */
  #isFollowed = false;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  documents(): PlainYaml[] {
    const documents: PlainYaml[] = [];
    if (this.#text.startsWith('---\n')) this.#at = 4;
    do {
      this.#isFollowed = false;
      this.#toContent();
      if (this.#column < 0) throw notPlain;
      documents.push(this.#document());
    } while (this.#isFollowed);
    return documents;
  }

  #document(): PlainYaml {
    const first = this.#text[this.#at];
    const isFlow = first === '[' || first === '{';
    const value = isFlow ? this.#flow(blanks) : this.#block();
    if (value.is === 'scalar') throw notPlain;
    if (isFlow) this.#endLine();
    if (this.#column >= 0) throw notPlain;
    return value;
  }

  /** To the first letter of the next line that has one, comments aside. */
  #toContent(): void {
    while (this.#at < this.#text.length && this.#match(blankLine));
    const line = this.#at;
    this.#match(spaces);
    this.#column = this.#at === this.#text.length ? -1 : this.#at - line;
    if (this.#column !== 0) return;
    if (this.#text.startsWith('---\n', line)) {
      this.#at = line + 4;
      this.#column = -1;
      this.#isFollowed = true;
    } else if (this.#text.startsWith('---', line) || this.#text.startsWith('...', line)) throw notPlain;
  }

  #endLine(): void {
    if (!this.#match(restOfLine)) throw notPlain;
    this.#toContent();
  }

  /** What begins here, and goes on in the lines below that are as deep. */
  #block(): PlainYaml {
    if (++this.#depth > mostDepth) throw notPlain;
    const value = this.#isItem() ? this.#list() : (this.#map() ?? this.#scalarOrFlow());
    this.#depth--;
    return value;
  }

  #isItem(): boolean {
    if (this.#text.charCodeAt(this.#at) !== dash) return false;
    const next = this.#text.charCodeAt(this.#at + 1);
    return next === space || next === newline || Number.isNaN(next);
  }

  #list(): PlainYaml {
    const column = this.#column;
    const items: PlainYaml[] = [];
    while (this.#column === column && this.#isItem()) {
      const from = this.#at++;
      if (this.#match(restOfLine)) {
        this.#toContent();
        items.push(this.#column > column ? this.#block() : none);
      } else {
        this.#match(spaces);
        this.#column = column + this.#at - from;
        items.push(this.#block());
      }
      if (this.#column > column) throw notPlain;
    }
    return { is: 'list', items };
  }

  /** null where no key stands. */
  #map(): PlainYaml | null {
    const column = this.#column;
    const keys: PlainScalar[] = [];
    const values: PlainYaml[] = [];
    while (this.#column === column) {
      const key = this.#key();
      if (key === null) {
        if (keys.length === 0) return null;
        throw notPlain;
      }
      keys.push(key);
      if (this.#match(restOfLine)) {
        this.#toContent();
        const isBelow = this.#column > column || (this.#column === column && this.#isItem());
        values.push(isBelow ? this.#block() : none);
      } else {
        this.#match(spaces);
        values.push(this.#scalarOrFlow());
      }
      if (this.#column > column) throw notPlain;
    }
    return { is: 'map', keys, values };
  }

  /** A key and its colon; null, and nothing taken, where there is none. */
  #key(): PlainScalar | null {
    const from = this.#at;
    const key = this.#quoted() ?? this.#plain(blockKey);
    if (key === null || !this.#match(colon)) {
      this.#at = from;
      return null;
    }
    if (this.#at - from > longestKey) throw notPlain;
    return key;
  }

  /** To the end of the line. */
  #scalarOrFlow(): PlainYaml {
    const first = this.#text.charCodeAt(this.#at);
    const value =
      first === bracket || first === brace ? this.#flow(spaces) : (this.#quoted() ?? this.#plain(blockPlain));
    if (value === null) throw notPlain;
    this.#endLine();
    return value;
  }

  /** A list or a mapping in brackets; `between` is what may stand between its parts. */
  #flow(between: RegExp): PlainYaml {
    if (++this.#depth > mostDepth) throw notPlain;
    const isList = this.#text.charCodeAt(this.#at) === bracket;
    const close = isList ? closingBracket : closingBrace;
    const keys: PlainScalar[] = [];
    const values: PlainYaml[] = [];
    this.#at++;
    this.#match(between);
    while (this.#text.charCodeAt(this.#at) !== close) {
      if (!isList) keys.push(this.#flowKey(between));
      values.push(this.#flowValue(between));
      this.#match(between);
      if (this.#text.charCodeAt(this.#at) === comma) {
        this.#at++;
        this.#match(between);
      } else if (this.#text.charCodeAt(this.#at) !== close) throw notPlain;
    }
    this.#at++;
    this.#depth--;
    return isList ? { is: 'list', items: values } : { is: 'map', keys, values };
  }

  #flowKey(between: RegExp): PlainScalar {
    const from = this.#at;
    const quoted = this.#quoted();
    const key = quoted ?? this.#plain(flowPlain);
    if (key === null || !this.#match(quoted === null ? colon : flowColon)) throw notPlain;
    if (this.#at - from > longestKey) throw notPlain;
    this.#match(between);
    return key;
  }

  #flowValue(between: RegExp): PlainYaml {
    const first = this.#text.charCodeAt(this.#at);
    if (first === bracket || first === brace) return this.#flow(between);
    const value = this.#quoted() ?? this.#plain(flowPlain);
    if (value === null) throw notPlain;
    return value;
  }

  #quoted(): PlainScalar | null {
    const from = this.#at;
    const first = this.#text.charCodeAt(from);
    if ((first !== quote && first !== apostrophe) || !this.#match(quotedText)) return null;
    const text = this.#text.slice(from + 1, this.#at - 1);
    return { is: 'scalar', text: first === apostrophe ? text.replaceAll("''", "'") : text, quoted: true };
  }

  #plain(form: RegExp): PlainScalar | null {
    const from = this.#at;
    if (!this.#match(form)) return null;
    return { is: 'scalar', text: this.#text.slice(from, this.#at), quoted: false };
  }

  /** Takes what the expression finds here. */
  #match(form: RegExp): boolean {
    form.lastIndex = this.#at;
    if (!form.test(this.#text)) return false;
    this.#at = form.lastIndex;
    return true;
  }
}

const newline = 10;
const space = 32;
const quote = 34;
const apostrophe = 39;
const comma = 44;
const dash = 45;
const bracket = 91;
const closingBracket = 93;
const brace = 123;
const closingBrace = 125;
