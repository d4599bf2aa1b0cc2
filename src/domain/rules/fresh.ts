import { methodLabel } from '../assessment.ts';
import { broken, holds, nothingToJudge, type Rule } from './rule.ts';

export const fresh: Rule = {
  id: 'fresh',
  promise: 'the pair, in either direction, is not settled with this method already',
  check({ diff, settled }) {
    if (!diff) return nothingToJudge;
    const before = settled[0];
    if (before) {
      return broken(
        `the pair was ${before.status} with the method ${methodLabel(before.diff)} already, by the request ${before.id}`,
      );
    }
    return holds('the pair is not settled with this method');
  },
};
