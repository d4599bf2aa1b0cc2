import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';

/** One row of Linux's process table (proc(5), /proc/PID/stat). Times in seconds. */
export interface ProcessRow {
  readonly pid: number;
  /** R running, S sleeping, T stopped, Z ended but not yet waited for, … */
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Processor time of its own and of the children that it waited for. */
  readonly cpuSeconds: number;
  /** Processor time of the children that it waited for. */
  readonly childrenCpuSeconds: number;
  /** Clock ticks after boot at which it started: with the pid, its identity until the next boot. */
  readonly start: string;
}

/** Ticks in a second, as Linux counts towards programs on every processor that Node runs on. */
const ticks = 100;

/** Null when there is no such process, or no /proc. */
export function readProcess(pid: number | 'self'): ProcessRow | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  // The name, in parentheses, may hold anything; what follows the last one is plain. Its first word is field 3.
  const field = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const number = (n: number) => Number(field[n - 3]);
  return {
    pid: Number.parseInt(text, 10),
    state: field[0]!,
    parent: number(4),
    group: number(5),
    session: number(6),
    cpuSeconds: (number(14) + number(15) + number(16) + number(17)) / ticks,
    childrenCpuSeconds: (number(16) + number(17)) / ticks,
    start: field[22 - 3]!,
  };
}

/** Every living process of a session (what `setsid` began), zombies left out. Reads the whole process table. */
export function sessionMembers(session: number): ProcessRow[] {
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return [];
  }
  return names
    .filter(name => /^\d+$/.test(name))
    .map(name => readProcess(Number(name)))
    .filter(row => row !== null)
    .filter(row => row.session === session && row.state !== 'Z' && row.state !== 'X');
}

/** The processes under `pid`, itself first; those whose parent has ended are not found. Empty when it is gone. */
export function descendants(pid: number): ProcessRow[] {
  const root = readProcess(pid);
  if (root === null) return [];
  const found = [root];
  for (const row of found) {
    for (const child of childrenOf(row.pid)) {
      const known = found.some(other => other.pid === child);
      const childRow = known ? null : readProcess(child);
      if (childRow !== null) found.push(childRow);
    }
  }
  return found;
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap(thread =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

/** The most memory that a process ever had at once (VmHWM, what getrusage calls maxrss), in bytes; null: unknown. */
export function peakMemory(pid: number): number | null {
  try {
    const kilobytes = /^VmHWM:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null;
  }
}

/**
 * What tells a process from a later one of the same pid: Linux's start in ticks, elsewhere `ps`'s start in words.
 * Null when there is no such process, or only what is left of one that nobody waited for.
 */
export async function processStart(pid: number): Promise<string | null> {
  if (process.platform === 'linux') {
    const row = readProcess(pid);
    return row === null || row.state === 'Z' || row.state === 'X' ? null : row.start;
  }
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)], {
      env: { ...process.env, LC_ALL: 'C' },
    });
    return stdout.trim() || null;
  } catch {
    return null;
  }
}
