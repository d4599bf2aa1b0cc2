import { assess, needsObservation } from '../table-1.ts';
import { broken, field, holds, nothingToJudge, type Rule } from './rule.ts';
import { cellOf } from './table-1.ts';

export const observation: Rule = {
  id: 'observation',
  promise: 'a visual comparison and a claim where Table 1 knows nothing say in words what was observed',
  check(facts) {
    const cell = cellOf(facts);
    if (!facts.diff || !cell) return nothingToJudge;
    const { method, observation: text } = facts.diff.diff;
    const needed = method === 'visual' || needsObservation(assess(cell));
    if (needed && (text ?? '').trim() === '') {
      const why = method === 'visual' ? 'a visual comparison' : 'a claim where Table 1 says unknown';
      return broken(`${why} needs an observation in words`, field(facts.path, 'diff.observation'));
    }
    return holds(needed ? 'it says what was observed' : 'none is needed');
  },
};
