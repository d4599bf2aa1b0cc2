import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../../domain/problem.ts';
import { isRecordId } from '../../domain/record-id.ts';

/** Where runs that isolate themselves have their labelled working directories (the paper, p. 190), one a run. */
export function workFolder(commonGitFolder: string): string {
  return join(commonGitFolder, 'corroborate', 'work');
}

export interface WorkingDirectory {
  /** The run's id. */
  readonly id: string;
  readonly path: string;
  readonly bytes: number;
}

/** Every working directory that is there, oldest run first. What cannot be looked into counts for nothing. */
export async function listWorkingDirectories(folder: string): Promise<WorkingDirectory[]> {
  const ids = (await readdir(folder).catch(() => [])).filter(isRecordId).sort();
  const found: WorkingDirectory[] = [];
  for (const id of ids) {
    const path = join(folder, id);
    found.push({ id, path, bytes: await bytesBelow(path) });
  }
  return found;
}

async function bytesBelow(path: string): Promise<number> {
  const stats = await lstat(path).catch(() => null);
  if (!stats?.isDirectory()) return stats?.size ?? 0;
  let bytes = 0;
  for (const name of await readdir(path).catch(() => [])) bytes += await bytesBelow(join(path, name));
  return bytes;
}

/** @throws Problem READ_ONLY where something of it cannot be removed */
export async function removeWorkingDirectory({ path }: Pick<WorkingDirectory, 'path'>): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (cause) {
    throw new Problem('READ_ONLY', `${path} could not be removed: ${(cause as Error).message}.`, { cause });
  }
}
