import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { RecordStatus } from '../../domain/generated/shapes.ts';
import { Problem } from '../../domain/problem.ts';
import type { Query } from '../../domain/query.ts';
import type { StoredRecord } from '../../domain/record-fields.ts';
import type { RecordStore, Snapshot } from '../record-store.ts';
import { BranchScan } from './branch-scan.ts';
import { followBranch, standsAt } from './index-following.ts';
import { IndexSearch } from './index-search.ts';
import type { Progress, RecordAnswers, RecordIndex, SearchOptions } from './record-index.ts';
import { isCorrupt, loadSqlite, pause, sqliteCode, whenFree } from './sqlite.ts';

export interface IndexOptions {
  /** Where the index is kept: outside the history, `<common git dir>/corroborate/index.sqlite`. */
  readonly file: string;
  /** Loads node:sqlite, or answers null where there is none. */
  readonly sqlite?: typeof loadSqlite;
  /** How often, some 100 ms apart, another process's turn is waited for before the branch is read without the index. */
  readonly tries?: number;
}

/**
 * The index of one clone. Whatever becomes of its file, the answers are the same: an index that is absent, of another
 * branch or schema, or damaged is built anew; where it cannot be (no node:sqlite, a read-only or full disk, a process
 * that does not end) each question reads the branch, and `note` says why.
 *
 * The file uses SQLite's rollback journal and not its write-ahead log, which needs memory shared between processes and
 * so does not work on network file systems.
 */
export async function openIndex({ file, sqlite = loadSqlite, tries = 600 }: IndexOptions): Promise<RecordIndex> {
  return new FollowedIndex(file, await sqlite(), tries);
}

class FollowedIndex implements RecordIndex {
  readonly #file: string;
  readonly #sqlite: typeof import('node:sqlite') | null;
  readonly #tries: number;
  #database: DatabaseSync | null = null;
  #answers: RecordAnswers | null = null;
  #followed: { readonly store: RecordStore; readonly tip: Snapshot; readonly progress: Progress | undefined } | null =
    null;
  #note: string | null = null;

  constructor(file: string, sqlite: typeof import('node:sqlite') | null, tries: number) {
    this.#file = file;
    this.#tries = tries;
    this.#sqlite = sqlite;
  }

  get note(): string | null {
    return this.#note;
  }

  async follow(store: RecordStore, tip: Snapshot, progress?: Progress): Promise<void> {
    this.#followed = { store, tip, progress };
    this.#answers = null;
    if (!this.#sqlite) return this.#scan('this Node has no node:sqlite (22.13 and later have it)');
    try {
      await this.#followFile(store, tip, progress);
    } catch (cause) {
      if (!isCorrupt(cause)) return this.#scanAfter(cause);
      try {
        this.#removeFile();
        await this.#followFile(store, tip, progress);
      } catch (again) {
        this.#scanAfter(again);
      }
    }
  }

  search(query: Query, options?: SearchOptions): Promise<StoredRecord[]> {
    return this.#ask(answers => answers.search(query, options));
  }

  withStatus(status: RecordStatus | 'damaged', limit?: number): Promise<StoredRecord[]> {
    return this.#ask(answers => answers.withStatus(status, limit));
  }

  ids(): Promise<string[]> {
    return this.#ask(answers => answers.ids());
  }

  findIds(text: string): Promise<string[]> {
    return this.#ask(answers => answers.findIds(text));
  }

  read(id: string): Promise<StoredRecord | null> {
    return this.#ask(answers => answers.read(id));
  }

  close(): void {
    this.#answers = null;
    this.#database?.close();
    this.#database = null;
  }

  async #followFile(store: RecordStore, tip: Snapshot, progress?: Progress): Promise<void> {
    this.#database ??= this.#open(this.#sqlite!);
    const database = this.#database;
    if (!(await whenFree(() => standsAt(database, store, tip), this.#tries))) {
      await followBranch(database, store, tip, { tries: this.#tries, progress });
    }
    this.#note = null;
    this.#answers = new IndexSearch(database);
  }

  #open({ DatabaseSync }: typeof import('node:sqlite')): DatabaseSync {
    mkdirSync(dirname(this.#file), { recursive: true });
    // SQLite opens a file that cannot be written for reading; our own way of waiting lets timers run.
    const database = new DatabaseSync(this.#file, { timeout: pause });
    // Several records a page, where only one would fit on 4 kB; 32 MiB of pages in memory: terms arrive in no order.
    database.exec('PRAGMA page_size = 16384; PRAGMA cache_size = -32768');
    return database;
  }

  /** What the index cannot answer (damaged below the surface, another process in the way), the branch can. */
  async #ask<T>(question: (answers: RecordAnswers) => Promise<T>): Promise<T> {
    if (!this.#answers) throw new Problem('DEFECT', 'the index was asked before it followed a branch');
    try {
      const answers = this.#answers;
      return await whenFree(() => question(answers), this.#tries);
    } catch (cause) {
      if ((sqliteCode(cause) === null && !isCorrupt(cause)) || !this.#followed) throw cause;
      const { store, tip, progress } = this.#followed;
      if (isCorrupt(cause)) {
        this.#removeFile();
        await this.follow(store, tip, progress);
      } else {
        this.#scanAfter(cause);
      }
      return await question(this.#answers);
    }
  }

  #removeFile(): void {
    this.close();
    for (const ending of ['', '-journal']) rmSync(this.#file + ending, { force: true });
  }

  /** @throws whatever has nothing to do with the file: then the branch itself cannot be read */
  #scanAfter(cause: unknown): void {
    const fromFile = sqliteCode(cause) !== null || typeof (cause as NodeJS.ErrnoException)?.syscall === 'string';
    if (cause instanceof Problem || !fromFile) throw cause;
    this.close();
    this.#scan(`the index ${this.#file} cannot be used: ${(cause as Error).message}`);
  }

  #scan(because: string): void {
    const { store, tip, progress } = this.#followed!;
    this.#note = `Every record is read for each answer, because ${because}.`;
    this.#answers = new BranchScan(store, tip, progress);
  }
}
