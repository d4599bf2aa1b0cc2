import type { DatabaseSync } from 'node:sqlite';
import { numberFields, textFields } from '../../domain/record-fields.ts';

/*
 * The tables of the index.
 *
 * `term` is the dictionary: every distinct text of every field. `posting` says which records have a term, as
 * the sequence numbers of many records in one blob, so that 100,000 records with the same dependency are a few rows.
 * Nothing in a posting ever changes: a record that is written anew gets a new number, and the old one, which no row
 * of `record` has any more, means nothing. `document` keeps whole records apart, so that `record` is quickly read through.
 */

/** Raise it with every change to the tables or to what is put into them; the fields are part of it by themselves. */
const version = 1;
const schemaStamp = JSON.stringify([version, textFields, numberFields]);

export function columnOf(field: (typeof numberFields)[number]): string {
  return field.replaceAll('-', '_');
}

export interface IndexState {
  readonly branch: string;
  readonly commit: string;
}

/** Where the index stands, null where it is not one of this schema or was not built to its end. */
export function readState(database: DatabaseSync): IndexState | null {
  const table = database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'state'").get();
  if (!table) return null;
  const row = database.prepare('SELECT * FROM state').get();
  if (row?.schema !== schemaStamp || typeof row.branch !== 'string' || typeof row.commit_id !== 'string') return null;
  return { branch: row.branch, commit: row.commit_id };
}

/** @param state null where the index may serve now, but is to be built again the next time */
export function writeState(database: DatabaseSync, state: IndexState | null): void {
  database.exec('DELETE FROM state');
  database
    .prepare('INSERT INTO state (schema, branch, commit_id) VALUES (?, ?, ?)')
    .run(schemaStamp, state?.branch ?? null, state?.commit ?? null);
}

/** Removes whatever tables there are, of any schema, and makes empty ones. */
export function resetTables(database: DatabaseSync): void {
  const names = database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
    .all();
  for (const { name } of names) database.exec(`DROP TABLE "${String(name).replaceAll('"', '""')}"`);
  database.exec(`
    CREATE TABLE state (schema TEXT, branch TEXT, commit_id TEXT);
    CREATE TABLE record (
      seq INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      created TEXT NOT NULL,
      status TEXT NOT NULL,
      ${numberFields.map(field => `${columnOf(field)} REAL`).join(', ')}
    );
    CREATE INDEX record_order ON record (created, id);
    CREATE INDEX record_status ON record (status, created, id);
    CREATE TABLE document (seq INTEGER PRIMARY KEY, json TEXT NOT NULL);
    CREATE TABLE term (field INTEGER, value TEXT, id INTEGER NOT NULL, PRIMARY KEY (field, value)) WITHOUT ROWID;
    CREATE TABLE posting (term INTEGER, block INTEGER, records BLOB NOT NULL, PRIMARY KEY (term, block)) WITHOUT ROWID;
    CREATE TABLE counter (name TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;
    INSERT INTO counter VALUES ('record', 1), ('term', 1);
  `);
}
