import type { ElementType } from './element-type.ts';
import type { Metadata } from './h5wasm-shapes.ts';
import { unreadable } from './unreadable.ts';

export interface Hdf5Element extends ElementType {
  /** Of an enumeration: the names that its numbers stand for. */
  readonly names: ReadonlyMap<number, string> | null;
}

/** HDF5's classes of types (H5Tpublic.h). */
const classes = { integer: 0, float: 1, string: 3, bitfield: 4, opaque: 5, compound: 6, enumeration: 8, array: 10 };

/**
 * The plain elements of which an HDF5 type consists, as h5wasm hands them over; 'text' for text of any length, which
 * it hands over as text only. `name` is for the message of the Problem UNREADABLE.
 */
export function hdf5Elements(name: string, metadata: Metadata): Hdf5Element[] | 'text' {
  if (metadata.type === classes.string && metadata.vlen) return 'text';
  const elements: Hdf5Element[] = [];
  // Where all orders are big-endian, h5wasm turns them; a mixture it leaves as it is.
  const orders = new Set(ordersIn(metadata));
  const turned = orders.size === 1 && orders.has(false);
  add(metadata, { name: '', offset: 0, shape: [] });
  return elements;

  function add(type: Metadata, at: { name: string; offset: number; shape: readonly number[] }): void {
    const plain = (letter: string, names: ReadonlyMap<number, string> | null = null): void => {
      elements.push({ ...at, letter, size: type.size, littleEndian: turned || type.littleEndian, unit: '', names });
    };
    const isOf = (sizes: readonly number[]) => sizes.includes(type.size);
    if ((type.type === classes.integer || type.type === classes.bitfield) && isOf([1, 2, 4, 8])) {
      plain(type.type === classes.integer && type.signed ? 'i' : 'u');
    } else if (type.type === classes.float && isOf([2, 4, 8, 16])) plain('f');
    else if (type.type === classes.string && !type.vlen) plain('S');
    else if (type.type === classes.opaque) plain('V');
    else if (type.type === classes.enumeration && type.enum_type?.type === classes.integer && isOf([1, 2, 4])) {
      plain(
        type.signed ? 'i' : 'u',
        new Map(Object.entries(type.enum_type.members).map(([word, value]) => [value, word])),
      );
    } else if (type.type === classes.array && type.array_type) {
      const inner = type.array_type;
      if (at.shape.length > 0 || inner.type === classes.compound) throw unread();
      add({ ...inner, size: inner.size }, { ...at, shape: inner.shape ?? [] });
    } else if (type.type === classes.compound && type.compound_type) addMembers(type.compound_type.members, type, at);
    else throw unread();
  }

  function addMembers(
    members: NonNullable<Metadata['compound_type']>['members'],
    type: Metadata,
    at: { name: string; offset: number; shape: readonly number[] },
  ): void {
    const [real, imaginary] = members;
    const part = type.size / 2;
    // h5py's form of complex numbers.
    if (
      members.length === 2 &&
      real!.name === 'r' &&
      imaginary!.name === 'i' &&
      [real!, imaginary!].every(
        (member, index) => member.type === classes.float && member.offset === index * part && member.size === part,
      ) &&
      (part === 4 || part === 8)
    ) {
      elements.push({
        ...at,
        letter: 'c',
        size: type.size,
        littleEndian: turned || real!.littleEndian,
        unit: '',
        names: null,
      });
      return;
    }
    if (at.shape.length > 0) throw unread();
    for (const member of members) {
      const called = at.name === '' ? member.name : `${at.name}.${member.name}`;
      add(member, { name: called, offset: at.offset + member.offset, shape: [] });
    }
  }

  function unread(): Error {
    return unreadable(`has ${name}, whose type numeric does not read`);
  }
}

/** The byte order of each number of more than one byte: whether it is little-endian. */
function ordersIn(type: Metadata): boolean[] {
  if (type.compound_type) return type.compound_type.members.flatMap(ordersIn);
  if (type.array_type) return ordersIn(type.array_type);
  return type.type === classes.string || type.type === classes.opaque ? [] : [type.littleEndian];
}
