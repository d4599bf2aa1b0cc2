import { inputPath, outputPath, parseBranchPath } from '../branch-layout.ts';
import type { RecordAtom, RecordedFile } from '../generated/shapes.ts';
import { broken, holds, nothingToJudge, type RecordFacts, type Rule, type StoredFile } from './rule.ts';

export interface Corruption {
  readonly path: string;
  readonly because: string;
}

/**
 * What is wrong with the content beside a record: a stored file that is missing or has other bytes than its record
 * says, or one that the record does not name.
 */
export function corruptions(record: RecordAtom, stored: readonly StoredFile[]): Corruption[] {
  const due = new Map<string, RecordedFile>();
  for (const file of record.inputs) if (file.stored) due.set(inputPath(record.id, file.path), file);
  for (const file of record.outputs) if (file.stored) due.set(outputPath(record.id, file.path), file);
  const found: Corruption[] = [];
  for (const file of stored) {
    const kind = parseBranchPath(file.path)?.kind;
    if (kind !== 'input' && kind !== 'output') continue;
    const named = due.get(file.path);
    due.delete(file.path);
    if (!named) found.push({ path: file.path, because: 'the record names no such stored file' });
    else if (named.size !== file.size || named.sha256 !== file.sha256) {
      found.push({
        path: file.path,
        because: `it has ${file.size} bytes with sha256 ${file.sha256.slice(0, 12)}…, its record says ${named.size} with ${named.sha256.slice(0, 12)}…`,
      });
    }
  }
  for (const path of due.keys())
    found.push({ path, because: 'its record says that it is stored, but it is not there' });
  return found;
}

export const integrity: Rule = {
  id: 'integrity',
  promise:
    'every stored file has the sha256 and size that its record says, and none is there that the record does not name',
  check({ from, toward }) {
    if (!from || !toward) return nothingToJudge;
    const first = [from, toward].flatMap(({ record, stored }: RecordFacts) => corruptions(record, stored))[0];
    if (first) {
      return broken(`${first.path}: ${first.because}`, { path: first.path, line: null, column: null, field: null });
    }
    return holds(`${from.stored.length + toward.stored.length} stored files are what their records say`);
  },
};
