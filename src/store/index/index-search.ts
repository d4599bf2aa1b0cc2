import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { RecordStatus } from '../../domain/generated/shapes.ts';
import { type Condition, matches, type Query, type TextTest, textPasses } from '../../domain/query.ts';
import { compareNewestFirst, type StoredRecord, type TextField, textFields } from '../../domain/record-fields.ts';
import { columnOf } from './index-schema.ts';
import { unpackNumbers } from './index-writer.ts';
import type { RecordAnswers, SearchOptions } from './record-index.ts';

/** A test that more terms pass than this narrows nothing worth the time of gathering them. */
const termLimit = 20_000;
/** Up to so many candidates are fetched by number and sorted; more are met by walking all records in order. */
const fewCandidates = 5000;

/** One byte a record, by its sequence number: 1 for those that may be meant. */
type Marks = Uint8Array;

/**
 * Answers from the tables. The index only narrows: it may let through a record that the query does not mean, never hold
 * one back, and `matches` decides on each that is answered.
 */
export class IndexSearch implements RecordAnswers {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async search(query: Query, { limit = Number.POSITIVE_INFINITY, instead }: SearchOptions = {}) {
    const found: StoredRecord[] = [];
    for (const [id, stored] of instead ?? []) if (this.#has(id) && matches(query, stored)) found.push(stored);
    const others = found.length;
    const document = this.#database.prepare('SELECT json FROM document WHERE seq = ?');
    if (limit > 0) {
      for (const { seq, id } of this.#candidates(query)) {
        if (instead?.has(id)) continue;
        const stored = JSON.parse(document.get(seq)?.json as string) as StoredRecord;
        if (matches(query, stored)) found.push(stored);
        if (found.length - others >= limit) break;
      }
    }
    return (others > 0 ? found.sort(compareNewestFirst) : found).slice(0, limit);
  }

  async withStatus(status: RecordStatus | 'damaged', limit?: number) {
    const rows = this.#database
      .prepare(
        'SELECT json FROM record JOIN document USING (seq) WHERE status = ? ORDER BY created DESC, id DESC LIMIT ?',
      )
      .all(status, limit ?? -1);
    return rows.map(({ json }) => JSON.parse(json as string) as StoredRecord);
  }

  async ids() {
    return this.#idsWhere('TRUE');
  }

  async findIds(text: string) {
    const back = text === 'latest' ? 0 : /^@\{(\d{1,9})\}$/.exec(text)?.[1];
    if (back !== undefined) return this.#idsWhere('TRUE', [], Number(back) + 1);
    // Ids have only digits and these letters, so that case and U+0000 mean nothing else to SQL than to JavaScript.
    const folded = text.toLowerCase();
    if (!/^[0-9a-ftz-]+$/.test(folded)) return [];
    return this.#idsWhere('instr(lower(id), ?) > 0', [folded]);
  }

  async read(id: string) {
    const row = this.#database.prepare('SELECT json FROM record JOIN document USING (seq) WHERE id = ?').get(id);
    return row ? (JSON.parse(row.json as string) as StoredRecord) : null;
  }

  #has(id: string): boolean {
    return this.#database.prepare('SELECT 1 FROM record WHERE id = ?').get(id) !== undefined;
  }

  #idsWhere(condition: string, parameters: readonly SQLInputValue[] = [], limit = -1): string[] {
    return this.#database
      .prepare(`SELECT id FROM record WHERE ${condition} ORDER BY created DESC, id DESC LIMIT ?`)
      .all(...parameters, limit)
      .map(({ id }) => id as string);
  }

  /** Newest first, all that the query may mean. */
  *#candidates(query: Query): Generator<{ readonly seq: number; readonly id: string }> {
    const last = Number(this.#database.prepare('SELECT max(seq) AS last FROM record').get()!.last ?? 0);
    let marks: Marks | null = null;
    const ranges: string[] = [];
    const bounds: string[] = [];
    for (const condition of query.conditions) {
      if (condition.about === 'created') {
        if (condition.negated) continue;
        if (condition.from !== null) ranges.push('created >= ?');
        if (condition.to !== null) ranges.push('created <= ?');
        bounds.push(...[condition.from, condition.to].filter(bound => bound !== null));
        continue;
      }
      const passing = this.#narrow(condition, last);
      if (!passing) continue;
      if (condition.negated) for (let seq = 0; seq <= last; seq++) passing[seq]! ^= 1;
      if (marks) for (let seq = 0; seq <= last; seq++) marks[seq]! &= passing[seq]!;
      else marks = passing;
    }
    const few = marks ? numbersOf(marks, fewCandidates) : null;
    if (few) ranges.push('seq IN (SELECT value FROM json_each(?))');
    const where = ranges.length > 0 ? `WHERE ${ranges.join(' AND ')}` : '';
    const rows = this.#database
      .prepare(`SELECT seq, id FROM record ${where} ORDER BY created DESC, id DESC`)
      .iterate(...bounds, ...(few ? [JSON.stringify(few)] : []));
    for (const row of rows) {
      const seq = row.seq as number;
      if (few || !marks || marks[seq] === 1) yield { seq, id: row.id as string };
    }
  }

  /** Exactly the records for which the condition, not negated, holds; null where finding them is not worth it. */
  #narrow(condition: Exclude<Condition, { about: 'created' }>, last: number): Marks | null {
    const marks = new Uint8Array(last + 1);
    const mark = (seq: number) => {
      if (seq <= last) marks[seq] = 1;
    };
    if (condition.about === 'number') {
      const { comparator, number } = condition.test;
      const rows = this.#database
        .prepare(`SELECT seq FROM record WHERE ${columnOf(condition.field)} ${comparator} ?`)
        .iterate(number);
      for (const { seq } of rows) mark(seq as number);
      return marks;
    }
    const terms: number[] = [];
    for (const { field, test } of condition.anyOf) {
      if (field === 'id') {
        if (test.is !== 'containing') return null;
        const rows = this.#database.prepare('SELECT seq FROM record WHERE instr(lower(id), ?) > 0').iterate(test.text);
        for (const { seq } of rows) mark(seq as number);
      } else {
        for (const term of this.#terms(field, test)) {
          terms.push(term);
          if (terms.length > termLimit) return null;
        }
      }
    }
    const postings = this.#database.prepare('SELECT records FROM posting WHERE term = ?');
    for (const term of terms) {
      for (const { records } of postings.iterate(term)) unpackNumbers(records as Uint8Array, mark);
    }
    return marks;
  }

  *#terms(field: TextField, test: TextTest): Generator<number> {
    const number = textFields.indexOf(field);
    const select = (condition: string, ...parameters: SQLInputValue[]) =>
      this.#database
        .prepare(`SELECT id, value FROM term WHERE field = ? AND ${condition}`)
        .iterate(number, ...parameters);
    const rows =
      test.is === 'equal'
        ? select('value = ?', test.text)
        : test.is === 'beginning'
          ? // Hex digits are all that such fields hold: nothing in them is after the greatest character.
            select('value >= ? AND value < ?', test.text, `${test.text}\u{10ffff}`)
          : test.is === 'containing'
            ? select('instr(value, ?) > 0', test.text)
            : select('TRUE');
    for (const { id, value } of rows) {
      if (test.is !== 'holding' || textPasses(test, value as string)) yield id as number;
    }
  }
}

/** The marked numbers, null where there are more than `most`. */
function numbersOf(marks: Marks, most: number): number[] | null {
  const numbers: number[] = [];
  for (let seq = marks.indexOf(1); seq >= 0; seq = marks.indexOf(1, seq + 1)) {
    if (numbers.length === most) return null;
    numbers.push(seq);
  }
  return numbers;
}
