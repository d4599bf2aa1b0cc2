import { createHash } from 'node:crypto';
import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { keepCachedText } from './cached-text.ts';
import { digestFile } from './digest.ts';

/** Smaller files are hashed sooner than looked up, in bytes. */
const smallest = 1024 * 1024;
/** A file changed so shortly before it was hashed, in milliseconds, may change again without its times telling. */
const settledAfter = 2_000;

/**
 * The sha256 of a large file that hardly ever changes, such as an interpreter. It is kept by what tells two states of the file
 * apart, as git's index does: place, size, and the times of its content and of its inode, which nobody sets back.
 * @param path absolute, no link
 * @param cache a folder that is the user's alone; null: nothing is kept
 * @param now milliseconds
 * @throws Problem as of `digestFile`
 */
export async function knownDigest(path: string, cache: string | null, now: () => number): Promise<string> {
  const state = stateOf(path);
  if (cache === null || state === null) return (await digestFile(path)).sha256;
  const file = join(cache, 'digests', createHash('sha256').update(path).digest('hex').slice(0, 32));
  try {
    const [told, sha256] = readFileSync(file, 'latin1').trimEnd().split('\n');
    if (told === state.mark && /^[0-9a-f]{64}$/.test(sha256 ?? '')) return sha256!;
  } catch {
    // Not known yet.
  }
  const { sha256, unsteady } = await digestFile(path);
  const settled = !unsteady && state.changed + settledAfter < now() && stateOf(path)?.mark === state.mark;
  if (settled) keepCachedText(file, `${state.mark}\n${sha256}\n`);
  return sha256;
}

/** Null for what is not looked up. */
function stateOf(path: string): { readonly mark: string; readonly changed: number } | null {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (!stats?.isFile() || stats.size < smallest) return null;
  const { dev, ino, size, mtimeNs, ctimeNs } = stats;
  return { mark: [dev, ino, size, mtimeNs, ctimeNs].join(' '), changed: Number(ctimeNs / 1_000_000n) };
}
