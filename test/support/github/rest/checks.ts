import { suiteOf, tellSuite } from '../deeds/check-suites.ts';
import { doer } from '../deeds/doer.ts';
import { tellCheck, writeCheck } from '../deeds/write-checks.ts';
import { created, ok } from '../http/answer.ts';
import { listed } from '../http/pagination.ts';
import { notFound, Refusal, unprocessable } from '../http/refusal.ts';
import { onRepository, type RepositoryCall, type Routes } from '../http/route-handler.ts';
import { needs } from '../permissions.ts';
import type { CheckRun, CheckSuite } from '../state/check-run.ts';
import { checkRunView, suiteView } from '../views/check-view.ts';
import { resolveCommit } from './resolve-commit.ts';

const reads = needs('checks', 'read');
const writes = needs('checks', 'write', { asPerson: 'read', appOnly: true });

function runOf({ repository, path }: RepositoryCall): CheckRun {
  const run = repository.checkRuns.get(Number(path.check_run_id));
  if (run === undefined) throw notFound();
  return run;
}

function suiteNamed({ repository, path }: RepositoryCall): CheckSuite {
  const suite = repository.checkSuites.find(({ id }) => id === Number(path.check_suite_id));
  if (suite === undefined) throw notFound();
  return suite;
}

/** `latest` shows the newest run of each name in a suite. */
function filtered(call: RepositoryCall, runs: readonly CheckRun[]): CheckRun[] {
  const { query } = call;
  const [name, status, app, filter] = ['check_name', 'status', 'app_id', 'filter'].map(key => query.get(key));
  const newest = new Map<string, CheckRun>();
  for (const run of runs) newest.set(`${run.suite.id} ${run.name}`, run);
  return [...(filter === 'all' ? runs : newest.values())]
    .filter(run => name === null || run.name === name)
    .filter(run => status === null || run.status === status)
    .filter(run => app === null || run.suite.app.id === Number(app))
    .sort((a, b) => b.id - a.id);
}

export const checkRoutes: Routes = {
  'POST /repos/{owner}/{repo}/check-runs': onRepository(writes, async ({ github, repository, actor, body }) => {
    const { head_sha: sha } = body;
    if (!/^[0-9a-f]{40}$/.test(sha) || (await repository.git.commit(sha)) === undefined) {
      throw unprocessable(`No commit found for SHA: ${sha}`);
    }
    const by = doer(actor);
    const branch = [...repository.git.refs.list('refs/heads')].find(([, tip]) => tip === sha)?.[0] ?? null;
    const suite = suiteOf(github, repository, actor.app!, sha, branch?.slice('refs/heads/'.length) ?? null);
    const run: CheckRun = {
      id: github.nextId(),
      suite,
      name: body.name,
      status: 'queued',
      conclusion: null,
      startedAt: github.now(),
      completedAt: null,
      externalId: '',
      detailsUrl: null,
      output: { title: null, summary: null, text: null },
      annotations: [],
      actions: [],
    };
    repository.checkRuns.set(run.id, run);
    tellCheck(github, run, 'created', by);
    writeCheck(github, run, body, by);
    return created(checkRunView(github, run));
  }),
  'GET /repos/{owner}/{repo}/check-runs/{check_run_id}': onRepository(reads, call =>
    ok(checkRunView(call.github, runOf(call))),
  ),
  'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}': onRepository(writes, call => {
    const run = runOf(call);
    // An App changes its own runs only.
    if (run.suite.app !== call.actor.app) {
      throw new Refusal(
        403,
        `Invalid app_id \`${run.suite.app.id}\` - check run can only be modified by the GitHub App that created it.`,
      );
    }
    writeCheck(call.github, run, call.body, doer(call.actor));
    return ok(checkRunView(call.github, run));
  }),
  'GET /repos/{owner}/{repo}/check-runs/{check_run_id}/annotations': onRepository(reads, call => {
    const { annotations, suite } = runOf(call);
    const blob = `${call.github.origin}/${call.repository.fullName}/blob/${suite.headSha}`;
    return listed(call, annotations, annotation => ({
      start_column: null,
      end_column: null,
      title: null,
      raw_details: null,
      ...annotation,
      blob_href: `${blob}/${annotation.path}`,
    }));
  }),
  'POST /repos/{owner}/{repo}/check-runs/{check_run_id}/rerequest': onRepository(writes, call => {
    tellCheck(call.github, runOf(call), 'rerequested', doer(call.actor));
    return created({});
  }),
  'GET /repos/{owner}/{repo}/commits/{ref}/check-runs': onRepository(reads, async call => {
    const sha = await resolveCommit(call.repository, call.path.ref!, 422);
    const runs = [...call.repository.checkRuns.values()].filter(({ suite }) => suite.headSha === sha);
    return listed(call, filtered(call, runs), run => checkRunView(call.github, run), 'check_runs');
  }),
  'GET /repos/{owner}/{repo}/check-suites/{check_suite_id}/check-runs': onRepository(reads, call => {
    const suite = suiteNamed(call);
    const runs = [...call.repository.checkRuns.values()].filter(run => run.suite === suite);
    return listed(call, filtered(call, runs), run => checkRunView(call.github, run), 'check_runs');
  }),
  'GET /repos/{owner}/{repo}/commits/{ref}/check-suites': onRepository(reads, async call => {
    const { repository, query } = call;
    const sha = await resolveCommit(repository, call.path.ref!, 422);
    const app = query.get('app_id');
    const suites = repository.checkSuites.filter(
      suite => suite.headSha === sha && (app === null || suite.app.id === Number(app)),
    );
    return listed(call, suites, suite => suiteView(call.github, suite), 'check_suites');
  }),
  'GET /repos/{owner}/{repo}/check-suites/{check_suite_id}': onRepository(reads, async call =>
    ok(await suiteView(call.github, suiteNamed(call))),
  ),
  'POST /repos/{owner}/{repo}/check-suites/{check_suite_id}/rerequest': onRepository(writes, async call => {
    await tellSuite(call.github, suiteNamed(call), 'rerequested', doer(call.actor));
    return created({});
  }),
};
