import { yamlLimit } from '../domain/yaml-reading.ts';
import type { Snapshot } from '../store/record-store.ts';

/**
 * A YAML file that anybody may have put there: null also where it is larger than any can be, which is never read (no
 * store could give 100 MB over a network, and the rule `layout` speaks of such files by their sizes).
 */
export async function readBounded(snapshot: Snapshot, path: string): Promise<Uint8Array | null> {
  const files = await snapshot.files(path.slice(0, path.lastIndexOf('/')));
  const size = files.find(file => file.path === path)?.size;
  return size === undefined || size > yamlLimit ? null : snapshot.read(path);
}
