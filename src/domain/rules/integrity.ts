import { inputPath, outputPath, parseBranchPath } from '../branch-layout.ts';
import type { RecordAtom, RecordedFile } from '../generated/shapes.ts';
import type { Place } from '../problem.ts';
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
    for (const facts of [from, toward]) {
      const [first] = corruptions(facts.record, facts.stored);
      if (first) return broken(`${first.path}: ${first.because}`, placeOf(first.path, facts));
    }
    return holds(`${from.stored.length + toward.stored.length} stored files are what their records say`);
  },
};

/** What the record says of the file: its own line can be shown, the file's bytes often cannot. */
function placeOf(path: string, { record, path: at, stored }: RecordFacts): Place {
  for (const [list, pathOf] of [
    ['inputs', inputPath],
    ['outputs', outputPath],
  ] as const) {
    const index = record[list].findIndex(file => file.stored && pathOf(record.id, file.path) === path);
    if (index < 0) continue;
    const isThere = stored.some(file => file.path === path);
    return { path: at, line: null, column: null, field: `${list}[${index}].${isThere ? 'sha256' : 'stored'}` };
  }
  return { path, line: null, column: null, field: null };
}
