import { readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus, hostname, machine, release, totalmem, type } from 'node:os';
import type { RecordAtom } from '../domain/generated/shapes.ts';
import { outputOf } from './dependencies/output-of.ts';

export type System = RecordAtom['system'];

/**
 * The machine that a run stands on, for record.yml. What cannot be known is null. Starts no process on Linux.
 * @param environment of the simulation, for its time zone, locale and continuous-integration runner
 * @param osRelease where os-release(5) may lie, the first that is there counts
 */
export async function describeSystem(
  environment: Readonly<Record<string, string | undefined>>,
  osRelease: readonly string[] = ['/etc/os-release', '/usr/lib/os-release'],
): Promise<System> {
  return {
    os: type() === 'Linux' ? await prettyName(osRelease) : type() === 'Darwin' ? await macOS(environment) : type(),
    release: release() || null,
    architecture: machine() || null,
    cpu: cpus()[0]?.model.trim() || null,
    cores: availableParallelism(),
    memory_bytes: totalmem() || null,
    host: hostname() || null,
    runner: runner(environment),
    timezone: timezone(environment),
    locale: locale(environment),
  };
}

async function prettyName(places: readonly string[]): Promise<string | null> {
  for (const place of places) {
    const text = await readFile(place, 'utf8').catch(() => null);
    if (text === null) continue;
    const value = /^PRETTY_NAME=(.*)$/m.exec(text)?.[1]?.trim();
    // os-release(5): shell quoting, with backslash escapes in double quotes.
    const name = value?.replace(/^(["'])(.*)\1$/, '$2').replace(/\\(["'$`\\])/g, '$1');
    return name || null;
  }
  return null;
}

async function macOS(environment: Readonly<Record<string, string | undefined>>): Promise<string | null> {
  const version = (await outputOf('sw_vers', ['-productVersion'], { environment }))?.trim();
  return version ? `macOS ${version}` : null;
}

/** In GitHub Actions the runner's name and system, e.g. `GitHub Actions 2 (Linux)`. */
function runner(environment: Readonly<Record<string, string | undefined>>): string | null {
  const { RUNNER_NAME: name, RUNNER_OS: os } = environment;
  if (!name) return os || null;
  return os ? `${name} (${os})` : name;
}

/** The IANA name: of TZ where that is one, else the machine's. */
function timezone(environment: Readonly<Record<string, string | undefined>>): string | null {
  const asked = environment.TZ?.replace(/^:/, '');
  if (asked) {
    try {
      return zoneName(new Intl.DateTimeFormat('en', { timeZone: asked }).resolvedOptions().timeZone);
    } catch {
      // A POSIX rule such as `CET-1CEST`, or a file: it has no IANA name.
      return null;
    }
  }
  const zone = linkedZone() ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  return zone ? zoneName(zone) : null;
}

/** Universal time has many names, and whoever has no zone has it, too: all are `UTC`. */
export function zoneName(zone: string): string {
  return /^(?:Etc\/)?(?:UTC|UCT|Universal|Zulu)$/.test(zone) ? 'UTC' : zone;
}

/** As systemd and macOS name it; asked first, since loading the names of all zones takes 15 ms (localtime(5)). */
function linkedZone(): string | null {
  try {
    const zone = /\/zoneinfo\/(?:posix\/|right\/)?([A-Za-z0-9_+-]+(?:\/[A-Za-z0-9_+-]+)*)$/;
    return zone.exec(readlinkSync('/etc/localtime'))?.[1] ?? null;
  } catch {
    return null;
  }
}

/** What decides how numbers are written (setlocale(3)): LC_ALL, else LC_NUMERIC, else LANG; empty counts as unset. */
function locale(environment: Readonly<Record<string, string | undefined>>): string | null {
  return environment.LC_ALL || environment.LC_NUMERIC || environment.LANG || null;
}
