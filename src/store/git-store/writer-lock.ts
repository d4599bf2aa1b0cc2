import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { Problem } from '../../domain/problem.ts';
import { diskProblem } from './disk-problem.ts';

/** Time and chance, handed in. */
export interface Clock {
  now(): Date;
  /** Waits so many milliseconds. */
  sleep(milliseconds: number): Promise<void>;
  /** At least 0, below 1. */
  random(): number;
}

/** Who holds the lock, as its file says it. */
interface Holder {
  readonly pid: number;
  /** When the process started, in the system's own count: a pid alone may be somebody else's by now. */
  readonly start: string | null;
  /** Host and process namespace: only within them does a pid mean the same. */
  readonly host: string;
  readonly boot: string | null;
  readonly at: string;
  readonly token: string;
}

/** All in milliseconds. */
const refreshEvery = 2_000;
/** A lock that nobody refreshed while it was watched for so long, or at all for ten times as long, is taken over. */
const staleAfter = 20_000;
const longAgo = 10 * staleAfter;
/** A turn takes less; only a lock that is older is worth asking whether its holder lives. */
const doubtAfter = 100;
const pause = { least: 4, most: 40 };

/**
 * The turn of one writer among those of this clone. It keeps writers from undoing each other's work over and over; that
 * no commit is lost rests on the compare in `git update-ref`, so two holders at once (a clock that jumps, a network
 * folder that lies) cost time and nothing else.
 */
export function writerLock(gitDir: string, clock: Clock, patience: number) {
  const path = join(gitDir, 'corroborate', 'records.lock');
  let self: Omit<Holder, 'at' | 'token'> | null = null;

  /** Does `work` when it is this writer's turn. @throws Problem BUSY when its turn never came */
  return async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    self ??= describeSelf();
    const token = Math.floor(clock.random() * 2 ** 48).toString(16);
    const holder: Holder = { ...self, at: clock.now().toISOString(), token };
    await take(holder);
    const timer = setInterval(() => {
      const now = clock.now();
      utimes(path, now, now).catch(() => {});
    }, refreshEvery);
    timer.unref();
    try {
      return await work();
    } finally {
      clearInterval(timer);
      giveBack(path, token);
    }
  };

  async function take(holder: Holder): Promise<void> {
    const begun = clock.now().getTime();
    let watched = { mark: '', since: begun };
    for (;;) {
      if (create(path, holder)) return;
      const seen = look(path);
      if (seen === null) continue;
      const now = clock.now().getTime();
      if (seen.mark !== watched.mark) watched = { mark: seen.mark, since: now };
      const watchedFor = now - watched.since;
      const age = now - seen.touched;
      const unattended = watchedFor >= staleAfter || age >= longAgo;
      const doubtful = Math.max(watchedFor, age) >= doubtAfter;
      if (unattended || (doubtful && seen.holder !== null && isDead(seen.holder, holder))) {
        takeAway(path, seen.mark, holder.token);
        continue;
      }
      if (now - begun >= patience) {
        const who = seen.holder ? `process ${seen.holder.pid} on ${seen.holder.host}` : 'another process';
        throw new Problem(
          'BUSY',
          `${who} has been writing to the records for ${Math.round((now - begun) / 1000)} s: try again when it is done, or, if it is gone, remove ${path}.`,
        );
      }
      await clock.sleep(pause.least + clock.random() * (pause.most - pause.least));
    }
  }
}

/* At once and not by turns of the event loop: the lock is held for as long as it takes to take and to give it back. */

function create(path: string, holder: Holder): boolean {
  try {
    const file = openNew(path);
    try {
      writeFileSync(file, `${JSON.stringify(holder)}\n`);
    } catch (cause) {
      // A full disk takes the name and not the content; nobody should have to wait for that.
      unlinkSync(path);
      throw cause;
    } finally {
      closeSync(file);
    }
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw diskProblem(cause, dirname(path)) ?? cause;
  }
}

function openNew(path: string): number {
  try {
    return openSync(path, 'wx');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    mkdirSync(dirname(path), { recursive: true });
    return openSync(path, 'wx');
  }
}

function giveBack(path: string, token: string): void {
  try {
    if (look(path)?.holder?.token === token) unlinkSync(path);
  } catch {
    // Whoever comes next sees that its holder is gone.
  }
}

interface Seen {
  /** Null while its holder has not written it yet, or never will. */
  readonly holder: Holder | null;
  readonly touched: number;
  /** Changes when the lock changes hands or is refreshed. */
  readonly mark: string;
}

function look(path: string): Seen | null {
  try {
    const text = readFileSync(path, 'utf8');
    const { mtimeMs, ino } = statSync(path);
    return { holder: parseHolder(text), touched: mtimeMs, mark: `${ino} ${mtimeMs} ${text}` };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw diskProblem(cause, dirname(path)) ?? cause;
  }
}

function parseHolder(text: string): Holder | null {
  try {
    const holder = JSON.parse(text) as Partial<Holder> | null;
    const whole =
      Number.isSafeInteger(holder?.pid) && typeof holder?.host === 'string' && typeof holder.token === 'string';
    return whole ? (holder as Holder) : null;
  } catch {
    return null;
  }
}

/**
 * Removes a dead lock. Two waiters may see the same dead lock and the quicker one may have its own there already: what
 * was moved away and turns out to be another's is put back.
 */
function takeAway(path: string, mark: string, token: string): void {
  const aside = `${path}.${token}`;
  try {
    if (look(path)?.mark !== mark) return;
    renameSync(path, aside);
    const moved = look(aside);
    if (moved === null || moved.mark === mark) unlinkSync(aside);
    else renameSync(aside, path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw diskProblem(cause, dirname(path)) ?? cause;
  }
}

function isDead(holder: Holder, self: Holder): boolean {
  if (holder.host !== self.host) return false;
  if (holder.boot !== self.boot) return true;
  try {
    process.kill(holder.pid, 0);
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'ESRCH';
  }
  return holder.start !== null && startOf(holder.pid) !== holder.start;
}

function describeSelf(): Omit<Holder, 'at' | 'token'> {
  const boot = ask(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));
  const namespace = ask(() => readlinkSync('/proc/self/ns/pid')) ?? '';
  return {
    pid: process.pid,
    start: startOf(process.pid),
    host: `${hostname()} ${namespace}`.trim(),
    boot: boot?.trim() ?? null,
  };
}

/** Start time in ticks since boot; null where the process is gone (or the system has no /proc). */
function startOf(pid: number): string | null {
  const text = ask(() => readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? '';
  // The name of the program stands in parentheses and may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ended = fields[0] === 'Z' || fields[0] === 'X';
  return ended ? null : (fields[19] ?? null);
}

function ask(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}
