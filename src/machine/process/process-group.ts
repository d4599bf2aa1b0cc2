import { setTimeout as pause } from 'node:timers/promises';
import { sessionMembers } from './process-table.ts';

/** Sends a signal to every process of a group. False when there is none (left). */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch (error) {
    // EPERM: there is one, of somebody else (setuid).
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The same for every process of the session that `leader` began, whatever group it put itself into. */
export function signalSession(leader: number, signal: NodeJS.Signals): void {
  signalGroup(leader, signal);
  for (const row of sessionMembers(leader)) {
    if (row.group === leader) continue;
    try {
      process.kill(row.pid, signal);
    } catch {
      // It ended just now, or is somebody else's.
    }
  }
}

/** Milliseconds that what a simulation left running has to end by itself, as the helpers of some runtimes do. */
const ownTime = 200;

/**
 * Ends what is left of a session whose leader has ended: by SIGTERM after a moment, by SIGKILL after `grace`.
 * @param grace milliseconds
 * @returns how many processes had to be told; 0 when there were none or they ended by themselves
 */
export async function endSession(leader: number, grace: number): Promise<number> {
  if (await isGoneWithin(leader, ownTime)) return 0;
  const told = Math.max(1, sessionMembers(leader).length);
  signalSession(leader, 'SIGTERM');
  signalSession(leader, 'SIGCONT');
  if (await isGoneWithin(leader, grace)) return told;
  signalSession(leader, 'SIGKILL');
  await isGoneWithin(leader, 1000);
  return told;
}

async function isGoneWithin(leader: number, milliseconds: number): Promise<boolean> {
  const end = performance.now() + milliseconds;
  for (let step = 2; ; step = Math.min(step * 2, 100)) {
    // A process that has ended, and whose parent never asks, stays in its group for ever: only the table tells.
    const isThere = process.platform === 'linux' ? sessionMembers(leader).length > 0 : signalGroup(leader, 0);
    if (!isThere) return true;
    if (performance.now() >= end) return false;
    await pause(step);
  }
}
