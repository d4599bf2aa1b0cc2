import { exactDecimal, mostDepth, type StructuredValue, Unreadable } from './structured-value.ts';

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const blanks = /[ \t\n\r]*/y;
/** What a text may hold between its quotes, up to the first escape, control character or quote. */
const plain = /[^"\\\u0000-\u001f]*/y;

/**
 * One JSON value (RFC 8259), strictly: unique keys, nothing after it, bounded depth, numbers exact. JSON.parse would
 * round integers above 2^53 and let the last of two equal keys win. Throws Unreadable with the line and column.
 */
export function readJson(text: string): StructuredValue {
  let at = 0;

  function fail(because: string): never {
    const upTo = text.slice(0, at);
    const line = upTo.split('\n').length;
    throw new Unreadable(`${because} (line ${line}, column ${at - upTo.lastIndexOf('\n')})`);
  }

  function skip(): void {
    blanks.lastIndex = at;
    blanks.test(text);
    at = blanks.lastIndex;
  }

  function word<Value>(letters: string, value: Value): Value {
    if (!text.startsWith(letters, at)) fail('there is no value');
    at += letters.length;
    return value;
  }

  function string(): string {
    const start = at;
    at++;
    let isPlain = true;
    for (;;) {
      plain.lastIndex = at;
      plain.test(text);
      at = plain.lastIndex;
      const next = text[at];
      if (next === '"') break;
      if (next !== undefined && next !== '\\') fail('a text holds a control character');
      isPlain = false;
      at += 2;
      if (at >= text.length) {
        at = start;
        fail('a text has no end');
      }
    }
    at++;
    if (isPlain) return text.slice(start + 1, at - 1);
    try {
      return JSON.parse(text.slice(start, at)) as string;
    } catch {
      at = start;
      return fail('a text holds an escape that there is not');
    }
  }

  function list(depth: number): StructuredValue {
    const items: StructuredValue[] = [];
    at++;
    skip();
    if (text[at] === ']') at++;
    else
      for (;;) {
        items.push(value(depth));
        skip();
        if (text[at] === ']') break;
        if (text[at] !== ',') fail('a list has neither a comma nor an end');
        at++;
      }
    if (items.length > 0) at++;
    return { is: 'list', items };
  }

  function map(depth: number): StructuredValue {
    const entries = new Map<string, StructuredValue>();
    at++;
    skip();
    if (text[at] === '}') {
      at++;
      return { is: 'map', entries };
    }
    for (;;) {
      skip();
      if (text[at] !== '"') fail('a key does not begin with a quote');
      const key = string();
      if (entries.has(key)) fail(`the key ${JSON.stringify(key.slice(0, 100))} stands twice`);
      skip();
      if (text[at] !== ':') fail('a key is not followed by a colon');
      at++;
      entries.set(key, value(depth));
      skip();
      if (text[at] === '}') break;
      if (text[at] !== ',') fail('an object has neither a comma nor an end');
      at++;
    }
    at++;
    return { is: 'map', entries };
  }

  function value(depth: number): StructuredValue {
    if (depth > mostDepth) fail(`it is nested deeper than ${mostDepth}`);
    skip();
    switch (text[at]) {
      case '{':
        return map(depth + 1);
      case '[':
        return list(depth + 1);
      case '"':
        return { is: 'text', value: string() };
      case 't':
        return word('true', { is: 'boolean', value: true });
      case 'f':
        return word('false', { is: 'boolean', value: false });
      case 'n':
        return word('null', { is: 'null' });
      // Python's json writes these, though no JSON has them.
      case 'N':
        return word('NaN', { is: 'number', value: 'nan' });
      case 'I':
        return word('Infinity', { is: 'number', value: 'inf' });
      default: {
        if (text.startsWith('-Infinity', at)) return word('-Infinity', { is: 'number', value: '-inf' });
        number.lastIndex = at;
        if (!number.test(text)) return fail('there is no value');
        const literal = text.slice(at, number.lastIndex);
        at = number.lastIndex;
        return { is: 'number', value: exactDecimal(literal) };
      }
    }
  }

  if (text.charCodeAt(0) === 0xfeff) at++;
  const whole = value(0);
  skip();
  if (at < text.length) fail('something follows the value');
  return whole;
}

/** One JSON value a line (JSON Lines), as a list; empty lines are skipped. */
export function readJsonLines(text: string): StructuredValue {
  const items: StructuredValue[] = [];
  text.split('\n').forEach((line, index) => {
    if (line.trim() === '') return;
    try {
      items.push(readJson(line));
    } catch (error) {
      if (error instanceof Unreadable) throw new Unreadable(`line ${index + 1}: ${error.message}`);
      throw error;
    }
  });
  return { is: 'list', items };
}
