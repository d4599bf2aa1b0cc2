import { describeFaults } from '../documents.ts';
import { broken, holds, type Rule } from './rule.ts';

export const schema: Rule = {
  id: 'schema',
  promise: 'every YAML file of the request is strict and valid, and stands where its id says',
  check({ faults, diff }) {
    const first = faults[0];
    if (first) {
      const more = faults.length > 1 ? ` (and ${faults.length - 1} more faults)` : '';
      return broken(`${first.path}: ${describeFaults([first])}${more}`, first);
    }
    return diff
      ? holds('every file is strict YAML and valid')
      : broken('the request holds no diff request that could be read');
  },
};
