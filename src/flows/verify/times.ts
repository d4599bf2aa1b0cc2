import { diffPath, historyPath, projectPath, recordPath } from '../../domain/branch-layout.ts';
import type { BranchProblem } from '../verify-branch.ts';
import { type BranchContent, problem } from './branch-content.ts';

/** Clocks of two machines that are kept differ by less, in milliseconds. */
const tolerance = 10 * 60_000;

/**
 * Times that contradict each other, or the clock here. They are what each machine's clock said, and a clock may be off,
 * or be set back while a run goes on: a warning, since nothing that is right depends on them alone.
 */
export function verifyTimes({ records, requests, project, history }: BranchContent, now: Date): BranchProblem[] {
  const problems: BranchProblem[] = [];
  const latest = new Date(now.getTime() + tolerance).toISOString();
  const warn = (path: string, field: string, because: string) =>
    problems.push({ ...problem(path, 'times', because, field), severity: 'warning' });
  const check = (path: string, times: readonly (readonly [field: string, at: string | null])[]) => {
    for (const [field, at] of times) {
      if (at !== null && at > latest)
        warn(path, field, `${at} lies in the future by the clock here, ${now.toISOString()}`);
    }
  };
  const order = (path: string, field: string, at: string | null, after: string, before: string | null) => {
    if (at !== null && before !== null && at < before) warn(path, field, `${at} is before ${before}, ${after}`);
  };
  if (project) check(projectPath, [['created', project.created]]);
  for (const [index, { created }] of history?.entries() ?? []) check(historyPath, [[`[${index}].created`, created]]);
  for (const { id, created, updated, program } of records.values()) {
    const path = recordPath(id);
    order(path, 'updated', updated, 'when the record was created', created);
    order(path, 'program.finished', program.finished, 'when the program started', program.started);
    check(path, [
      ['created', created],
      ['updated', updated],
    ]);
  }
  for (const { id, created, answer } of requests) {
    const path = diffPath(id);
    // GitHub tells whole seconds.
    if (answer && answer.at.slice(0, 19) < created.slice(0, 19))
      order(path, 'answer.at', answer.at, 'when the request was created', created);
    check(path, [
      ['created', created],
      ['answer.at', answer?.at ?? null],
    ]);
  }
  return problems;
}
