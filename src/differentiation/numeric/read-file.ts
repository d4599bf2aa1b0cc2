import type { Budget } from '../method.ts';
import type { NumericDocument, Words } from './numeric-document.ts';
import { readDelimitedTable } from './read-delimited-table.ts';
import { readHdf5 } from './read-hdf5.ts';
import { readJson } from './read-json.ts';
import { readNetcdf3 } from './read-netcdf3.ts';
import { isNpy, readNpy } from './read-npy.ts';
import { readNpz } from './read-npz.ts';
import { readText } from './read-text.ts';
import { readVtk } from './read-vtk.ts';
import { readWhitespaceTable } from './read-whitespace-table.ts';
import { readYaml } from './read-yaml.ts';
import { sniffDelimiter } from './sniff-delimiter.ts';
import { startsWith } from './starts-with.ts';
import { unreadable } from './unreadable.ts';

export interface ReadFile {
  /** In words, as "from is …". */
  readonly kind: string;
  readonly document: NumericDocument;
  /** The same file as plain text; null where it is none. */
  readonly asText: (() => NumericDocument) | null;
}

/** Reads a file by what is in it, and by its ending where that leaves a choice. Throws UNREADABLE or UNSUPPORTED. */
export async function readFile(path: string, bytes: Uint8Array, words: Words, budget: Budget): Promise<ReadFile> {
  return (await readBinary(bytes, words, budget)) ?? readTextFile(path, bytes, words);
}

const binary = (kind: string, document: NumericDocument): ReadFile => ({ kind, document, asText: null });

async function readBinary(bytes: Uint8Array, words: Words, budget: Budget): Promise<ReadFile | null> {
  if (isNpy(bytes)) return binary('a NumPy array (.npy)', readNpy(bytes, words));
  if (startsWith(bytes, 'PK\x03\x04') || startsWith(bytes, 'PK\x05\x06')) {
    return binary('an archive of NumPy arrays (.npz)', readNpz(bytes, words, budget.bytes));
  }
  if (startsWith(bytes, '\x89HDF\r\n\x1a\n')) return binary('HDF5', await readHdf5(bytes, words, budget.bytes));
  if (/^CDF[\x01\x02\x05]/.test(beginning(bytes))) {
    return binary('NetCDF', readNetcdf3(bytes, words, budget.bytes));
  }
  // Raw appended data makes even this one binary.
  if (/^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--[^>]*-->\s*)*<VTKFile\b/.test(beginning(bytes))) {
    const document = readVtk(bytes, words, budget.bytes);
    if (document !== null) return binary('VTK XML', document);
  }
  return null;
}

function beginning(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, 1024));
}

function readTextFile(path: string, file: Uint8Array, words: Words): ReadFile {
  const bytes = withoutByteOrderMark(file);
  if (bytes.includes(0)) throw unreadable('is binary data of no kind that numeric reads');
  const ending = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? '';
  const asText = () => readText(bytes, words);
  const structured = readStructured(ending, bytes, words);
  if (structured !== null) return structured;

  const trusted = ending === 'csv' || ending === 'tsv';
  const delimiter = sniffDelimiter(bytes, ending);
  if (delimiter !== null) {
    const document = readDelimitedTable(bytes, delimiter, trusted, words);
    if (document !== null)
      return { kind: `a table with ${JSON.stringify(String.fromCharCode(delimiter))}`, document, asText };
  }
  const table = readWhitespaceTable(bytes, words);
  if (table !== null) return { kind: 'a table', document: table, asText };
  return { kind: 'text', document: asText(), asText };
}

const jsonEndings = new Set(['json', 'jsonl', 'ndjson', 'geojson', 'ipynb']);

function readStructured(ending: string, bytes: Uint8Array, words: Words): ReadFile | null {
  const isJson = jsonEndings.has(ending);
  if (isJson || /^\s*[[{]/.test(beginning(bytes))) {
    try {
      return { kind: 'JSON', document: readJson(bytes, words), asText: null };
    } catch (error) {
      // Much text begins with a bracket.
      if (isJson) throw error;
    }
  }
  if (ending === 'yml' || ending === 'yaml') {
    return { kind: 'YAML', document: readYaml(bytes, words), asText: null };
  }
  return null;
}

/** UTF-8 without its mark; UTF-16, which Windows' redirections write, as UTF-8. */
function withoutByteOrderMark(bytes: Uint8Array): Uint8Array {
  if (startsWith(bytes, '\xef\xbb\xbf')) return bytes.subarray(3);
  if (startsWith(bytes, '\xff\xfe')) return new TextEncoder().encode(new TextDecoder('utf-16le').decode(bytes));
  if (startsWith(bytes, '\xfe\xff')) return new TextEncoder().encode(new TextDecoder('utf-16be').decode(bytes));
  return bytes;
}
