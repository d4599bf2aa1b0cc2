import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import type { GitObject } from './object-reader.ts';
import type { Repository } from './repository.ts';

/** Bytes of an object's file, and of what it unpacks to: larger ones would keep everything else waiting. */
const largest = { packed: 1024 * 1024, unpacked: 16 * 1024 * 1024 };
/** In a store that git has packed nothing is loose: so many misses in a row, and no more is looked for. */
const mostMisses = 16;

/**
 * Objects and branches that are files of their own, as what was written last is: to read them takes no git, whose start
 * every run would wait for. What is not there, too large, or in any way odd is git's to answer.
 */
export function looseFiles({ gitDir, objectFormat }: Pick<Repository, 'gitDir' | 'objectFormat'>) {
  const idForm = objectFormat === 'sha1' ? /^[0-9a-f]{40}$/ : /^[0-9a-f]{64}$/;
  let misses = 0;

  /** The commit that a branch names. */
  function branchTip(ref: string): string | null {
    // Nothing that git takes for no name of a branch.
    if (!/^refs\/heads(?:\/[\w-][\w.-]*)+$/.test(ref) || /\.\.|\.lock(?:\/|$)/.test(ref)) return null;
    try {
      const id = readFileSync(join(gitDir, ref), 'latin1').trimEnd();
      return idForm.test(id) ? id : null;
    } catch {
      return null;
    }
  }

  function read(id: string): GitObject | null {
    const packed = readSmall(join(gitDir, 'objects', id.slice(0, 2), id.slice(2)));
    if (packed === null) return null;
    const whole = inflateSync(packed, { maxOutputLength: largest.unpacked });
    const end = whole.indexOf(0);
    const [, type, size] = /^(blob|tree|commit|tag) (\d+)$/.exec(whole.toString('latin1', 0, end)) ?? [];
    const bytes = whole.subarray(end + 1);
    if (type === undefined || Number(size) !== bytes.length) return null;
    return createHash(objectFormat).update(whole).digest('hex') === id ? { id, type, bytes } : null;
  }

  return {
    /** @param name an object's id, or `refs/heads/…` for the commit that it names */
    object(name: string): GitObject | null {
      const id = idForm.test(name) ? name : branchTip(name);
      if (id === null || misses >= mostMisses) return null;
      let found: GitObject | null = null;
      try {
        found = read(id);
      } catch {}
      misses = found === null ? misses + 1 : 0;
      return found;
    },
  };
}

/** Null where it is not there, or too large. */
function readSmall(path: string): Buffer | null {
  const file = openSync(path, 'r');
  try {
    return fstatSync(file).size > largest.packed ? null : readFileSync(file);
  } finally {
    closeSync(file);
  }
}
