import { broken, field, holds, nothingToJudge, type Rule } from './rule.ts';

/** The paper: a record's container is one of the project's history at that time, built from the record's source. */
export const container: Rule = {
  id: 'container',
  promise:
    "both records' containers stand in the history or come with the request, have their record's source, and are not younger than their record",
  check({ from, toward, containers, brought }) {
    if (!from || !toward) return nothingToJudge;
    for (const { record, path } of [from, toward]) {
      // The history's own entry is the one that counts.
      const found = containers.get(record.image) ?? (brought?.id === record.image ? brought : undefined);
      if (!found)
        return broken(
          `the container ${record.image} of ${record.id} is neither in the history nor in the request`,
          field(path, 'image'),
        );
      if (found.version.source !== record.program.source) {
        return broken(
          `the container ${found.id} was made from the source ${found.version.source.slice(0, 10)}, but ${record.id} ran ${record.program.source.slice(0, 10)}`,
          field(path, 'image'),
        );
      }
      if (found.created > record.created) {
        return broken(`the container ${found.id} is younger than its record ${record.id}`, field(path, 'image'));
      }
    }
    return holds("both containers have their record's source");
  },
};
