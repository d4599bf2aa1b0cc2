import { attested, broken, field, holds, nothingToJudge, type Rule } from './rule.ts';

export const method: Rule = {
  id: 'method',
  promise: 'the method is known and allowed, its options are valid, and the results are those computed again',
  check({ diff, path, methodRefusal, recomputation, from, toward }) {
    if (!diff || !from || !toward) return nothingToJudge;
    if (methodRefusal !== null) return broken(methodRefusal, field(path, 'diff'));
    if (diff.diff.method === 'visual') return attested("what was seen is the requester's word");
    switch (recomputation.is) {
      case 'equal':
        return holds('the results were computed again and are equal');
      case 'different':
        return broken(`computed again, the results are others: ${recomputation.because}`, field(path, 'diff.results'));
      case 'impossible':
        return attested(`the results are the requester's word: ${recomputation.because}`);
    }
  },
};
