import { type Block, kind, type NumericDocument, type Values, type Words } from './numeric-document.ts';
import type { NumericOptions } from './numeric-options.ts';

/** A column of a table, or a whole array: every `stride`-th value from `offset`. */
export interface Field {
  readonly values: Values;
  readonly offset: number;
  readonly stride: number;
  /** The row that stands first, second, …; null for the file's own order. */
  readonly rows: Int32Array | null;
}

/** One field of both files, with as many values as can be set side by side. */
export interface FieldPair {
  /** As tolerances and filters call it, the best first; [] where nothing does. */
  readonly names: readonly string[];
  readonly from: Field;
  readonly toward: Field;
  readonly count: number;
  readonly wordsBetween: boolean;
  /** Orders the pairs of all fields as the file has them. */
  order(row: number): number;
  place(row: number): string;
}

export interface Pairing {
  readonly pairs: readonly FieldPair[];
  /** Why the files cannot be the same whatever their numbers are; [] when they have the same form. */
  readonly reasons: readonly string[];
}

/** Sets the fields of two documents side by side: by block, by column, and by row or `key`. */
export function pairFields(
  from: NumericDocument,
  toward: NumericDocument,
  options: NumericOptions,
  words: Words,
): Pairing {
  const pairs: FieldPair[] = [];
  const reasons: string[] = [];
  const others = new Map(from.blocks.map(block => [block.name, block]));
  const missing: string[] = [];
  const wanted = new Wanted(options);
  for (const block of toward.blocks) {
    const other = others.get(block.name);
    others.delete(block.name);
    const named = block.columns === null && block.name !== '';
    if (named && !wanted.has(fieldName(block), block.name)) continue;
    if (other === undefined) missing.push(block.name);
    else pairBlocks(other, block, wanted, words, pairs, reasons);
  }
  const extra = [...others.values()].filter(block => wanted.has(fieldName(block), block.name)).map(block => block.name);
  if (missing.length > 0) reasons.push(`only toward has ${list(missing)}`);
  if (extra.length > 0) reasons.push(`only from has ${list(extra)}`);
  if (wanted.namesNothing) reasons.push(`there is nothing called ${list([...(options.columns ?? [])])}`);
  return { pairs, reasons };
}

/** The tolerance that the options give this field alone. */
export function ownTolerance(tolerances: ReadonlyMap<string, number>, pair: FieldPair): number | undefined {
  for (const name of pair.names) {
    const tolerance = tolerances.get(name);
    if (tolerance !== undefined) return tolerance;
  }
  return undefined;
}

/** Which fields are asked for. */
class Wanted {
  readonly key: string | null;
  readonly #columns: ReadonlySet<string> | null;
  readonly #ignored: ReadonlySet<string>;
  #asked = false;
  #found = false;

  constructor(options: NumericOptions) {
    this.#columns = options.columns;
    this.#ignored = options.ignoreColumns;
    this.key = options.key;
  }

  has(...names: string[]): boolean {
    this.#asked = true;
    const found = this.#columns === null || names.some(name => this.#columns!.has(name));
    if (found) this.#found = true;
    return found && !names.some(name => this.#ignored.has(name));
  }

  /** `columns` was given, there were fields to choose from, and it chose none of them. */
  get namesNothing(): boolean {
    return this.#columns !== null && this.#asked && !this.#found;
  }
}

/** The last part of `/run/energy/*`, list indices aside, which is what people call it. */
function fieldName(block: Block): string {
  const name = block.name.replace(/(?:\/\*)+$/, '');
  return name.slice(name.lastIndexOf('/') + 1);
}

function pairBlocks(
  from: Block,
  toward: Block,
  wanted: Wanted,
  words: Words,
  pairs: FieldPair[],
  reasons: string[],
): void {
  const called = toward.name === '' ? '' : `${toward.name}: `;
  if (from.columns !== null && toward.columns !== null) {
    pairTables(from, toward, wanted, words, pairs, reasons);
    return;
  }
  if (from.unit !== toward.unit) {
    reasons.push(`${called}the unit is ${from.unit ?? 'not given'} toward ${toward.unit ?? 'not given'}`);
    return;
  }
  let count = size(toward.shape);
  if (from.layout !== null && toward.layout !== null) {
    const common = commonLayout(from, toward);
    if (common !== null) {
      reasons.push(`${called}${common.reason}`);
      count = common.count;
    }
  } else if (from.shape.join() !== toward.shape.join()) {
    reasons.push(`${called}the shape is ${shapeText(from.shape)} toward ${shapeText(toward.shape)}`);
    return;
  }
  const whole = { offset: 0, stride: 1, rows: null };
  const last = pairs.at(-1);
  const before = last === undefined ? 0 : last.order(last.count);
  pairs.push({
    names: toward.name === '' ? [] : [fieldName(toward), toward.name],
    from: { values: from, ...whole },
    toward: { values: toward, ...whole },
    count,
    wordsBetween: toward.wordsBetween,
    order: row => before + row,
    place: row => toward.place(row),
  });
}

/** Where two layouts part: how many values stand before, and what is there. null when they are the same. */
function commonLayout(from: Block, toward: Block): { count: number; reason: string } | null {
  const a = from.layout!;
  const b = toward.layout!;
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at++;
  if (at === a.length && at === b.length) return null;
  if (!toward.wordsBetween) {
    // For lists in JSON the layout tells the indices of each value.
    const count = Math.min(size(from.shape), size(toward.shape));
    const width = toward.layout!.length / Math.max(1, size(toward.shape));
    return {
      count: Math.min(count, Math.floor(at / Math.max(1, width))),
      reason: `the lists have other lengths: ${size(from.shape)} values toward ${size(toward.shape)}`,
    };
  }
  let count = 0;
  for (let line = 0; line < at; line++) count += a[line]!;
  if (at === a.length || at === b.length) {
    return { count, reason: `${a.length} lines toward ${b.length}, empty ones aside` };
  }
  return { count, reason: `${toward.place(count).replace(/,.*/, '')} has ${a[at]} numbers and words toward ${b[at]}` };
}

function pairTables(
  from: Block,
  toward: Block,
  wanted: Wanted,
  words: Words,
  pairs: FieldPair[],
  reasons: string[],
): void {
  const columns = toward.columns!;
  const width = columns.length;
  if (from.columns!.length !== width) {
    reasons.push(`${from.columns!.length} columns toward ${width}`);
    return;
  }
  const renamed = columns.findIndex((name, at) => name !== from.columns![at]);
  if (renamed >= 0) {
    const [is, was] = [from.columns![renamed], columns[renamed]].map(name => name ?? 'without a name');
    reasons.push(`column ${renamed + 1} is ${is} toward ${was}`);
    return;
  }
  let rowsFrom: Int32Array | null = null;
  let rowsToward: Int32Array | null = null;
  let count = Math.min(from.shape[0]!, toward.shape[0]!);
  let place = (row: number, column: number) => toward.place(row * width + column);
  if (wanted.key !== null) {
    const matched = matchRows(from, toward, wanted.key, words);
    if ('reason' in matched) {
      reasons.push(matched.reason);
      return;
    }
    rowsFrom = matched.from;
    rowsToward = matched.toward;
    count = rowsFrom.length;
    reasons.push(...matched.reasons);
    place = (row, column) => `row with ${wanted.key} ${matched.keys[row]}, column ${columns[column] || column + 1}`;
  } else if (from.shape[0] !== toward.shape[0]) {
    reasons.push(`${from.shape[0]} rows toward ${toward.shape[0]}`);
  }
  for (let column = 0; column < width; column++) {
    const names = [columns[column] ?? '', String(column + 1)].filter(name => name !== '');
    if (!wanted.has(...names)) continue;
    pairs.push({
      names,
      from: { values: from, offset: column, stride: width, rows: rowsFrom },
      toward: { values: toward, offset: column, stride: width, rows: rowsToward },
      count,
      wordsBetween: false,
      order: row => (rowsToward === null ? row : rowsToward[row]!) * width + column,
      place: row => place(row, column),
    });
  }
}

type Matched =
  | { from: Int32Array; toward: Int32Array; keys: readonly string[]; reasons: readonly string[] }
  | { reason: string };

/** The rows of both tables that have the same key, in the order of toward's. */
function matchRows(from: Block, toward: Block, key: string, words: Words): Matched {
  const column = toward.columns!.findIndex((name, at) => name === key || String(at + 1) === key);
  if (column < 0) return { reason: `there is no column ${key} to match rows by` };
  const rowsFrom = rowsByKey(from, column, words);
  const rowsToward = rowsByKey(toward, column, words);
  if (typeof rowsFrom === 'string') return { reason: `from has more than one row with ${key} ${rowsFrom}` };
  if (typeof rowsToward === 'string') return { reason: `toward has more than one row with ${key} ${rowsToward}` };
  const keys = [...rowsToward.keys()].filter(value => rowsFrom.has(value));
  const missing = [...rowsToward.keys()].filter(value => !rowsFrom.has(value));
  const extra = [...rowsFrom.keys()].filter(value => !rowsToward.has(value));
  const reasons: string[] = [];
  if (missing.length > 0) reasons.push(`only toward has rows with ${key} ${list(missing)}`);
  if (extra.length > 0) reasons.push(`only from has rows with ${key} ${list(extra)}`);
  return {
    from: Int32Array.from(keys, value => rowsFrom.get(value)!),
    toward: Int32Array.from(keys, value => rowsToward.get(value)!),
    keys,
    reasons,
  };
}

/** The row of each key, or the key that two rows have. */
function rowsByKey(table: Block, column: number, words: Words): Map<string, number> | string {
  const rows = new Map<string, number>();
  for (let row = 0; row < table.shape[0]!; row++) {
    const value = valueText(table, row * table.columns!.length + column, words);
    if (rows.has(value)) return value;
    rows.set(value, row);
  }
  return rows;
}

/** A value as text: equal values of one kind give equal texts. */
export function valueText(values: Values, at: number, words: Words): string {
  const value = values.numbers[at]!;
  switch (values.kinds?.[at] ?? kind.number) {
    case kind.word:
    case kind.bigInteger:
      return words.word(value);
    case kind.boolean:
      return value === 1 ? 'true' : 'false';
    case kind.empty:
      return 'null';
    default: {
      const imaginary = values.imaginary?.[at];
      if (imaginary === undefined) return numberText(value);
      return `${numberText(value)}${imaginary < 0 || Object.is(imaginary, -0) ? '' : '+'}${numberText(imaginary)}j`;
    }
  }
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (value === Number.POSITIVE_INFINITY) return 'inf';
  return value === Number.NEGATIVE_INFINITY ? '-inf' : String(value);
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 5).map(name => (name.length > 60 ? `${name.slice(0, 60)}…` : name));
  return names.length > 5 ? `${shown.join(', ')} and ${names.length - 5} more` : shown.join(', ');
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

function shapeText(shape: readonly number[]): string {
  return `(${shape.join(', ')})`;
}
