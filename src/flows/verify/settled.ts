import { diffPath } from '../../domain/branch-layout.ts';
import type { Configuration } from '../../domain/generated/shapes.ts';
import { judge, rulesOfSettled } from '../../domain/rules/rules.ts';
import { isGitHubUser, isSameUser, spokesperson, userName } from '../../domain/user.ts';
import type { RecordStore, Snapshot } from '../../store/record-store.ts';
import { gatherSettled } from '../gather-facts.ts';
import type { BranchProblem, Progress } from '../verify-branch.ts';
import { type BranchContent, problem } from './branch-content.ts';
import { verifySettledTwice } from './settled-twice.ts';

/** Settled requests hold the rules, their results recompute, and the right person answered. */
export async function verifySettled(
  store: RecordStore,
  tip: Snapshot,
  { requests, records, project, history, deniedOnly }: BranchContent,
  configuration: Configuration,
  progress: Progress,
): Promise<BranchProblem[]> {
  const problems: BranchProblem[] = [];
  if (!project || !history) return problems;
  const { others, found } = await verifySettledTwice(store, tip, requests);
  problems.push(...found);
  let done = 0;
  for (const diff of requests) {
    const path = diffPath(diff.id);
    progress('checking requests', ++done, requests.length);
    const toward = records.get(diff.toward);
    if (diff.answer && toward) {
      const owner = spokesperson(toward.owner, project.owner);
      if (!isSameUser(diff.answer.by, owner)) {
        const belongs = `${userName(diff.answer.by)} answered, but the targeted record belongs to ${userName(owner)}`;
        // Nobody but GitHub can tell whether an account is gone: then the project's owner answers for it.
        const stoodIn = isGitHubUser(owner) && isSameUser(diff.answer.by, project.owner);
        problems.push(
          stoodIn
            ? {
                ...problem(path, 'answer', `${belongs}; right only if that account is gone`, 'answer.by'),
                severity: 'warning',
              }
            : problem(path, 'answer', belongs, 'answer.by'),
        );
      }
    }
    // Without contents nothing but the record's own words is left to judge.
    if (!records.has(diff.from) || !toward || deniedOnly.has(diff.from)) continue;
    // The methods that the project allows today say nothing of what it allowed when the request was settled.
    const settled: Configuration = { ...configuration, compare: { methods: ['default', 'visual', 'custom'] } };
    const { findings } = judge(await gatherSettled(tip, { project, history, requests }, diff, settled), rulesOfSettled);
    for (const finding of findings) {
      // One that was merged by hand counts for nothing, so that it settles no pair a second time.
      if (finding.rule === 'fresh' && (others.has(diff.id) || diff.status === 'proposed')) continue;
      if (finding.is === 'broken' || finding.is === 'unknown') {
        problems.push({
          ...(finding.at ?? problem(path, '', '')),
          rule: finding.rule,
          because: finding.because,
          severity: 'error',
        });
      }
    }
  }
  return problems;
}
