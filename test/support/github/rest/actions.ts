import { ok } from '../http/answer.ts';
import { listed } from '../http/pagination.ts';
import { notFound } from '../http/refusal.ts';
import { onRepository, type Routes } from '../http/route-handler.ts';
import { needs } from '../permissions.ts';
import { workflowRunView } from '../views/workflow-run-view.ts';

const reads = needs('actions', 'read');

export const actionRoutes: Routes = {
  'GET /repos/{owner}/{repo}/actions/runs': onRepository(reads, call => {
    const { query, repository, github } = call;
    const [sha, branch, event] = ['head_sha', 'branch', 'event'].map(key => query.get(key));
    const runs = [...repository.workflowRuns.values()]
      .filter(run => sha === null || run.headSha === sha)
      .filter(run => branch === null || run.headBranch === branch)
      .filter(run => event === null || run.event === event);
    return listed(call, runs.reverse(), run => workflowRunView(github, run), 'workflow_runs');
  }),
  'GET /repos/{owner}/{repo}/actions/runs/{run_id}': onRepository(reads, async ({ github, repository, path }) => {
    const run = repository.workflowRuns.get(Number(path.run_id));
    if (run === undefined) throw notFound();
    return ok(await workflowRunView(github, run));
  }),
};
