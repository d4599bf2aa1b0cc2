import { statSync } from 'node:fs';
import { posix } from 'node:path';
import { Problem } from '../../domain/problem.ts';
import { digestFile } from '../files/digest.ts';
import { zoneName } from '../system.ts';
import type { KeptPapers } from './image-papers.ts';
import { realPathInside } from './image-tree.ts';

/** The program that a command's first word means in a container. */
export interface InsideProgram {
  /** Every link followed, as far as that is known. */
  readonly path: string;
  /** Null where it is not known. */
  readonly sha256: string | null;
}

/** Where a shell looks when PATH is not set. */
const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Finds a program as it will be found in the container, without running anything.
 * @param mounted folders that stand in the container where they stand here
 * @param path the PATH in the container
 * @throws Problem COMMAND_NOT_FOUND (exit 127), COMMAND_NOT_EXECUTABLE (126), where that is certain
 */
export async function findProgramInside(
  papers: KeptPapers,
  word: string,
  { cwd, mounted, path = defaultPath }: { cwd: string; mounted: readonly string[]; path?: string | undefined },
): Promise<InsideProgram> {
  if (word.includes('/')) {
    const file = posix.resolve(cwd, word);
    if (mounted.some(folder => file.startsWith(`${folder}/`))) return mountedProgram(word, file);
    return imageProgram(papers, file) ?? { path: file, sha256: null };
  }
  const folders = path.split(':').filter(Boolean);
  for (const folder of folders) {
    const found = imageProgram(papers, posix.join(folder, word));
    if (found) return found;
  }
  // Of folders with other names the papers say nothing, nor do papers that could not be written.
  const isKnown = papers.unread === null && folders.every(folder => /^\/(?:.*\/)?s?bin\/?$/.test(folder));
  if (!isKnown) return { path: word, sha256: null };
  throw new Problem(
    'COMMAND_NOT_FOUND',
    `${JSON.stringify(word)} was not found on the PATH of the image (${path}): check the spelling, or see to it that the build installs it.`,
  );
}

function imageProgram(papers: KeptPapers, path: string): InsideProgram | null {
  const real = realPathInside(papers, path);
  const found = papers.programs[real];
  if (found) return found.executable ? { path: real, sha256: found.sha256 } : null;
  // A link out of the folders of programs, as Debian's alternatives have: it is there, and no more is known.
  return real !== path ? { path: real, sha256: null } : null;
}

async function mountedProgram(word: string, file: string): Promise<InsideProgram> {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat) {
    throw new Problem('COMMAND_NOT_FOUND', `${JSON.stringify(word)} cannot be run: it is not there.`);
  }
  if (!stat.isFile() || (stat.mode & 0o111) === 0) {
    const fault = stat.isFile() ? 'it may not be executed (chmod +x)' : 'it is no regular file';
    throw new Problem('COMMAND_NOT_EXECUTABLE', `${JSON.stringify(word)} cannot be run: ${fault}.`);
  }
  const digest = await digestFile(file, { keep: -1, follow: true }).catch(() => null);
  return { path: file, sha256: digest?.sha256 ?? null };
}

/** Variables of the probes on top of those of the image: lists are joined, the probe's own part first. */
export function joinVariables(
  image: Readonly<Record<string, string>>,
  probes: Readonly<Record<string, string>>,
): Record<string, string> {
  const joined = { ...probes };
  const own = image.PYTHONPATH;
  if (joined.PYTHONPATH && own && !joined.PYTHONPATH.endsWith(own)) joined.PYTHONPATH += `:${own}`;
  return joined;
}

/** The system as the container shows it: the image's time zone where the environment names none. */
export function systemInside<System extends { timezone: string | null }>(
  system: System,
  { localtime }: KeptPapers,
  environment: Readonly<Record<string, string | undefined>>,
): System {
  if (environment.TZ) return system;
  const zone = /\/zoneinfo\/(?:posix\/|right\/)?(.+)$/.exec(localtime ?? '')?.[1] ?? 'UTC';
  return { ...system, timezone: zoneName(zone) };
}
