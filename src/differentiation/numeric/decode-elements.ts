import type { ElementType } from './element-type.ts';
import { kind, type NumberArray, ValueList, type Values, type Words } from './numeric-document.ts';
import { unreadable } from './unreadable.ts';

/** Where the n-th element starts, in bytes. */
export type Position = (element: number) => number;

/**
 * `count` elements as values. The bytes are the caller's to have checked: `position(n) + type.size` is inside `view`.
 * Elements that a double or less holds exactly keep their own width in memory.
 */
export function decodeElements(
  view: DataView,
  type: ElementType,
  count: number,
  position: Position,
  words: Words,
): Values {
  const little = type.littleEndian;
  const fill = <Numbers extends NumberArray>(numbers: Numbers, read: (at: number) => number): Values => {
    for (let element = 0; element < count; element++) numbers[element] = read(position(element));
    return { numbers, kinds: null, imaginary: null };
  };
  switch (`${type.letter}${type.size}`) {
    case 'b1': {
      const values = fill(new Uint8Array(count), at => (view.getUint8(at) === 0 ? 0 : 1));
      return { ...values, kinds: new Uint8Array(count).fill(kind.boolean) };
    }
    case 'i1':
      return fill(new Int8Array(count), at => view.getInt8(at));
    case 'u1':
      return fill(new Uint8Array(count), at => view.getUint8(at));
    case 'i2':
      return fill(new Int16Array(count), at => view.getInt16(at, little));
    case 'u2':
      return fill(new Uint16Array(count), at => view.getUint16(at, little));
    case 'i4':
      return fill(new Int32Array(count), at => view.getInt32(at, little));
    case 'u4':
      return fill(new Uint32Array(count), at => view.getUint32(at, little));
    case 'f2':
      return fill(new Float32Array(count), at => halfPrecision(view.getUint16(at, little)));
    case 'f4':
      return fill(new Float32Array(count), at => view.getFloat32(at, little));
    case 'f8':
      return fill(new Float64Array(count), at => view.getFloat64(at, little));
    case 'f12':
    case 'f16':
      return fill(new Float64Array(count), at => extendedPrecision(view, at, little));
    case 'c8': {
      const values = fill(new Float32Array(count), at => view.getFloat32(at, little));
      return { ...values, imaginary: fill(new Float32Array(count), at => view.getFloat32(at + 4, little)).numbers };
    }
    case 'c16': {
      const values = fill(new Float64Array(count), at => view.getFloat64(at, little));
      return { ...values, imaginary: fill(new Float64Array(count), at => view.getFloat64(at + 8, little)).numbers };
    }
    case 'c24':
    case 'c32': {
      const half = type.size / 2;
      const values = fill(new Float64Array(count), at => extendedPrecision(view, at, little));
      const imaginary = fill(new Float64Array(count), at => extendedPrecision(view, at + half, little)).numbers;
      return { ...values, imaginary };
    }
    default:
      return decodeOthers(view, type, count, position, words);
  }
}

/** Whole numbers of 64 bits, times, and words. */
function decodeOthers(view: DataView, type: ElementType, count: number, position: Position, words: Words): Values {
  const list = new ValueList(words, Math.max(1, count));
  for (let element = 0; element < count; element++) {
    const at = position(element);
    if (type.letter === 'S') list.word(byteText(view, at, type.size));
    else if (type.letter === 'U') list.word(unicodeText(view, at, type.size, type.littleEndian));
    else if (type.letter === 'V') list.word(hexadecimal(view, at, type.size));
    else {
      const value =
        type.letter === 'u' ? view.getBigUint64(at, type.littleEndian) : view.getBigInt64(at, type.littleEndian);
      if (type.letter === 'M') list.word(timeText(value, type.unit));
      else if (type.letter === 'm' && value === notATime) list.word('NaT');
      else if (value > -beyondDoubles && value < beyondDoubles) list.number(Number(value));
      else list.bigInteger(String(value));
    }
  }
  return list.take();
}

const beyondDoubles = 2n ** 53n;
const notATime = -(2n ** 63n);

/** IEEE 754 binary16. */
function halfPrecision(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** x86's long double (10 bytes, padded), rounded to a double. Other machines' long doubles are told apart and refused. */
function extendedPrecision(view: DataView, at: number, little: boolean): number {
  if (!little) throw unreadable('holds long doubles of a big-endian machine, which numeric does not read');
  const top = view.getUint16(at + 8, true);
  const high = view.getUint32(at + 4, true);
  const low = view.getUint32(at, true);
  const exponent = top & 0x7fff;
  const sign = top & 0x8000 ? -1 : 1;
  if (exponent === 0 && high === 0 && low === 0) return sign * 0;
  if (high < 0x80000000 && exponent !== 0) {
    throw unreadable('holds long doubles that are not those of x86, which numeric does not read');
  }
  if (exponent === 0x7fff) {
    return (high & 0x7fffffff) === 0 && low === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  }
  const mantissa = Number((BigInt(high) << 32n) | BigInt(low));
  const power = Math.max(exponent, 1) - 16383 - 63;
  // In two steps, since 2^power itself may be out of a double's range.
  return sign * mantissa * 2 ** Math.trunc(power / 2) * 2 ** (power - Math.trunc(power / 2));
}

function byteText(view: DataView, at: number, size: number): string {
  let length = size;
  while (length > 0 && view.getUint8(at + length - 1) === 0) length--;
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at, length);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return `\u{fffd}${new TextDecoder('latin1').decode(bytes)}`;
  }
}

function unicodeText(view: DataView, at: number, size: number, little: boolean): string {
  let text = '';
  for (let next = at; next < at + size; next += 4) {
    const code = view.getUint32(next, little);
    if (code > 0x10ffff) throw unreadable('holds text that is not Unicode');
    text += String.fromCodePoint(code);
  }
  return text.replace(/\0+$/, '');
}

function hexadecimal(view: DataView, at: number, size: number): string {
  let text = '0x';
  for (let next = at; next < at + size; next++) text += view.getUint8(next).toString(16).padStart(2, '0');
  return text;
}

const milliseconds: Readonly<{ [unit: string]: number }> = {
  W: 604800000,
  D: 86400000,
  h: 3600000,
  m: 60000,
  s: 1000,
  ms: 1,
};

/** A time is one or another, whatever the tolerance: as a date where the calendar is at hand, else as the count. */
function timeText(value: bigint, unit: string): string {
  if (value === notATime) return 'NaT';
  const time = Number(value) * (milliseconds[unit] ?? Number.NaN);
  const date = new Date(time);
  return Number.isNaN(date.getTime()) || !Number.isSafeInteger(time) ? `${value} ${unit}` : date.toISOString();
}
