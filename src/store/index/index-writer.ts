import type { DatabaseSync, StatementSync } from 'node:sqlite';
import {
  createdOf,
  numberFields,
  numberOf,
  type StoredRecord,
  textFields,
  textsOf,
} from '../../domain/record-fields.ts';
import { columnOf } from './index-schema.ts';

/** Records whose postings are gathered before they are written: the more, the fewer rows; some 2 kB of memory each. */
const blockSize = 8192;
/** Terms of a field whose numbers are remembered while writing: some 150 bytes each. */
const rememberedTerms = 50_000;

/** Puts records into the index, within a transaction of the caller's; `finish` writes what is still gathered. */
export class IndexWriter {
  readonly #fresh: boolean;
  readonly #counters: { record: number; term: number };
  /** By field. */
  readonly #terms = textFields.map(() => new Map<string, number>());
  /** Whether a term that is not remembered is a new one. */
  #allRemembered: boolean;
  readonly #postings = new Map<number, number[]>();
  #gathered = 0;
  readonly #statement: { readonly [name: string]: StatementSync };

  /** @param fresh the tables were empty, and no record is put twice */
  constructor(database: DatabaseSync, fresh: boolean) {
    this.#fresh = fresh;
    this.#allRemembered = fresh;
    const next = database.prepare('SELECT next FROM counter WHERE name = ?');
    this.#counters = { record: Number(next.get('record')!.next), term: Number(next.get('term')!.next) };
    const columns = numberFields.map(columnOf);
    this.#statement = {
      record: database.prepare(
        `INSERT INTO record (seq, id, created, status, ${columns.join(', ')}) VALUES (?, ?, ?, ?, ${columns.map(() => '?').join(', ')})`,
      ),
      document: database.prepare('INSERT INTO document (seq, json) VALUES (?, ?)'),
      findRecord: database.prepare('SELECT seq FROM record WHERE id = ?'),
      removeRecord: database.prepare('DELETE FROM record WHERE seq = ?'),
      removeDocument: database.prepare('DELETE FROM document WHERE seq = ?'),
      findTerm: database.prepare('SELECT id FROM term WHERE field = ? AND value = ?'),
      term: database.prepare('INSERT INTO term (field, value, id) VALUES (?, ?, ?)'),
      posting: database.prepare('INSERT INTO posting (term, block, records) VALUES (?, ?, ?)'),
      counter: database.prepare('UPDATE counter SET next = ? WHERE name = ?'),
    };
  }

  put(stored: StoredRecord): void {
    if (!this.#fresh) this.remove(stored.id);
    const seq = this.#counters.record++;
    const numbers = numberFields.map(field => numberOf(stored, field));
    const status = 'record' in stored ? stored.record.status : 'damaged';
    this.#statement.record!.run(seq, stored.id, createdOf(stored), status, ...numbers);
    this.#statement.document!.run(seq, JSON.stringify(stored));
    for (const [number, field] of textFields.entries()) {
      for (const text of textsOf(stored, field)) this.#post(this.#termOf(number, text), seq);
    }
    if (++this.#gathered >= blockSize) this.#flush();
  }

  remove(id: string): void {
    const seq = this.#statement.findRecord!.get(id)?.seq;
    if (seq === undefined) return;
    this.#statement.removeRecord!.run(seq);
    this.#statement.removeDocument!.run(seq);
  }

  finish(): void {
    this.#flush();
    for (const [name, next] of Object.entries(this.#counters)) this.#statement.counter!.run(next, name);
  }

  #termOf(field: number, text: string): number {
    const terms = this.#terms[field]!;
    const remembered = terms.get(text);
    if (remembered !== undefined) return remembered;
    const known = this.#allRemembered ? undefined : this.#statement.findTerm!.get(field, text)?.id;
    const term = (known as number | undefined) ?? this.#counters.term++;
    if (known === undefined) this.#statement.term!.run(field, text, term);
    if (terms.size >= rememberedTerms) {
      terms.clear();
      this.#allRemembered = false;
    }
    terms.set(text, term);
    return term;
  }

  #post(term: number, seq: number): void {
    const records = this.#postings.get(term);
    if (records) records.push(seq);
    else this.#postings.set(term, [seq]);
  }

  #flush(): void {
    for (const term of [...this.#postings.keys()].sort((one, other) => one - other)) {
      const records = this.#postings.get(term)!;
      this.#statement.posting!.run(term, records[0]!, packNumbers(records));
    }
    this.#postings.clear();
    this.#gathered = 0;
  }
}

/** Four bytes a number, the least first, on every machine that shares the file. */
function packNumbers(numbers: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(numbers.length * 4);
  for (const [index, number] of numbers.entries()) bytes.writeUInt32LE(number, index * 4);
  return bytes;
}

export function unpackNumbers(bytes: Uint8Array, each: (number: number) => void): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; at += 4) each(view.getUint32(at, true));
}
