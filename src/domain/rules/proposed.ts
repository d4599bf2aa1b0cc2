import { broken, field, holds, nothingToJudge, type Rule } from './rule.ts';

/** Status is never taken from the request: a claim cannot bring its own answer. */
export const proposed: Rule = {
  id: 'proposed',
  promise: 'its status is proposed and it has no answer yet',
  check({ diff, path }) {
    if (!diff) return nothingToJudge;
    if (diff.status !== 'proposed') return broken(`its status is ${diff.status} already`, field(path, 'status'));
    if (diff.answer !== null) return broken('it brings an answer of its own', field(path, 'answer'));
    return holds('it waits for its answer');
  },
};
