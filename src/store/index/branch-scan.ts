import { recordFolder, recordPath } from '../../domain/branch-layout.ts';
import { matches, type Query } from '../../domain/query.ts';
import { compareNewestFirst, createdOf, type StoredRecord, textsOf } from '../../domain/record-fields.ts';
import { isRecordId } from '../../domain/record-id.ts';
import type { RecordStore, Snapshot } from '../record-store.ts';
import type { Progress, RecordAnswers, SearchOptions } from './record-index.ts';
import { changedRecords, readRecords } from './record-reading.ts';

/** Answers without any index, by reading the whole branch for each question: slow, and right by definition. */
export class BranchScan implements RecordAnswers {
  readonly #store: RecordStore;
  readonly #tip: Snapshot;
  readonly #progress: Progress | undefined;

  constructor(store: RecordStore, tip: Snapshot, progress?: Progress) {
    this.#store = store;
    this.#tip = tip;
    this.#progress = progress;
  }

  search(query: Query, { limit = Number.POSITIVE_INFINITY, instead }: SearchOptions = {}): Promise<StoredRecord[]> {
    return this.#newest(limit, stored => {
      const seen = instead?.get(stored.id) ?? stored;
      return matches(query, seen) ? seen : null;
    });
  }

  withStatus(status: string, limit = Number.POSITIVE_INFINITY): Promise<StoredRecord[]> {
    return this.#newest(limit, stored => (textsOf(stored, 'status').includes(status) ? stored : null));
  }

  async ids(): Promise<string[]> {
    const found: { readonly id: string; readonly created: string }[] = [];
    for await (const stored of this.#records()) found.push({ id: stored.id, created: createdOf(stored) });
    const key = (one: { id: string; created: string }) => `${one.created} ${one.id}`;
    return found.sort((one, other) => (key(one) < key(other) ? 1 : -1)).map(({ id }) => id);
  }

  findIds(): Promise<string[]> {
    return this.ids();
  }

  async read(id: string): Promise<StoredRecord | null> {
    if (!isRecordId(id)) return null;
    const path = recordPath(id);
    const entry = (await this.#tip.folder(recordFolder(id))).find(each => each.path === path);
    if (!entry) return null;
    for await (const { records } of readRecords(this.#store, [entry])) return records[0] ?? null;
    return null;
  }

  async *#records(): AsyncGenerator<StoredRecord> {
    const { written } = await changedRecords(this.#store, null, this.#tip.commit);
    let done = 0;
    for await (const { records } of readRecords(this.#store, written)) {
      yield* records;
      done += records.length;
      this.#progress?.(done, written.length);
    }
  }

  /** The newest that `choose` lets through; never many more than `limit` are held. */
  async #newest(limit: number, choose: (stored: StoredRecord) => StoredRecord | null): Promise<StoredRecord[]> {
    let kept: StoredRecord[] = [];
    for await (const stored of this.#records()) {
      const chosen = choose(stored);
      if (chosen) kept.push(chosen);
      if (kept.length > 2 * limit + 1000) kept = kept.sort(compareNewestFirst).slice(0, limit);
    }
    return kept.sort(compareNewestFirst).slice(0, limit);
  }
}
