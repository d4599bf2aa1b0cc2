import { arrayBlock } from './array-block.ts';
import { decodeElements } from './decode-elements.ts';
import type { Block, NumericDocument, Words } from './numeric-document.ts';
import { beyondBudget, unreadable } from './unreadable.ts';

/**
 * NetCDF's classic formats: CDF-1, CDF-2 and CDF-5 (Unidata's "NetCDF Classic Format Specification"). Every variable by
 * its name; attributes are not compared, but for those that give the numbers their meaning. At most `limit` bytes of
 * values. Throws UNREADABLE.
 */
export function readNetcdf3(bytes: Uint8Array, words: Words, limit: number): NumericDocument {
  const { variables, records } = new HeaderReader(bytes).header();
  const own = variables.filter(variable => variable.isRecord);
  // A lone record variable is not padded to four bytes.
  const recordSize =
    own.length === 1 ? own[0]!.slab : own.reduce((sum, variable) => sum + Math.ceil(variable.slab / 4) * 4, 0);
  let left = limit;
  return {
    blocks: variables.map(variable => {
      const count = variable.isRecord ? records : 1;
      left -= variable.slab * count;
      const last =
        count === 0 ? 0 : variable.start + (count - 1) * (variable.isRecord ? recordSize : 0) + variable.slab;
      if (!(last <= bytes.length)) throw unreadable(`ends before the values of ${variable.name}`);
      if (!(left >= 0)) throw beyondBudget(`holds more than the ${limit} bytes of values that are compared`);
      return blockOf(variable, bytes, count, recordSize, words);
    }),
  };
}

interface Variable {
  readonly name: string;
  /** Lengths of its dimensions; of a record variable the first is the number of records. */
  readonly shape: readonly number[];
  readonly isRecord: boolean;
  readonly type: ExternalType;
  /** Bytes of the variable, or of one record of it. */
  readonly slab: number;
  readonly start: number;
  readonly unit: string | null;
}

interface ExternalType {
  readonly letter: string;
  readonly size: number;
}

/** By nc_type, from 1: byte, char, short, int, float, double, ubyte, ushort, uint, int64, uint64. */
const externalTypes: readonly ExternalType[] = [
  { letter: 'i', size: 1 },
  { letter: 'S', size: 1 },
  { letter: 'i', size: 2 },
  { letter: 'i', size: 4 },
  { letter: 'f', size: 4 },
  { letter: 'f', size: 8 },
  { letter: 'u', size: 1 },
  { letter: 'u', size: 2 },
  { letter: 'u', size: 4 },
  { letter: 'i', size: 8 },
  { letter: 'u', size: 8 },
];

function blockOf(variable: Variable, bytes: Uint8Array, records: number, recordSize: number, words: Words): Block {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { name } = variable;
  // Characters are words along the last dimension.
  const isText = variable.type.letter === 'S' && variable.shape.length > (variable.isRecord ? 1 : 0);
  const shape = isText ? variable.shape.slice(0, -1) : variable.shape;
  const size = isText ? variable.shape.at(-1)! : variable.type.size;
  const inSlab = size === 0 ? 0 : variable.slab / size;
  const type = { ...variable.type, size, name, littleEndian: false, unit: '', offset: 0, shape: [] };
  const position = (element: number): number =>
    variable.start + Math.floor(element / inSlab) * recordSize + (element % inSlab) * size;
  const values = decodeElements(view, type, inSlab * records, position, words);
  return arrayBlock(values, name, size === 0 ? [0] : shape, variable.unit);
}

const tags = { dimensions: 10, variables: 11, attributes: 12 };
const meaningful = ['units', 'scale_factor', 'add_offset'];

class HeaderReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #version: number;
  #next = 4;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#version = bytes[3] ?? 0;
  }

  header(): { variables: Variable[]; records: number } {
    const records = this.#count();
    if (records >= 0xffffffff) throw unreadable('was not closed by its writer: it has no number of records');
    const dimensions = this.#list(tags.dimensions, () => {
      this.#name();
      return this.#count();
    });
    this.#attributes();
    const variables = this.#list(tags.variables, () => this.#variable(dimensions, records));
    if (new Set(variables.map(({ name }) => name)).size < variables.length) throw unreadable('has a variable twice');
    return { variables, records };
  }

  #variable(dimensions: readonly number[], records: number): Variable {
    const name = this.#name();
    const rank = this.#count();
    this.#needs(rank * 4);
    const lengths = Array.from({ length: rank }, () => {
      const length = dimensions[this.#count()];
      if (length === undefined) throw damaged();
      return length;
    });
    const unit = this.#attributes();
    const type = this.#type();
    // The size that the header gives is redundant, and wrong for what is large: the shape tells it.
    this.#count();
    const start = this.#version === 1 ? this.#word() : this.#long();
    const isRecord = lengths[0] === 0;
    const own = isRecord ? lengths.slice(1) : lengths;
    const slab = own.reduce((product, length) => product * length, type.size);
    return { name, shape: isRecord ? [records, ...own] : own, isRecord, type, slab, start, unit };
  }

  #attributes(): string | null {
    const parts = this.#list(tags.attributes, () => {
      const name = this.#name();
      const type = this.#type();
      const count = this.#count();
      const size = count * type.size;
      this.#needs(size);
      const start = this.#next;
      this.#next += Math.ceil(size / 4) * 4;
      if (!meaningful.includes(name)) return '';
      const value =
        type.letter === 'S'
          ? new TextDecoder().decode(this.#bytes.subarray(start, start + size))
          : type.size === 8 && count === 1
            ? this.#view.getFloat64(start)
            : type.size === 4 && count === 1
              ? this.#view.getFloat32(start)
              : 'in another type';
      return `${name === 'units' ? '' : `${name} `}${value}`;
    }).filter(part => part !== '');
    return parts.length === 0 ? null : parts.join(', ');
  }

  #list<Item>(tag: number, read: () => Item): Item[] {
    const found = this.#word();
    const count = this.#count();
    if (found === 0 && count === 0) return [];
    // Each item has four bytes at least.
    if (found !== tag || count * 4 > this.#bytes.length) throw damaged();
    return Array.from({ length: count }, read);
  }

  #name(): string {
    const length = this.#count();
    this.#needs(length);
    const name = new TextDecoder().decode(this.#bytes.subarray(this.#next, this.#next + length));
    this.#next += Math.ceil(length / 4) * 4;
    return name;
  }

  #type(): ExternalType {
    const type = externalTypes[this.#word() - 1];
    if (type === undefined) throw damaged();
    return type;
  }

  /** A length or an index: 64 bits wide in CDF-5. */
  #count(): number {
    return this.#version === 5 ? this.#long() : this.#word();
  }

  #word(): number {
    this.#needs(4);
    this.#next += 4;
    return this.#view.getUint32(this.#next - 4);
  }

  #long(): number {
    this.#needs(8);
    this.#next += 8;
    return Number(this.#view.getBigUint64(this.#next - 8));
  }

  #needs(bytes: number): void {
    if (!(this.#next + bytes <= this.#bytes.length)) throw damaged();
  }
}

function damaged(): Error {
  return unreadable('is NetCDF with a damaged header');
}
