import { unreadable } from './unreadable.ts';

/** What stands in the header of an .npy file: Python's strings, whole numbers, True, False, None, tuples, lists, dicts. */
export type PythonLiteral = string | number | boolean | null | readonly PythonLiteral[] | Map<string, PythonLiteral>;

/** Reads one literal; throws UNREADABLE for anything else. */
export function parsePythonLiteral(text: string): PythonLiteral {
  const parser = new Parser(text);
  const value = parser.value(0);
  parser.end();
  return value;
}

const deepest = 32;

class Parser {
  readonly #tokens: readonly string[];
  #next = 0;

  constructor(text: string) {
    const tokens = text.match(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|-?\d+L?|[A-Za-z_]+|[()[\]{},:]|\S/g);
    this.#tokens = tokens ?? [];
  }

  value(depth: number): PythonLiteral {
    if (depth > deepest) throw this.#broken();
    const token = this.#tokens[this.#next++] ?? '';
    if (token === '(') return this.#items(')', depth);
    if (token === '[') return this.#items(']', depth);
    if (token === '{') return this.#entries(depth);
    if (/^['"]./.test(token)) return token.slice(1, -1).replace(/\\(.)/g, '$1');
    if (/^-?\d/.test(token)) return Number.parseInt(token, 10);
    if (token === 'True' || token === 'False') return token === 'True';
    if (token === 'None') return null;
    throw this.#broken();
  }

  end(): void {
    if (this.#next < this.#tokens.length) throw this.#broken();
  }

  #items(close: string, depth: number): PythonLiteral[] {
    const items: PythonLiteral[] = [];
    while (!this.#take(close)) {
      items.push(this.value(depth + 1));
      if (!this.#take(',') && this.#tokens[this.#next] !== close) throw this.#broken();
    }
    return items;
  }

  #entries(depth: number): Map<string, PythonLiteral> {
    const entries = new Map<string, PythonLiteral>();
    while (!this.#take('}')) {
      const key = this.value(depth + 1);
      if (typeof key !== 'string' || !this.#take(':')) throw this.#broken();
      entries.set(key, this.value(depth + 1));
      if (!this.#take(',') && this.#tokens[this.#next] !== '}') throw this.#broken();
    }
    return entries;
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#next] !== token) return false;
    this.#next++;
    return true;
  }

  #broken(): Error {
    return unreadable('has a header that cannot be read');
  }
}
