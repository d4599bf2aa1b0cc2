import { performance } from 'node:perf_hooks';
import { descendants, peakMemory } from '../process/process-table.ts';
import type { ResourceUse } from '../process/resource-use.ts';
import type { ReadyContainer } from './container-engine.ts';

/** Milliseconds until the engine is asked where its processes are, and between two looks at them. */
const interval = 1000;

/**
 * Looks at a container's processes once a second, where they are seen on this host. A run that is over sooner costs
 * nothing, and is not measured.
 */
export function watchContainer(container: Pick<ReadyContainer, 'processId'>): { finish(): ResourceUse } {
  const begun = performance.now();
  let cpuSeconds: number | null = null;
  let memory: number | null = null;
  let seenAt = 0;
  let hasEnded = false;
  let why = 'it ended before its processes could be looked at';

  const look = (pid: number) => {
    const rows = descendants(pid);
    if (rows.length > 0) {
      seenAt = performance.now() - begun;
      // A process waited for moves from its own row to its parent's, so the sum over the tree only grows.
      const used = rows.reduce((sum, row) => sum + row.cpuSeconds, 0);
      cpuSeconds = Math.max(cpuSeconds ?? 0, Math.round(used * 100) / 100);
      for (const row of rows) {
        const peak = peakMemory(row.pid);
        if (peak !== null) memory = Math.max(memory ?? 0, peak);
      }
    }
    again(() => look(pid));
  };
  const begin = async () => {
    const pid = await container.processId().catch(() => null);
    if (pid === null) why = 'its processes are not seen on this host';
    else if (!hasEnded) look(pid);
  };
  let timer: NodeJS.Timeout | undefined;
  const again = (next: () => void) => {
    if (hasEnded) return;
    timer = setTimeout(next, interval);
    timer.unref();
  };
  again(() => void begin());

  return {
    finish() {
      hasEnded = true;
      clearTimeout(timer);
      const seen = `is what was seen in its container ${(seenAt / 1000).toPrecision(3)} s after the start, at the last look`;
      const notes =
        cpuSeconds === null
          ? [`cpu_seconds and peak_memory_bytes are not known: in its container, ${why}`]
          : [`cpu_seconds ${seen}`, ...(memory === null ? [] : [`peak_memory_bytes ${seen}`])];
      return { cpuSeconds, peakMemoryBytes: memory, notes };
    },
  };
}
