import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { performance } from 'node:perf_hooks';
import { descendants, peakMemory, readProcess } from './process-table.ts';

/** What a simulation used; null where it is not known, which `notes` then explains. */
export interface ResourceUse {
  /**
   * Processor time, user and system, of the simulation and all its processes that it waited for. Exact to the
   * system's tick (0.01 s), or, where a note says so, what was last seen.
   */
  readonly cpuSeconds: number | null;
  /** The largest resident size that one of its processes had (as getrusage's maxrss), as last seen. */
  readonly peakMemoryBytes: number | null;
  /** To be left out where exact figures come from elsewhere. */
  readonly notes: readonly string[];
}

export interface ResourceWatch {
  /** The simulation runs. */
  follow(simulation: ChildProcess): void;
  /** To be awaited once it has ended. */
  finish(): Promise<ResourceUse>;
}

/** Milliseconds between two looks at the least and at the most. */
const shortest = 5;
const longest = 1000;

/**
 * Node tells nothing of what a child used. Linux does, twice over: it adds the processor time of a child that ended to
 * that of its parent's children (exact, but other children of ours end as well, so each ending is read by itself), and
 * it shows every living process (a look at intervals of a tenth of the time so far, so the last one is never far from
 * the end, at a cost of less than a hundredth).
 *
 * To be made before any process is started for the simulation. Processes started by `spawnSync` and its like while it
 * runs would be counted to it.
 *
 * @param onLook is told the simulation's state letter (T: stopped) at every look
 */
export function watchResources(onLook: (state: string) => void): ResourceWatch {
  let simulation: ChildProcess | null = null;
  let waitedFor = readProcess('self')?.childrenCpuSeconds ?? null;
  let cpuSeconds: number | null = null;
  /** Whether somebody else's end may be in what was read last. */
  let mixed = process.getActiveResourcesInfo().includes('ProcessWrap');
  let endings = 0;

  // Several children that ended at once are waited for together, before the first of them is reported: then what was
  // read is the sum. They are reported before the next turn of the event loop.
  const onEnd = (child: ChildProcess) => {
    const now = readProcess('self')?.childrenCpuSeconds ?? null;
    endings += 1;
    if (child === simulation) {
      cpuSeconds = now !== null && waitedFor !== null ? Math.round((now - waitedFor) * 100) / 100 : null;
    }
    waitedFor = now;
    const count = endings;
    if (count > 1 && (child === simulation || cpuSeconds !== null)) mixed = true;
    setImmediate(() => {
      endings = 0;
    });
  };
  const onChild = (message: unknown) => {
    const { process: child } = message as { process: ChildProcess };
    child.once('exit', () => onEnd(child));
  };
  subscribe('child_process', onChild);

  let seenCpu: number | null = null;
  let seenMemory: number | null = null;
  let timer: NodeJS.Timeout | undefined;
  let started = 0;
  let seenAt = 0;

  const look = () => {
    const before = performance.now();
    const rows = descendants(simulation!.pid!);
    if (rows.length > 0 && rows[0]!.state !== 'Z') {
      onLook(rows[0]!.state);
      // A process waited for moves from its own row to its parent's, so the sum over the tree only grows.
      seenCpu = Math.max(
        seenCpu ?? 0,
        rows.reduce((sum, row) => sum + row.cpuSeconds, 0),
      );
      for (const row of rows) {
        const peak = peakMemory(row.pid);
        if (peak !== null) seenMemory = Math.max(seenMemory ?? 0, peak);
      }
      seenAt = before;
    }
    const cost = performance.now() - before;
    timer = setTimeout(look, Math.min(longest, Math.max(shortest, (before - started) / 10, cost * 100)));
    timer.unref();
  };

  return {
    follow(child) {
      simulation = child;
      started = performance.now();
      child.once('exit', () => clearTimeout(timer));
      if (process.platform === 'linux') {
        timer = setTimeout(look, shortest);
        timer.unref();
      }
    },
    async finish() {
      clearTimeout(timer);
      // After this turn, so that an ending reported right after the simulation's has been noticed.
      await new Promise(resolve => setImmediate(resolve));
      unsubscribe('child_process', onChild);
      const notes: string[] = [];
      let cpu = cpuSeconds;
      if (process.platform !== 'linux') {
        notes.push('cpu_seconds and peak_memory_bytes are not known: they are only measured under Linux');
        cpu = null;
      } else {
        if (cpu === null || mixed) {
          cpu = seenCpu;
          notes.push(
            cpu === null
              ? 'cpu_seconds is not known: the run ended before it could be looked at'
              : `cpu_seconds is what was seen ${ago(seenAt - started)} after the start, at the last look`,
          );
        }
        notes.push(
          seenMemory === null
            ? 'peak_memory_bytes is not known: the run ended before it could be looked at'
            : `peak_memory_bytes is what was seen ${ago(seenAt - started)} after the start, at the last look`,
        );
      }
      return { cpuSeconds: cpu, peakMemoryBytes: seenMemory, notes };
    },
  };
}

function ago(milliseconds: number): string {
  return `${(milliseconds / 1000).toPrecision(3)} s`;
}
