import type { DiffRequest, RecordAtom } from '../generated/shapes.ts';
import { attested, broken, field, holds, nothingToJudge, type Rule, unknown } from './rule.ts';

export const method: Rule = {
  id: 'method',
  promise: 'the method is known and allowed, its options are valid, and the results are those computed again',
  check({ diff, path, methodRefusal, recomputation, from, toward }) {
    if (!diff || !from || !toward) return nothingToJudge;
    if (methodRefusal !== null) return broken(methodRefusal, field(path, 'diff'));
    const { method: word, results } = diff.diff;
    const contradiction = contradictionOf(results, from.record, toward.record);
    if (contradiction !== null) return broken(contradiction, field(path, 'diff.results'));
    if (word === 'visual') return attested("what was seen is the requester's word");
    switch (recomputation.is) {
      case 'equal':
        return holds('the results were computed again and are equal');
      case 'different':
        return broken(`computed again, the results are others: ${recomputation.because}`, field(path, 'diff.results'));
      case 'unable':
        return unknown(`the results could not be computed again here: ${recomputation.because}`);
      case 'impossible':
        return results.every(result => result.identical)
          ? holds('all outputs are byte-equal')
          : attested(`the results are the requester's word: ${recomputation.because}`);
    }
  },
};

/**
 * What no method and nobody's word can change: there is one result for each path of either side, files of equal digest
 * are the same, and a file on one side only is different (design, section 4).
 */
function contradictionOf(results: DiffRequest['diff']['results'], from: RecordAtom, toward: RecordAtom): string | null {
  const mine = new Map(from.outputs.map(file => [file.path, file.sha256]));
  const theirs = new Map(toward.outputs.map(file => [file.path, file.sha256]));
  const left = new Set([...mine.keys(), ...theirs.keys()]);
  for (const { path, same, identical } of results) {
    const [one, other] = [mine.get(path), theirs.get(path)];
    if (one === undefined && other === undefined) return `the results speak of ${path}, an output of neither record`;
    if (!left.delete(path)) return `the results speak of ${path} twice`;
    if (identical !== (one === other))
      return `the results say identical: ${identical} of ${path}, the digests say ${one === other}`;
    if (identical && !same) return `${path} is byte-equal, which no method can call different`;
    if (same && (one === undefined || other === undefined))
      return `${path} is an output of one record only, so it cannot be the same`;
  }
  const [missing] = left;
  return missing === undefined ? null : `the results leave out ${missing}`;
}
