import { parseBranchPath } from '../domain/branch-layout.ts';
import { Problem } from '../domain/problem.ts';
import { yamlLimit } from '../domain/yaml-reading.ts';
import type { CommitReader, Snapshot } from '../store/record-store.ts';

/**
 * A YAML file that anybody may have put there: null also where it is larger than any can be, which is never read (no
 * store could give 100 MB over a network, and the rule `layout` speaks of such files by their sizes).
 */
export async function readBounded(snapshot: Snapshot, path: string): Promise<Uint8Array | null> {
  const files = await snapshot.files(path.slice(0, path.lastIndexOf('/')));
  const size = files.find(file => file.path === path)?.size;
  return size === undefined || size > yamlLimit ? null : snapshot.read(path);
}

/** Paths of the diff requests that a commit adds or changes; none where it changes more than a store can list. */
export async function requestsIn(store: CommitReader, parent: string, commit: string): Promise<string[]> {
  try {
    const paths = (await store.differences(parent, commit)).map(({ path }) => path);
    return paths.filter(path => parseBranchPath(path)?.kind === 'diff');
  } catch (cause) {
    if (cause instanceof Problem && cause.code === 'UNSUPPORTED') return [];
    throw cause;
  }
}
