import type { Configuration } from '../domain/generated/shapes.ts';
import type { Place } from '../domain/problem.ts';
import type { RecordStore } from '../store/record-store.ts';
import { requireAnyTip } from './branch-documents.ts';
import { readBranch } from './verify/branch-content.ts';
import { verifyContent } from './verify/content.ts';
import { verifyDerived } from './verify/derived.ts';
import { verifyGrowth } from './verify/growth.ts';
import { verifyReferences } from './verify/references.ts';
import { verifySettled } from './verify/settled.ts';
import { verifyTimes } from './verify/times.ts';

/** One broken invariant of the branch, or one warning. */
export interface BranchProblem extends Place {
  /** Which invariant: a rule of section 6, or `growth`, `names`, `times`, `derived`, `answer`. */
  readonly rule: string;
  readonly because: string;
  readonly severity: 'error' | 'warning';
}

/** `verify --json` (design, section 8). */
export interface Verification {
  readonly verdict: 'holds' | 'broken';
  readonly records: number;
  readonly problems: readonly BranchProblem[];
}

export type Progress = (what: string, done: number, of: number | null) => void;

/**
 * Checks every invariant of the branch: strict valid YAML in its place; stored files as their records say, nothing
 * more and nothing less; every container and record that is named exists; the history only ever grew and nothing final
 * was changed (every commit is walked); settled requests hold the rules and were answered by the right person; results
 * recompute; the two derived files are those that the branch gives. Warns of names that collide elsewhere, pairs that two
 * clones settled, and times that cannot be. Changes nothing.
 * @param now by the clock here, for times that lie in the future
 */
export async function verifyBranch(
  store: RecordStore,
  configuration: Configuration,
  now: Date,
  progress: Progress = () => {},
): Promise<Verification> {
  const tip = await requireAnyTip(store);
  const branch = await readBranch(tip, progress);
  const problems: BranchProblem[] = [
    ...branch.problems,
    ...(await verifyContent(tip, branch, progress)),
    ...verifyReferences(branch),
    ...verifyTimes(branch, now),
    ...(await verifyGrowth(store, tip, progress)),
    ...(await verifySettled(store, tip, branch, configuration, progress)),
    ...(await verifyDerived(tip, branch)),
  ];
  const verdict = problems.some(problem => problem.severity === 'error') ? 'broken' : 'holds';
  return { verdict, records: branch.recordPaths.length, problems };
}
