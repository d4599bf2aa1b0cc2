import { broken, field, holds, type Rule, unknown } from './rule.ts';

export const records: Rule = {
  id: 'records',
  promise: 'both records exist',
  check({ diff, from, toward, path, project }) {
    if (!diff) return unknown('the request cannot be read; see `schema`');
    if (!toward?.onBranch)
      return broken(`the targeted record ${diff.toward} is not on the branch`, field(path, 'toward'));
    if (!from)
      return broken(`the record ${diff.from} is neither on the branch nor in the request`, field(path, 'from'));
    if (diff.from === diff.toward) return broken(`${diff.from} cannot be compared with itself`, field(path, 'from'));
    const foreign = from.record.project !== project.name;
    return holds(
      foreign
        ? `both exist; ${diff.from} is a record of another project, ${JSON.stringify(from.record.project)}`
        : 'both exist',
    );
  },
};
