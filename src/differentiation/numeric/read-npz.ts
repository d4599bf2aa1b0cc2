import { Problem } from '../../domain/problem.ts';
import type { Block, NumericDocument, Words } from './numeric-document.ts';
import { isNpy, npyBlocks } from './read-npy.ts';
import { unreadable } from './unreadable.ts';
import { inflateEntry, zipEntries } from './zip-entries.ts';

/** NumPy's .npz: a zip archive of .npy files, one block (or one a field) each. Throws UNREADABLE. */
export function readNpz(bytes: Uint8Array, words: Words, limit: number): NumericDocument {
  const blocks: Block[] = [];
  for (const entry of zipEntries(bytes, limit)) {
    const name = entry.name.replace(/\.npy$/, '');
    const content = name === entry.name ? null : inflateEntry(bytes, entry);
    if (content === null || !isNpy(content)) {
      throw unreadable(`is a zip archive with ${entry.name}, which is no NumPy array`);
    }
    try {
      blocks.push(...npyBlocks(name, content, words));
    } catch (error) {
      if (error instanceof Problem) throw unreadable(`has an array ${name} that ${error.message}`, error);
      throw error;
    }
  }
  return { blocks };
}
