import { broken, field, holds, nothingToJudge, type Rule } from './rule.ts';

export const finished: Rule = {
  id: 'finished',
  promise: 'both runs finished and have outputs',
  check({ from, toward }) {
    if (!from || !toward) return nothingToJudge;
    for (const { record, path } of [from, toward]) {
      if (record.status !== 'finished') {
        return broken(
          `${record.id} cannot be compared: its run is ${record.status}, not finished`,
          field(path, 'status'),
        );
      }
      if (record.outputs.length === 0) {
        return broken(`${record.id} cannot be compared: it has no outputs`, field(path, 'outputs'));
      }
    }
    return holds('both finished, with outputs');
  },
};
