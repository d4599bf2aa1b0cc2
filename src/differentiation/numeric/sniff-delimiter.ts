const newline = 10;
const carriageReturn = 13;
const quote = 34;
const hash = 35;
const candidates = ['\t', ';', ','].map(character => character.charCodeAt(0));

/**
 * The byte that sets the cells of a table apart: the first of tab, semicolon and comma that stands in the first two
 * lines, comments aside, equally often. null for none; a file that is called .csv or .tsv has one anyhow.
 */
export function sniffDelimiter(bytes: Uint8Array, ending: string): number | null {
  const [first, second] = firstLines(bytes);
  for (const candidate of candidates) {
    const inFirst = count(first, candidate);
    if (inFirst > 0 && (second.length === 0 || count(second, candidate) === inFirst)) return candidate;
  }
  if (ending === 'csv') return 44;
  return ending === 'tsv' ? 9 : null;
}

function firstLines(bytes: Uint8Array): [Uint8Array, Uint8Array] {
  const lines: Uint8Array[] = [];
  let next = 0;
  while (next < bytes.length && lines.length < 2) {
    const start = next;
    while (next < bytes.length && bytes[next] !== newline && bytes[next] !== carriageReturn) next++;
    if (next > start && bytes[start] !== hash) lines.push(bytes.subarray(start, next));
    next++;
  }
  return [lines[0] ?? none, lines[1] ?? none];
}

const none = new Uint8Array(0);

function count(line: Uint8Array, byte: number): number {
  let found = 0;
  let quoted = false;
  for (const each of line) {
    if (each === quote) quoted = !quoted;
    else if (each === byte && !quoted) found++;
  }
  return found;
}
