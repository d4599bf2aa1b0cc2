import { closeSync, constants, fstatSync, openSync, type Stats, statSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * When a run began, told by the clocks of the file systems that it may write to. A file's ctime is set by the file
 * system at each write and cannot be set by a program, so a file whose ctime is not before this mark was written (or
 * renamed, linked, its mode changed) since: also by `cp -p`, `rsync -t`, `touch -d` or an atomic rename, and with no
 * snapshot taken before. Plain data, so that it can be kept for `recover`.
 */
export interface StartMark {
  readonly clocks: readonly ClockMark[];
  /** What is uncertain about it, in words for the record. */
  readonly notes: readonly string[];
}

/** All times in milliseconds since 1970, by that file system's clock. */
export interface ClockMark {
  /** Folder whose file system it is. */
  readonly folder: string;
  readonly devices: readonly number[];
  /** What was written before the clock was first asked has no later ctime than this. */
  readonly before: number;
  /** What was written after the mark has no earlier ctime than this; the same as `before` where the clock did not tick. */
  readonly after: number;
  /** This process's monotonic clock at the mark; null where only the machine's own clock could be asked. */
  readonly monotonic: number | null;
}

/** The longest that one clock is waited for: FAT counts in steps of 2 s. */
const longestTick = 2500;
/** Linux: an unnamed file, which leaves no trace in the folder, not even its time. */
const temporaryFile = process.platform === 'linux' ? 0o20000000 | constants.O_DIRECTORY : null;

/** Clocks that were asked a first time; `close` them where no mark is taken. */
export interface EarlyClocks {
  readonly markers: ReadonlyMap<number, { readonly marker: Marker; readonly before: number }>;
  close(): void;
}

/**
 * Asks the clocks once, while a run is got ready, so that they have moved on by the time it starts and `markStart` need not
 * wait for that. Nothing of Corroborate's own may be written into the working tree after it.
 */
export function askClocks(places: readonly string[]): EarlyClocks {
  const markers = new Map<number, { readonly marker: Marker; readonly before: number }>();
  for (const folder of places) {
    const device = deviceOf(folder);
    const marker = device === null || markers.has(device) ? null : openMarker(folder);
    const before = marker === null ? null : stampOf(marker);
    if (marker !== null && before !== null) markers.set(device!, { marker, before });
    else marker?.close();
  }
  return {
    markers,
    close() {
      for (const { marker } of markers.values()) marker.close();
      markers.clear();
    },
  };
}

/**
 * Call right before the run starts, once nothing of Corroborate's own is left to write into the working tree. Takes a
 * few milliseconds, where the clocks were not asked before; up to 2.5 s where a file system's clock is that coarse.
 * @param places absolute folders, the working tree's top first: it, the git folder (where a marker may stand when the
 *   top takes none), and folders of declared outputs, which may be other file systems. Those that are not there are left out.
 * @param early of the same places; it is closed
 */
export async function markStart(places: readonly string[], early = askClocks([])): Promise<StartMark> {
  try {
    return await mark(places, early);
  } finally {
    early.close();
  }
}

async function mark(places: readonly string[], early: EarlyClocks): Promise<StartMark> {
  const clocks: ClockMark[] = [];
  const notes: string[] = [];
  const seen = new Set<number>();
  for (const folder of places) {
    const device = deviceOf(folder);
    if (device === null || seen.has(device)) continue;
    const asked = early.markers.get(device);
    const marker = asked?.marker ?? openMarker(folder);
    if (marker === null) continue;
    try {
      const before = asked?.before ?? marker.stamp();
      let after = asked ? marker.stamp() : before;
      for (const begun = performance.now(); after <= before && performance.now() - begun < longestTick; ) {
        await sleep(1);
        after = marker.stamp();
      }
      if (after <= before) {
        after = before;
        notes.push(
          `the clock of the file system of ${folder} did not move within ${longestTick / 1000} s: files written just before the run may be listed as its outputs`,
        );
      }
      const devices = [...new Set([device, marker.device])];
      for (const one of devices) seen.add(one);
      clocks.push({ folder, devices, before, after, monotonic: performance.now() });
    } finally {
      if (!asked) marker.close();
    }
  }
  if (clocks.length === 0) {
    // Nothing can be written where the run works, so its file system's clock cannot be asked. Linux stamps a file with
    // the last tick of the machine's clock, at most 10 ms old.
    const after = Date.now() - 20;
    clocks.push({ folder: places[0] ?? '/', devices: [], before: after, after, monotonic: null });
    notes.push(
      'no marker could be written into the working tree, so what the run wrote was told by the clock of this machine',
    );
  }
  return { clocks, notes };
}

/**
 * Call after the run, in the process that took the mark (`recover` uses the mark as it stands): asks the clocks again, and where one was set back meanwhile moves its mark back as far, so that no
 * output is lost; what that makes uncertain is noted.
 */
export function settleMark(mark: StartMark): StartMark {
  const notes = [...mark.notes];
  const clocks = mark.clocks.map(clock => {
    if (clock.monotonic === null) return clock;
    const marker = openMarker(clock.folder);
    if (marker === null) return clock;
    try {
      const now = stampOf(marker);
      // The disk is full: how its clock stands cannot be told, and what is to be settled is more than that.
      if (now === null) return clock;
      const back = clock.after + (performance.now() - clock.monotonic) - now;
      // Less than this is coarseness (FAT: 2 s) or a clock being slewed.
      const isCoarse = clock.after === clock.before || (clock.after % 1000 === 0 && clock.before % 1000 === 0);
      const slack = isCoarse ? longestTick : 100;
      if (!(back > slack)) return clock;
      notes.push(
        `the clock of the file system of ${clock.folder} was set back by ${(back / 1000).toFixed(1)} s while the run went on: files written up to that long before it may be listed as its outputs`,
      );
      // How far it was set back is known no better than the clock counts.
      return { ...clock, before: clock.before - back - slack, after: clock.after - back - slack };
    } finally {
      marker.close();
    }
  });
  return { clocks, notes };
}

/** Whether a file's inode changed since the mark; `known` is false where its file system's clock was never asked. */
export function changedSince(mark: StartMark, stats: Stats): { changed: boolean; rewritten: boolean; known: boolean } {
  const own = mark.clocks.find(clock => clock.devices.includes(stats.dev));
  const clock = own ?? mark.clocks[0]!;
  return {
    changed: stats.ctimeMs >= clock.after,
    rewritten: stats.mtimeMs >= clock.after,
    known: own !== undefined || clock.monotonic === null,
  };
}

interface Marker {
  readonly device: number;
  /** Writes to the marker and answers its ctime. */
  stamp(): number;
  close(): void;
}

function stampOf(marker: Marker): number | null {
  try {
    return marker.stamp();
  } catch {
    return null;
  }
}

function openMarker(folder: string): Marker | null {
  const unnamed = temporaryFile === null ? null : open(folder, temporaryFile | constants.O_RDWR);
  if (unnamed !== null) return markerOf(unnamed, () => {});
  const name = join(folder, `.corroborate-clock-${process.pid}-${performance.now().toString(36).replace('.', '')}`);
  const named = open(name, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL);
  if (named === null) return null;
  // Unnamed from here on too: nothing stays behind, however this process ends.
  return markerOf(named, () => unlinkSync(name));
}

function markerOf(descriptor: number, before: () => void): Marker {
  before();
  return {
    device: fstatSync(descriptor).dev,
    stamp: () => {
      writeSync(descriptor, '.', 0);
      return fstatSync(descriptor).ctimeMs;
    },
    close: () => closeSync(descriptor),
  };
}

function open(path: string, flags: number): number | null {
  try {
    return openSync(path, flags, 0o600);
  } catch {
    return null;
  }
}

function deviceOf(folder: string): number | null {
  try {
    const stats = statSync(folder);
    return stats.isDirectory() ? stats.dev : null;
  } catch {
    return null;
  }
}
