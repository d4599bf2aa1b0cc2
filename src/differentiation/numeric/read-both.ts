import { Problem } from '../../domain/problem.ts';
import type { Budget } from '../method.ts';
import type { NumericDocument, Words } from './numeric-document.ts';
import { type ReadFile, readFile } from './read-file.ts';
import { beyondBudget, unreadable } from './unreadable.ts';

/**
 * Reads both files, which must be of one kind. Throws a Problem UNREADABLE, UNSUPPORTED or NOT_FOUND whose message tells which
 * file it is and why.
 */
export async function readBoth(
  path: string,
  from: Uint8Array,
  toward: Uint8Array,
  words: Words,
  budget: Budget,
): Promise<{ from: NumericDocument; toward: NumericDocument }> {
  const first = await readSide('from', path, from, words, budget);
  const second = await readSide('toward', path, toward, words, budget);
  if (first.kind === second.kind) return { from: first.document, toward: second.document };
  // A table with a line that is none is still text.
  if (first.asText !== null && second.asText !== null) return { from: first.asText(), toward: second.asText() };
  throw unreadable(`from is ${first.kind}, toward is ${second.kind}`);
}

async function readSide(
  side: string,
  path: string,
  bytes: Uint8Array,
  words: Words,
  budget: Budget,
): Promise<ReadFile> {
  if (bytes.length > budget.bytes) {
    throw beyondBudget(`${side} has ${bytes.length} bytes; at most ${budget.bytes} are compared`);
  }
  try {
    return await readFile(path, bytes, words, budget);
  } catch (error) {
    if (error instanceof Problem) throw new Problem(error.code, `${side} ${error.message}`, { cause: error });
    // A reader met bytes that it did not expect. Whatever they are, the file could not be read.
    throw unreadable(`${side} could not be read: ${error instanceof Error ? error.message : String(error)}`, error);
  }
}
