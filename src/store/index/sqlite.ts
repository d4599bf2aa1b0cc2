import { setTimeout as delay } from 'node:timers/promises';

/*
 * node:sqlite, where this Node has it (22.13 and later), and what its errors mean.
 */

type Sqlite = typeof import('node:sqlite');

/** null on a Node without it */
export async function loadSqlite(): Promise<Sqlite | null> {
  const { emitWarning } = process;
  // Some Node versions warn of it on the user's terminal when it is first loaded; nobody who reads that can do anything.
  process.emitWarning = (warning, ...rest) => {
    if (!String(warning).includes('SQLite')) Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
  try {
    return await import('node:sqlite');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_UNKNOWN_BUILTIN_MODULE') return null;
    throw cause;
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** SQLite's own result code (sqlite.org/rescode.html), without its extension; null for any other error. */
export function sqliteCode(cause: unknown): number | null {
  const { code, errcode } = cause as { code?: unknown; errcode?: unknown };
  return code === 'ERR_SQLITE_ERROR' && typeof errcode === 'number' ? errcode & 0xff : null;
}

/** Another process writes, or reads while we write. */
function isBusy(cause: unknown): boolean {
  return [5, 6].includes(sqliteCode(cause) ?? -1);
}

/** The file is no database, or one whose pages contradict each other, or hold what was never put there as JSON. */
export function isCorrupt(cause: unknown): boolean {
  return cause instanceof SyntaxError || [11, 26].includes(sqliteCode(cause) ?? -1);
}

/** Milliseconds that SQLite waits within a try, and that pass between two. */
export const pause = 50;

/** Does it as soon as other processes let it, giving way to timers (heartbeats) meanwhile. */
export async function whenFree<T>(action: () => T | Promise<T>, tries: number): Promise<T> {
  for (let left = tries; ; left--) {
    try {
      return await action();
    } catch (cause) {
      if (!isBusy(cause) || left <= 1) throw cause;
    }
    await delay(pause);
  }
}
