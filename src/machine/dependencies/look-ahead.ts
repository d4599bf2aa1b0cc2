import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

/** When what a run has loaded so far is looked at, in milliseconds after its start. */
const looks = [50, 500, 5_000] as const;

/**
 * Does while a simulation runs what would else be waited for at its end: whatever `work` looks up then, it knows by the end.
 * Its answer does not count, nor its failing.
 */
export async function lookAhead(over: AbortSignal, work: () => Promise<unknown> | unknown): Promise<void> {
  let before = 0;
  for (const look of looks) {
    try {
      await wait(look - before, undefined, { signal: over, ref: false });
    } catch {
      return;
    }
    before = look;
    try {
      await work();
    } catch {
      // It is done again at the end.
    }
  }
}

/** The files that a process has mapped (proc(5), /proc/PID/maps); none where that cannot be seen. */
export async function mappedBy(pid: number): Promise<string[]> {
  return mappedFiles(await readFile(`/proc/${pid}/maps`, 'utf8').catch(() => ''));
}

/** The files in the text of /proc/<pid>/maps. */
export function mappedFiles(maps: string): string[] {
  return [...new Set([...maps.matchAll(/ (\/.*)$/gm)].map(match => match[1]!))];
}
