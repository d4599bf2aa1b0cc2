import { setTimeout as sleep } from 'node:timers/promises';
import { declaredOutputsOverlap } from '../../domain/globs.ts';
import { Problem } from '../../domain/problem.ts';
import {
  type Beating,
  beginHeartbeat,
  type FoundHeartbeat,
  type Heartbeat,
  isAlive,
  isSimulationRunning,
  listHeartbeats,
} from '../../machine/process/heartbeat.ts';
import type { Host } from '../../machine/process/this-host.ts';

/** How long a rival that has not started its simulation is watched, in milliseconds, before it counts as going on. */
const patience = 2000;

/**
 * Says that a run begins, unless another one goes on in the same working tree whose outputs it might take for its own
 * (design, section 8: two runs in one directory never take each other's outputs).
 * @throws Problem BUSY, naming the other run and the way out
 */
export async function takeTurn(folder: string, own: Heartbeat, host: Host, now: () => Date): Promise<Beating> {
  const beating = await beginHeartbeat(folder, own, now);
  try {
    for (const began = performance.now(); ; ) {
      const [rival] = await rivals(folder, own, host, now());
      if (!rival) return beating;
      // Of two that begin at the same moment the earlier id goes on, once the other has seen it and given way.
      const giveWay = rival.id < own.id || rival.simulation !== null || performance.now() - began > patience;
      if (giveWay) throw busy(rival);
      await sleep(20);
    }
  } catch (problem) {
    await beating.end();
    throw problem;
  }
}

async function rivals(folder: string, own: Heartbeat, host: Host, now: Date): Promise<FoundHeartbeat[]> {
  const { heartbeats } = await listHeartbeats(folder, own.id);
  const found: FoundHeartbeat[] = [];
  for (const other of heartbeats) {
    if (other.top !== own.top) continue;
    if (!declaredOutputsOverlap(own.outputs, other.outputs)) continue;
    if ((await isAlive(other, now, host)) || (await isSimulationRunning(other, host)) === true) found.push(other);
  }
  return found;
}

function busy(rival: FoundHeartbeat): Problem {
  return new Problem(
    'BUSY',
    `another run, ${rival.id} (process ${rival.simulation?.pid ?? rival.recorder.pid} on ${rival.host.name}), goes on in ${rival.top}, and the outputs of the two could not be told apart. \`corroborate run --isolate …\` gives this one a working directory of its own; or declare outputs that do not overlap (--output), or wait.`,
  );
}
