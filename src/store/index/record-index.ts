import type { RecordStatus } from '../../domain/generated/shapes.ts';
import type { Query } from '../../domain/query.ts';
import type { StoredRecord } from '../../domain/record-fields.ts';
import type { RecordStore, Snapshot } from '../record-store.ts';

/** How far a reading of the branch has come, in records. */
export type Progress = (done: number, total: number) => void;

export interface SearchOptions {
  /** At most so many are answered; all unless told. */
  readonly limit?: number;
  /**
   * Records as they are to be seen instead of as the branch has them, by id (a run whose recorder died is seen as
   * `unknown`): the query is asked of these.
   */
  readonly instead?: ReadonlyMap<string, StoredRecord>;
}

/** What can be asked of the records of a branch. Every list is newest first, by `created` and then by id. */
export interface RecordAnswers {
  /** The records that `matches` the query, whole; damaged ones with their faults. */
  search(query: Query, options?: SearchOptions): Promise<StoredRecord[]>;
  withStatus(status: RecordStatus | 'damaged', limit?: number): Promise<StoredRecord[]>;
  ids(): Promise<string[]>;
  /** The ids among which `resolveRecordId` finds the same answer for this text as among all. */
  findIds(text: string): Promise<string[]>;
  read(id: string): Promise<StoredRecord | null>;
}

export interface RecordIndex extends RecordAnswers {
  /** Why answers come slowly, read from the branch each time; null where the index serves. */
  readonly note: string | null;
  /**
   * Brings the index to a commit of the store's branch; must come before any question. One comparison where it stands
   * there already. Should another process have brought it further along the branch meanwhile, it stays there.
   */
  follow(store: RecordStore, tip: Snapshot, progress?: Progress): Promise<void>;
  close(): void;
}
