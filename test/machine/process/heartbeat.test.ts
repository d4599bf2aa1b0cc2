import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import {
  beginHeartbeat,
  type FoundHeartbeat,
  type Heartbeat,
  heartbeatFolder,
  isAlive,
  isSimulationRunning,
  listHeartbeats,
  removeHeartbeat,
} from '../../../src/machine/process/heartbeat.ts';
import { processStart } from '../../../src/machine/process/process-table.ts';
import { thisHost } from '../../../src/machine/process/this-host.ts';
import { emptyFolder, record, runs, until } from './recording.ts';

const host = await thisHost();
const start = await processStart(process.pid);
const now = new Date('2026-11-22T10:00:00Z');
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
const heartbeat: Heartbeat = {
  id: '20261122T092530Z-7f3a9c04e1',
  host,
  recorder: { pid: process.pid, start },
  simulation: null,
  container: null,
  top: '/home/ada/demo',
  cwd: '/home/ada/demo/sub',
  started: '2026-11-22T09:25:30.412Z',
  outputs: ['Data/**'],
  paused: false,
};
const found = (change: Partial<FoundHeartbeat> = {}): FoundHeartbeat => ({ ...heartbeat, beat: now, ...change });
const elsewhere = { ...host, name: 'another' };

afterEach(() => void vi.useRealTimers());

test('is there while a run goes on, whole, and gone at its end', async () => {
  const folder = heartbeatFolder(emptyFolder());
  expect(await listHeartbeats(folder)).toEqual({ heartbeats: [], damaged: [] });
  const beating = await beginHeartbeat(folder, heartbeat, () => now);
  await beating.update({ simulation: { pid: 4711, start: '99' }, paused: true });
  const { heartbeats } = await listHeartbeats(folder);
  expect(heartbeats).toMatchObject([{ ...heartbeat, simulation: { pid: 4711, start: '99' }, paused: true }]);
  await Promise.all([beating.update({ paused: false }), beating.end(), beating.update({ paused: true })]);
  expect(readdirSync(folder)).toEqual([]);
});

test('beats every minute, and comes back when it was taken away', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const folder = heartbeatFolder(emptyFolder());
  const path = join(folder, `${heartbeat.id}.json`);
  const beating = await beginHeartbeat(folder, heartbeat, () => now);
  utimesSync(path, minutesAgo(9), minutesAgo(9));
  vi.advanceTimersByTime(60_000);
  await until(() => statSync(path).mtimeMs === now.getTime());
  await removeHeartbeat(folder, heartbeat.id);
  vi.advanceTimersByTime(60_000);
  await until(() => readdirSync(folder).length === 1);
  await beating.end();
});

test('what is damaged is shown and not skipped', async () => {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'a.json'), '{"id":');
  writeFileSync(join(folder, 'b.json'), JSON.stringify(heartbeat));
  writeFileSync(
    join(folder, `${heartbeat.id}.json`),
    JSON.stringify({ ...heartbeat, recorder: { pid: -1, start: null } }),
  );
  const { heartbeats, damaged } = await listHeartbeats(folder);
  expect(heartbeats).toEqual([]);
  expect(damaged.map(({ because }) => because)).toEqual([
    expect.stringContaining('recorder'),
    expect.stringMatching(/JSON/),
    expect.stringContaining('another run'),
  ]);
});

test('on this host the process itself decides, and a pid that was given again deceives nobody', async () => {
  expect(await isAlive(found({ beat: minutesAgo(60) }), now, host)).toBe(true);
  expect(await isAlive(found({ recorder: { pid: process.pid, start: '1' } }), now, host)).toBe(false);
  const child = spawn('true');
  await once(child, 'exit');
  expect(await isAlive(found({ recorder: { pid: child.pid!, start: '1' } }), now, host)).toBe(false);
  expect(await isAlive(found({ host: { ...host, boot: 'before' } }), now, host)).toBe(false);
});

test('elsewhere 5 minutes of silence are death, except in a pause', async () => {
  for (const that of [elsewhere, { ...host, pidNamespace: 'pid:[1]' }]) {
    expect(await isAlive(found({ host: that, beat: minutesAgo(4.9) }), now, host)).toBe(true);
    expect(await isAlive(found({ host: that, beat: minutesAgo(5.1) }), now, host)).toBe(false);
    expect(await isAlive(found({ host: that, beat: minutesAgo(60), paused: true }), now, host)).toBe(true);
    expect(await isSimulationRunning(found({ host: that }), host)).toBeNull();
  }
});

test('kill -9 of the recorder: it is dead at once, and its simulation is seen to run on', async () => {
  const run = record(['sleep', '1000']);
  const pid: number = await run.seen('pid');
  const recorder: number = await run.seen('recorder');
  const simulation = { pid, start: (await run.seen('processStart')) as string };
  const beat = found({ recorder: { pid: recorder, start: await processStart(recorder) }, simulation });
  expect(await isAlive(beat, now, host)).toBe(true);
  run.child.kill('SIGKILL');
  await once(run.child, 'exit');
  expect(await isAlive(beat, now, host)).toBe(false);
  expect(await isSimulationRunning(beat, host)).toBe(true);
  process.kill(pid, 'SIGKILL');
  await until(() => !runs(pid));
  // Where nobody waits for orphans, a dead one stays in the table; it does not run.
  expect(await isSimulationRunning(beat, host)).toBe(false);
});
