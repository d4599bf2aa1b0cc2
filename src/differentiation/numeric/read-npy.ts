import { arrayBlock } from './array-block.ts';
import { decodeElements, type Position } from './decode-elements.ts';
import { type ElementType, parseElementTypes, shapeOf } from './element-type.ts';
import type { Block, NumericDocument, Words } from './numeric-document.ts';
import { parsePythonLiteral } from './python-literal.ts';
import { startsWith } from './starts-with.ts';
import { unreadable } from './unreadable.ts';

export function isNpy(bytes: Uint8Array): boolean {
  return startsWith(bytes, '\x93NUMPY');
}

/** NumPy's .npy, versions 1 to 3 (numpy.lib.format). Throws UNREADABLE; nothing is ever unpickled. */
export function readNpy(bytes: Uint8Array, words: Words): NumericDocument {
  return { blocks: npyBlocks('', bytes, words) };
}

/** The array as one block called `name`, or one a field for structured ones. */
export function npyBlocks(name: string, bytes: Uint8Array, words: Words): Block[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { header, start } = headerOf(bytes, view);
  const literal = parsePythonLiteral(header);
  if (!(literal instanceof Map)) throw unreadable('has a header that cannot be read');
  const { fields, size } = parseElementTypes(literal.get('descr') ?? null);
  const shape = shapeOf(literal.get('shape') ?? null);
  const count = shape.reduce((product, length) => product * length, 1);
  const held = bytes.length - start;
  if (count * size !== held) {
    throw unreadable(`should hold ${count} elements of ${size} bytes, but has ${held} bytes of them`);
  }
  if (size === 0 && count > 0) throw unreadable(`holds ${count} elements of no bytes`);
  const order = literal.get('fortran_order') === true ? fortranOrder(shape) : (element: number) => element;
  return fields.map(field =>
    blockOf(name, field, view, count, shape, size, element => start + order(element) * size, words),
  );
}

const longestHeader = 1 << 20;

function headerOf(bytes: Uint8Array, view: DataView): { header: string; start: number } {
  const version = bytes[6] ?? 0;
  const lengthBytes = version === 1 ? 2 : 4;
  if (version < 1 || version > 3 || bytes.length < 8 + lengthBytes) throw unreadable('ends inside its header');
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = 8 + lengthBytes + length;
  if (length > longestHeader || start > bytes.length) throw unreadable('ends inside its header');
  return { header: new TextDecoder().decode(bytes.subarray(8 + lengthBytes, start)), start };
}

function blockOf(
  arrayName: string,
  field: ElementType,
  view: DataView,
  count: number,
  outer: readonly number[],
  itemSize: number,
  item: Position,
  words: Words,
): Block {
  const inner = field.shape.reduce((product, length) => product * length, 1);
  const cells = count * inner;
  if (field.size === 0 && cells > 1 << 20) throw unreadable(`holds ${cells} elements of no bytes`);
  if (inner * field.size > itemSize) throw unreadable('has a type that cannot be read');
  const position: Position =
    inner === 1
      ? element => item(element) + field.offset
      : element => item(Math.floor(element / inner)) + field.offset + (element % inner) * field.size;
  const name = [arrayName, field.name].filter(part => part !== '').join('.');
  const shape = [...outer, ...field.shape];
  const unit = field.letter === 'm' ? `timedelta64[${field.unit}]` : null;
  return arrayBlock(decodeElements(view, field, cells, position, words), name, shape, unit);
}

/** The place in column-major memory of an element that is counted in row-major order. */
function fortranOrder(shape: readonly number[]): Position {
  return element => {
    let rest = element;
    let stride = shape.reduce((product, length) => product * length, 1);
    let at = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const length = shape[axis]!;
      stride /= length;
      at += (rest % length) * stride;
      rest = Math.floor(rest / length);
    }
    return at;
  };
}
