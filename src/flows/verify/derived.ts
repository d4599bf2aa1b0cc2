import { assessProject } from '../../domain/assessment.ts';
import { countedRequests } from '../../domain/diff-request.ts';
import type { Snapshot } from '../../store/record-store.ts';
import { derivedFiles } from '../branch-documents.ts';
import type { BranchProblem } from '../verify-branch.ts';
import { type BranchContent, problem } from './branch-content.ts';

/** assessment.yml and README.md are those that the project and its agreed requests give. */
export async function verifyDerived(
  tip: Snapshot,
  { project, requests, records }: BranchContent,
): Promise<BranchProblem[]> {
  if (!project) return [];
  const agreed = countedRequests(requests).map(diff => ({
    diff,
    from: records.get(diff.from) ?? null,
    toward: records.get(diff.toward) ?? null,
  }));
  const problems: BranchProblem[] = [];
  for (const [path, due] of derivedFiles(project, assessProject(agreed, project))) {
    const bytes = await tip.read(path);
    if (bytes && Buffer.compare(bytes, due) !== 0) {
      problems.push(
        problem(
          path,
          'derived',
          'it is not what the project and its agreed requests give; `corroborate pull` or the next agreement writes it anew',
        ),
      );
    }
  }
  return problems;
}
