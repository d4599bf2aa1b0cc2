import { recordFolder } from '../../domain/branch-layout.ts';
import { inPath } from '../../domain/pull-request/compare-link.ts';
import type { RepositoryName } from '../../store/github-store/github-calls.ts';

/** Where people see a record on GitHub, and what stands in it. */
export interface RecordLinks {
  /** The record's folder. */
  readonly folder: string;
  /** The page of a file beside the record, by its path on the branch. */
  page(path: string): string;
  /** Its bytes, for pictures. */
  raw(path: string): string;
}

export function recordLinks(server: string, { owner, name }: RepositoryName, branch: string, id: string): RecordLinks {
  const repository = `${server}/${inPath(owner)}/${inPath(name)}`;
  const at = inPath(branch);
  return {
    folder: `${repository}/tree/${at}/${recordFolder(id)}`,
    page: path => `${repository}/blob/${at}/${inPath(path)}`,
    raw: path => `${repository}/raw/${at}/${inPath(path)}`,
  };
}
