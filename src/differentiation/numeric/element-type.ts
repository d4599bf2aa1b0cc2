import type { PythonLiteral } from './python-literal.ts';
import { unreadable } from './unreadable.ts';

/** The type of one array element (NumPy's array-interface type string), at `offset` in its item. */
export interface ElementType {
  /** '' for a plain array; the field's name otherwise, nested ones with dots. */
  readonly name: string;
  /** b boolean, i and u whole, f float, c complex, S bytes, U text, M time, m duration, V raw. */
  readonly letter: string;
  /** Bytes of one element. */
  readonly size: number;
  readonly littleEndian: boolean;
  /** Of M and m, e.g. `ns`; '' for the others. */
  readonly unit: string;
  readonly offset: number;
  /** Of a field that is an array in itself. */
  readonly shape: readonly number[];
}

/** The fields of an item, and the item's size in bytes, from the `descr` of an .npy header. */
export function parseElementTypes(descr: PythonLiteral): { fields: ElementType[]; size: number } {
  const fields: ElementType[] = [];
  const size = addType(descr, '', 0, [], fields);
  return { fields, size };
}

function addType(
  descr: PythonLiteral,
  name: string,
  offset: number,
  shape: readonly number[],
  fields: ElementType[],
): number {
  if (typeof descr === 'string') {
    const type = parseType(descr);
    // Unnamed raw bytes are padding.
    if (!(type.letter === 'V' && (name === '' || name.endsWith('.')) && offset > 0)) {
      fields.push({ ...type, name, offset, shape });
    }
    return type.size;
  }
  if (!Array.isArray(descr)) throw unreadable('has a type that cannot be read');
  if (shape.length > 0) throw unreadable('has arrays of structures inside its structures, which numeric does not read');
  let size = 0;
  for (const field of descr as readonly PythonLiteral[]) {
    if (!Array.isArray(field) || field.length < 2) throw unreadable('has a type that cannot be read');
    const [title, type, inner] = field as readonly PythonLiteral[];
    const called = Array.isArray(title) ? title[1] : title;
    if (typeof called !== 'string') throw unreadable('has a field without a name');
    const of = shapeOf(inner ?? []);
    const full = name === '' ? called : `${name}.${called}`;
    size += addType(type!, full, offset + size, of, fields) * of.reduce((product, length) => product * length, 1);
  }
  return size;
}

export function shapeOf(literal: PythonLiteral): number[] {
  const lengths = typeof literal === 'number' ? [literal] : literal;
  if (!Array.isArray(lengths) || lengths.length > 64) throw unreadable('has a shape that cannot be read');
  return lengths.map(length => {
    if (typeof length !== 'number' || !Number.isSafeInteger(length) || length < 0) {
      throw unreadable('has a shape that cannot be read');
    }
    return length;
  });
}

const sizes: Readonly<{ [letter: string]: readonly number[] }> = {
  b: [1],
  i: [1, 2, 4, 8],
  u: [1, 2, 4, 8],
  f: [2, 4, 8, 12, 16],
  c: [8, 16, 24, 32],
  M: [8],
  m: [8],
};

function parseType(descr: string): Omit<ElementType, 'name' | 'offset' | 'shape'> {
  const match = /^([<>|=]?)([a-zA-Z?])(\d*)(?:\[(\w+)\])?$/.exec(descr);
  const letter = match?.[2] === '?' ? 'b' : (match?.[2] ?? '');
  if (letter === 'O') throw unreadable('holds Python objects (pickled), which are never loaded');
  const length = Number(match?.[3] || 1);
  const known = sizes[letter];
  if (match === null || !(known ? known.includes(length) : /[SaUV]/.test(letter) && length <= 1 << 24)) {
    throw unreadable(`holds elements of type ${descr.slice(0, 40)}, which numeric does not read`);
  }
  return {
    letter: letter === 'a' ? 'S' : letter,
    size: letter === 'U' ? 4 * length : length,
    littleEndian: match[1] !== '>',
    unit: match[4] ?? '',
  };
}
