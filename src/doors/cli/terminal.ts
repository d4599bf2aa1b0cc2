import type { WriteStream } from 'node:tty';

export type Colour = 'red' | 'green' | 'yellow' | 'blue' | 'cyan' | 'dim' | 'bold';

const codes: Readonly<{ [colour in Colour]: readonly [number, number] }> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  cyan: [36, 39],
};

/** Where a command prints. Colour only where there is a terminal (NO_COLOR and FORCE_COLOR are heard). */
export class Terminal {
  readonly #out: NodeJS.WriteStream;
  readonly #err: NodeJS.WriteStream;
  readonly #colour: boolean;
  readonly width: number;
  #progressShown = 0;

  constructor(out: NodeJS.WriteStream, err: NodeJS.WriteStream, environment: NodeJS.ProcessEnv) {
    this.#out = out;
    this.#err = err;
    const forced = environment.FORCE_COLOR;
    this.#colour =
      forced !== undefined && forced !== '0' && forced !== ''
        ? true
        : (environment.NO_COLOR ?? '') === '' && out.isTTY === true && environment.TERM !== 'dumb';
    const columns = Number(environment.COLUMNS);
    this.width = (out as WriteStream).columns || (columns > 20 ? columns : 100);
  }

  get isTerminal(): boolean {
    return this.#out.isTTY === true;
  }

  print(line = ''): void {
    this.#clearProgress();
    this.#out.write(`${line}\n`);
  }

  /** Bytes as they are, e.g. a document. */
  write(content: string): void {
    this.#clearProgress();
    this.#out.write(content);
  }

  json(value: unknown): void {
    this.write(`${JSON.stringify(value, null, 2)}\n`);
  }

  /** A sentence for people, beside the result: on stderr. */
  say(line: string): void {
    this.#clearProgress();
    this.#err.write(`${line}\n`);
  }

  paint(colour: Colour, content: string): string {
    if (!this.#colour) return content;
    const [on, off] = codes[colour];
    return `\u001b[${on}m${content}\u001b[${off}m`;
  }

  /** A line that replaces itself, on a terminal only. */
  progress(line: string): void {
    if (!this.#err.isTTY) return;
    const cut = [...line].slice(0, Math.max(10, (this.#err.columns || 80) - 1)).join('');
    this.#err.write(`\r\u001b[K${cut}`);
    this.#progressShown = cut.length;
  }

  #clearProgress(): void {
    if (this.#progressShown > 0) this.#err.write('\r\u001b[K');
    this.#progressShown = 0;
  }

  done(): void {
    this.#clearProgress();
  }
}

/** Text of anyone's, made fit for a terminal: no escape sequences, no line breaks, no reordering. */
export function plain(content: string): string {
  return content.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, character => {
    const named: { [character: string]: string } = { '\n': '\\n', '\t': '\\t', '\r': '\\r' };
    return named[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** The same, for a text whose lines are its own: words of git's, a file's faults. */
export function plainLines(content: string): string {
  return content
    .split('\n')
    .map(line => plain(line.replaceAll('\t', '  ')))
    .join('\n');
}

const colours = /\u001b\[\d+m/g;

/** How many columns a text takes, colours aside. */
export function columnsOf(content: string): number {
  let columns = 0;
  for (const character of content.replace(colours, '')) {
    const code = character.codePointAt(0)!;
    const wide =
      (code >= 0x1100 && code <= 0x115f) ||
      (code >= 0x2e80 && code <= 0xa4cf) ||
      (code >= 0xac00 && code <= 0xd7a3) ||
      (code >= 0xf900 && code <= 0xfaff) ||
      (code >= 0xfe30 && code <= 0xfe6f) ||
      (code >= 0xff00 && code <= 0xff60) ||
      code >= 0x1f300;
    columns += /\p{M}/u.test(character) ? 0 : wide ? 2 : 1;
  }
  return columns;
}

/** Rows in columns that line up, two spaces between; numbers of `right` columns to the right. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, columnsOf(cell));
  return rows.map(row =>
    row
      .map((cell, column) => {
        const space = ' '.repeat(widths[column]! - columnsOf(cell));
        if (right.includes(column)) return space + cell;
        return column === row.length - 1 ? cell : cell + space;
      })
      .join('  ')
      .trimEnd(),
  );
}
