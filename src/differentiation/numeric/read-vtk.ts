import { arrayBlock } from './array-block.ts';
import { decodeElements } from './decode-elements.ts';
import { bigInteger, NumberScanner, notANumber } from './number-scanner.ts';
import { type Block, type NumericDocument, ValueList, type Values, type Words } from './numeric-document.ts';
import { unreadable } from './unreadable.ts';
import { type VtkEncoding, vtkArrayBytes } from './vtk-data-array.ts';
import { asciiOf, wordOf } from './word-bytes.ts';
import { nextTag, type XmlTag } from './xml-tags.ts';

/**
 * VTK's XML formats (.vtu, .vti, .vtp, …; "VTK File Formats", XML): every array by its section and name, and the numbers
 * in the attributes of the sections (extents, origin, spacing). Arrays as text, base64 or raw, zlib-compressed or not.
 * null for a file without arrays, which only names others. At most `limit` bytes of values. Throws UNREADABLE.
 */
export function readVtk(bytes: Uint8Array, words: Words, limit: number): NumericDocument | null {
  return new VtkReader(bytes, words, limit).document();
}

/** An array whose values may stand in the appended data, which comes last. */
interface PendingArray {
  readonly name: string;
  readonly tag: XmlTag;
}

const numberTypes: Readonly<{ [type: string]: string }> = {
  Int8: 'i1',
  UInt8: 'u1',
  Int16: 'i2',
  UInt16: 'u2',
  Int32: 'i4',
  UInt32: 'u4',
  Int64: 'i8',
  UInt64: 'u8',
  Float32: 'f4',
  Float64: 'f8',
  String: 'u1',
  Bit: 'u1',
};

class VtkReader {
  readonly #bytes: Uint8Array;
  readonly #words: Words;
  #left: number;
  readonly #blocks: Block[] = [];
  readonly #names = new Map<string, number>();
  readonly #arrays: PendingArray[] = [];
  #encoding: VtkEncoding = { littleEndian: true, headerSize: 4, compressed: false };

  constructor(bytes: Uint8Array, words: Words, limit: number) {
    this.#bytes = bytes;
    this.#words = words;
    this.#left = limit;
  }

  document(): NumericDocument | null {
    let appended = { at: 0, isBase64: false };
    const path: string[] = [];
    for (let tag = nextTag(this.#bytes, 0); tag !== null; tag = nextTag(this.#bytes, tag.after)) {
      if (tag.name.endsWith('AppendedData') && tag.begins) {
        const underscore = this.#bytes.indexOf(95, tag.after);
        if (underscore < 0) throw unreadable('has appended data without a beginning');
        appended = { at: underscore + 1, isBase64: tag.attributes.get('encoding') === 'base64' };
        break;
      }
      if (tag.begins) {
        // What stands inside an array beside its values (ranges) follows from them.
        const isInArray = path.some(isArray);
        if (path.length > 32) throw unreadable('is nested deeper than 32');
        if (tag.name === 'VTKFile') this.#file(tag);
        else if (isArray(tag.name)) {
          const called = tag.attributes.get('Name') ?? tag.name;
          this.#arrays.push({ name: this.#unique([...path.slice(1), called].join('/')), tag });
        } else if (!isInArray) this.#attributes(this.#unique([...path.slice(1), tag.name].join('/')), tag);
        if (!tag.ends) path.push(tag.name);
      } else if (path.pop() !== tag.name) throw unreadable(`is XML in which ${tag.name} ends without a beginning`);
    }
    if (this.#arrays.length === 0) return null;
    for (const array of this.#arrays) this.#array(array, appended);
    return { blocks: this.#blocks };
  }

  #file(tag: XmlTag): void {
    const compressor = tag.attributes.get('compressor') ?? '';
    if (compressor !== '' && compressor !== 'vtkZLibDataCompressor') {
      throw unreadable(`is compressed by ${compressor}, which numeric does not read`);
    }
    this.#encoding = {
      littleEndian: tag.attributes.get('byte_order') !== 'BigEndian',
      headerSize: tag.attributes.get('header_type') === 'UInt64' ? 8 : 4,
      compressed: compressor !== '',
    };
  }

  /** What is there twice (pieces) is counted. */
  #unique(name: string): string {
    const count = (this.#names.get(name) ?? 0) + 1;
    this.#names.set(name, count);
    return count === 1 ? name : `${name} (${count})`;
  }

  #attributes(name: string, tag: XmlTag): void {
    for (const [attribute, text] of tag.attributes) {
      const bytes = new TextEncoder().encode(text);
      const values = textValues(bytes, 0, bytes.length, this.#words);
      this.#blocks.push(arrayBlock(values, `${name}@${attribute}`, [values.numbers.length], null));
    }
  }

  #array({ name, tag }: PendingArray, appended: { at: number; isBase64: boolean }): void {
    const { attributes } = tag;
    const format = attributes.get('format') ?? 'ascii';
    const type = numberTypes[attributes.get('type') ?? ''];
    if (type === undefined) throw unreadable(`has ${name} of the type ${attributes.get('type')}, which is not read`);
    let values: Values;
    if (format === 'ascii') {
      const end = this.#bytes.indexOf(60, tag.after);
      values = textValues(this.#bytes, tag.after, tag.ends || end < 0 ? tag.after : end, this.#words);
    } else {
      const isAppended = format === 'appended';
      const offset = Number(attributes.get('offset') ?? '0');
      if (isAppended && (appended.at === 0 || !Number.isSafeInteger(offset) || offset < 0)) {
        throw unreadable(`has ${name} without its appended data`);
      }
      const at = isAppended ? appended.at + offset : tag.after;
      const content = vtkArrayBytes(this.#bytes, at, !isAppended || appended.isBase64, this.#encoding, this.#left);
      this.#left -= content.length;
      const size = Number(type.slice(1));
      if (content.length % size !== 0) throw unreadable(`has ${name}, which is not a whole number of values`);
      const element = {
        name,
        letter: type[0]!,
        size,
        littleEndian: this.#encoding.littleEndian,
        unit: '',
        offset: 0,
        shape: [],
      };
      const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
      values = decodeElements(view, element, content.length / size, index => index * size, this.#words);
    }
    const components = Number(attributes.get('NumberOfComponents') ?? '1');
    const count = values.numbers.length;
    const isRows = Number.isSafeInteger(components) && components > 1 && count % components === 0;
    this.#blocks.push(arrayBlock(values, name, isRows ? [count / components, components] : [count], null));
  }
}

function isArray(tag: string): boolean {
  return tag === 'DataArray' || tag === 'Array';
}

/** Numbers and words that white space keeps apart. */
function textValues(bytes: Uint8Array, start: number, end: number, words: Words): Values {
  const scanner = new NumberScanner();
  const list = new ValueList(words, 16);
  let next = start;
  while (next < end) {
    if (bytes[next]! <= 32) {
      next++;
      continue;
    }
    let stop = next;
    while (stop < end && bytes[stop]! > 32) stop++;
    const scanned = scanner.scan(bytes, next, stop);
    if (scanned === notANumber || scanner.end < stop) list.word(wordOf(bytes, next, stop));
    else if (scanned === bigInteger) list.bigInteger(asciiOf(bytes, next, stop));
    else list.number(scanner.value);
    next = stop;
  }
  return list.take();
}
