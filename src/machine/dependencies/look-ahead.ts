import { readFile } from 'node:fs/promises';

/** When what a run has loaded so far is looked at, in milliseconds after its start. */
const looks = [50, 500, 5_000] as const;

/**
 * Does while a simulation runs what would else be waited for at its end: whatever `work` looks up then, it knows by the end.
 * Its answer does not count, nor its failing.
 * @param work is told how many looks there were before
 */
export async function lookAhead(
  over: AbortSignal,
  work: (before: number) => Promise<unknown> | unknown,
): Promise<void> {
  let before = 0;
  for (const [count, look] of looks.entries()) {
    await pause(look - before, over);
    if (over.aborted) return;
    before = look;
    try {
      await work(count);
    } catch {
      // It is done again at the end.
    }
  }
}

/**
 * Resolves after so many milliseconds, or as soon as it is over; no process stays for it. (The timers of
 * node:timers/promises throw when they are stopped: at the end of a run, when somebody waits, each takes a millisecond.)
 */
export function pause(milliseconds: number, over: AbortSignal): Promise<void> {
  return new Promise(fulfil => {
    const end = () => {
      clearTimeout(timer);
      over.removeEventListener('abort', end);
      fulfil();
    };
    const timer = setTimeout(end, milliseconds);
    timer.unref();
    over.addEventListener('abort', end);
    if (over.aborted) end();
  });
}

/** The files that a process has mapped (proc(5), /proc/PID/maps); none where that cannot be seen. */
export async function mappedBy(pid: number): Promise<string[]> {
  return mappedFiles(await readFile(`/proc/${pid}/maps`, 'utf8').catch(() => ''));
}

/** The files in the text of /proc/<pid>/maps. */
export function mappedFiles(maps: string): string[] {
  return [...new Set([...maps.matchAll(/ (\/.*)$/gm)].map(match => match[1]!))];
}
