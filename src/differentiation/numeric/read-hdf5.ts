import { Problem } from '../../domain/problem.ts';
import { arrayBlock } from './array-block.ts';
import { decodeElements } from './decode-elements.ts';
import type { Dataset, Group, H5WasmModule } from './h5wasm-shapes.ts';
import { hdf5Elements } from './hdf5-elements.ts';
import { type Block, kind, type NumericDocument, ValueList, type Values, type Words } from './numeric-document.ts';
import { beyondBudget, packageMissing, unreadable } from './unreadable.ts';

/** An object may be linked from many places, itself included. */
const mostObjects = 20_000;
const deepestGroup = 64;
/** deflate, shuffle, fletcher32, nbit, scaleoffset: what h5wasm has. Any other it "decodes" to garbage in silence. */
const knownFilters = new Set([1, 2, 3, 5, 6]);

/**
 * HDF5, and so NetCDF-4: every data set, by its path, at most `limit` bytes in all. Attributes are not compared, but
 * for those that give the numbers their meaning (units, scale_factor, add_offset). Needs the optional package h5wasm.
 * Throws UNREADABLE or UNSUPPORTED.
 */
export async function readHdf5(bytes: Uint8Array, words: Words, limit: number): Promise<NumericDocument> {
  const h5wasm = await load();
  const module = await h5wasm.ready;
  // Its errors become exceptions here, and are not printed.
  module.activate_throwing_error_handler();
  const name = `/numeric-${files++}.h5`;
  module.FS.writeFile(name, bytes);
  try {
    const file = new h5wasm.File(name, 'r');
    if (file.file_id < 0n) throw unreadable('is not HDF5 that can be read');
    try {
      return new Hdf5Reader(module, words, limit).document(file);
    } finally {
      file.close();
    }
  } catch (error) {
    if (error instanceof Problem) throw error;
    // The last line of HDF5's own stack of errors tells the cause.
    const cause = /.*#\d+: .*\): (.*)/s.exec(error instanceof Error ? error.message : String(error))?.[1];
    throw unreadable(`is HDF5 that cannot be read: ${cause?.split('\n')[0] ?? 'it is damaged'}`, error);
  } finally {
    module.FS.unlink(name);
  }
}

/** The files live in the package's own memory, each under a name of its own. */
let files = 0;

async function load(): Promise<{
  ready: Promise<H5WasmModule>;
  File: new (name: string, mode: 'r') => Group & { close(): number };
}> {
  try {
    return (await import('h5wasm')).default as unknown as Awaited<ReturnType<typeof load>>;
  } catch (cause) {
    throw packageMissing('HDF5', 'h5wasm', cause);
  }
}

class Hdf5Reader {
  readonly #module: H5WasmModule;
  readonly #words: Words;
  readonly #blocks: Block[] = [];
  #bytesLeft: number;
  readonly #limit: number;
  #objects = 0;

  constructor(module: H5WasmModule, words: Words, limit: number) {
    this.#module = module;
    this.#words = words;
    this.#bytesLeft = limit;
    this.#limit = limit;
  }

  document(root: Group): NumericDocument {
    this.#group(root, 0);
    return { blocks: this.#blocks };
  }

  #group(group: Group, depth: number): void {
    if (depth > deepestGroup) throw unreadable(`has groups nested deeper than ${deepestGroup}, or in a circle`);
    for (const name of group.keys()) {
      if (++this.#objects > mostObjects) throw unreadable(`has more than ${mostObjects} objects, or a circle of them`);
      const entity = group.get(name);
      if (entity === null) throw unreadable(`has ${name}, which cannot be read`);
      if (entity.type === 'Group') this.#group(entity as Group, depth + 1);
      else if (entity.type === 'Dataset') this.#dataset(entity as Dataset);
      else if (entity.type !== 'Datatype') throw unreadable(`has ${name}, a link to what is not in the file`);
    }
  }

  #dataset(dataset: Dataset): void {
    const name = dataset.path.replace(/^\/+/, '');
    const { metadata } = dataset;
    const filter = dataset.filters.find(({ id }) => !knownFilters.has(id));
    if (filter)
      throw unreadable(`has ${name} compressed by the filter ${filter.name || filter.id}, which h5wasm lacks`);
    if (metadata.virtual_sources?.length) throw unreadable(`has ${name}, whose values are in other files`);
    const shape = metadata.shape ?? [0];
    const size = metadata.total_size * metadata.size;
    this.#bytesLeft -= size;
    if (!(this.#bytesLeft >= 0))
      throw beyondBudget(`holds more than the ${this.#limit} bytes of values that are compared`);
    const unit = unitOf(dataset);
    const elements = metadata.total_size === 0 ? [] : hdf5Elements(name, metadata);
    if (elements === 'text') {
      this.#blocks.push(arrayBlock(this.#texts(dataset), name, shape, unit));
      return;
    }
    if (elements.length === 0) this.#blocks.push(arrayBlock(new ValueList(this.#words, 1).take(), name, shape, unit));
    else {
      const view = this.#raw(dataset, name, size);
      for (const element of elements) {
        const inner = element.shape.reduce((product, length) => product * length, 1);
        const count = metadata.total_size * inner;
        const values = decodeElements(
          view,
          element,
          count,
          at => Math.floor(at / inner) * metadata.size + element.offset + (at % inner) * element.size,
          this.#words,
        );
        const called = element.name === '' ? name : `${name}.${element.name}`;
        const words = named(values, element.names, this.#words);
        this.#blocks.push(arrayBlock(words, called, [...shape, ...element.shape], unit));
      }
    }
  }

  /** The values as they are in the file, but in little-endian order where all of them were in big-endian order. */
  #raw(dataset: Dataset, name: string, size: number): DataView {
    const module = this.#module;
    const pointer = module._malloc(size);
    if (pointer === 0) throw unreadable(`has ${name}, for which there is not enough memory`);
    try {
      const status = module.get_dataset_data(dataset.file_id, dataset.path, null, null, null, BigInt(pointer));
      if (status < 0) throw unreadable(`has ${name}, which is damaged`);
      return new DataView(module.HEAPU8.slice(pointer, pointer + size).buffer);
    } finally {
      module._free(pointer);
    }
  }

  #texts(dataset: Dataset): Values {
    const { value } = dataset;
    const texts = Array.isArray(value) ? value : [value];
    const list = new ValueList(this.#words, texts.length);
    for (const text of texts) list.word(String(text));
    return list.take();
  }
}

/** Numbers that stand for names (an enumeration) as these names. */
function named(values: Values, names: ReadonlyMap<number, string> | null, words: Words): Values {
  if (names === null) return values;
  const list = new ValueList(words, values.numbers.length);
  for (const number of values.numbers) list.word(names.get(number) ?? String(number));
  const taken = list.take();
  const booleans = names.size === 2 && names.get(0) === 'FALSE' && names.get(1) === 'TRUE';
  return booleans ? { ...values, kinds: new Uint8Array(values.numbers.length).fill(kind.boolean) } : taken;
}

/** What makes a number of the file the number that is meant. */
function unitOf(dataset: Dataset): string | null {
  const parts: string[] = [];
  for (const attribute of ['units', 'scale_factor', 'add_offset']) {
    if (!Object.hasOwn(dataset.attrs, attribute)) continue;
    parts.push(`${attribute === 'units' ? '' : `${attribute} `}${String(dataset.get_attribute(attribute, true))}`);
  }
  return parts.length === 0 ? null : parts.join(', ');
}
