import type { GitHub } from '../github.ts';
import type { WorkflowRun } from '../state/workflow-run.ts';
import { accountView } from './account-view.ts';
import { simpleCommitView } from './commit-view.ts';
import { time } from './issue-view.ts';
import { nodeId } from './node-id.ts';
import { minimalRepositoryView, repositoryUrl } from './repository-view.ts';

/** `workflow-run` */
export async function workflowRunView(github: GitHub, run: WorkflowRun) {
  const repository = repositoryUrl(github, run.repository);
  const url = `${repository}/actions/runs/${run.id}`;
  const head = await simpleCommitView(github, run.headRepository, run.headSha);
  const { distinct: _, url: __, ...commit } = head;
  return {
    id: run.id,
    name: run.path,
    node_id: nodeId('WorkflowRun', run.id),
    head_branch: run.headBranch,
    head_sha: run.headSha,
    path: run.path,
    display_title: commit.message.split('\n')[0]!,
    run_number: run.number,
    run_attempt: 1,
    event: run.event,
    status: run.status,
    conclusion: run.conclusion,
    workflow_id: 1,
    check_suite_id: run.id,
    check_suite_node_id: nodeId('CheckSuite', run.id),
    url,
    html_url: `${github.origin}/${run.repository.fullName}/actions/runs/${run.id}`,
    pull_requests: [],
    created_at: time(run.createdAt)!,
    updated_at: time(run.createdAt)!,
    run_started_at: time(run.createdAt)!,
    actor: accountView(github, run.actor),
    triggering_actor: accountView(github, run.triggeringActor),
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${repository}/check-suites/${run.id}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: null,
    workflow_url: `${repository}/actions/workflows/1`,
    head_commit: commit,
    repository: minimalRepositoryView(github, run.repository),
    head_repository: minimalRepositoryView(github, run.headRepository),
  };
}
