import type { GitHub } from '../github.ts';
import type { CheckRun, CheckSuite } from '../state/check-run.ts';
import type { Repository } from '../state/repository.ts';
import { appView } from './app-view.ts';
import { simpleCommitView } from './commit-view.ts';
import { time } from './issue-view.ts';
import { nodeId } from './node-id.ts';
import { minimalPullView } from './pull-view.ts';
import { minimalRepositoryView, repositoryUrl } from './repository-view.ts';

/** Open pull requests of the same repository at that commit; GitHub lists none that come from a fork. */
function pullsAt(github: GitHub, repository: Repository, sha: string) {
  return repository
    .pulls()
    .filter(pull => pull.state === 'open' && pull.headSha === sha && pull.headRepository === repository)
    .map(pull => minimalPullView(github, pull));
}

/** `check-run` */
export function checkRunView(github: GitHub, run: CheckRun) {
  const { repository, app, headSha } = run.suite;
  const url = `${repositoryUrl(github, repository)}/check-runs/${run.id}`;
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId('CheckRun', run.id),
    head_sha: headSha,
    external_id: run.externalId,
    url,
    html_url: `${github.origin}/${repository.fullName}/runs/${run.id}`,
    details_url: run.detailsUrl ?? github.origin,
    status: run.status,
    conclusion: run.conclusion,
    started_at: time(run.startedAt),
    completed_at: time(run.completedAt),
    output: { ...run.output, annotations_count: run.annotations.length, annotations_url: `${url}/annotations` },
    check_suite: { id: run.suite.id },
    app: appView(github, app),
    pull_requests: pullsAt(github, repository, headSha),
  };
}

const runsOf = (suite: CheckSuite) => [...suite.repository.checkRuns.values()].filter(run => run.suite === suite);

function suiteState(suite: CheckSuite): { status: string; conclusion: string | null } {
  const runs = runsOf(suite);
  if (runs.length === 0) return { status: 'queued', conclusion: null };
  if (runs.some(run => run.status !== 'completed')) return { status: 'in_progress', conclusion: null };
  const order = ['failure', 'timed_out', 'cancelled', 'action_required', 'stale', 'neutral', 'success', 'skipped'];
  const worst = runs.map(run => order.indexOf(run.conclusion!)).sort((a, b) => a - b)[0]!;
  return { status: 'completed', conclusion: order[worst] ?? 'success' };
}

/** A check suite as a webhook holds it */
export function simpleSuiteView(github: GitHub, suite: CheckSuite) {
  const { repository } = suite;
  return {
    id: suite.id,
    node_id: nodeId('CheckSuite', suite.id),
    head_branch: suite.headBranch,
    head_sha: suite.headSha,
    ...suiteState(suite),
    url: `${repositoryUrl(github, repository)}/check-suites/${suite.id}`,
    before: null,
    after: suite.headSha,
    pull_requests: pullsAt(github, repository, suite.headSha),
    app: appView(github, suite.app),
    created_at: time(suite.createdAt)!,
    updated_at: time(suite.updatedAt)!,
  };
}

/** `check-suite` */
export async function suiteView(github: GitHub, suite: CheckSuite) {
  const simple = simpleSuiteView(github, suite);
  const commit = await simpleCommitView(github, suite.repository, suite.headSha);
  const { distinct: _, url: __, ...head } = commit;
  return {
    ...simple,
    repository: minimalRepositoryView(github, suite.repository),
    head_commit: head,
    latest_check_runs_count: runsOf(suite).length,
    check_runs_url: `${simple.url}/check-runs`,
    rerequestable: true,
    runs_rerequestable: true,
  };
}
