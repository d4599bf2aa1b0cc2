import type { GitHub } from '../github.ts';
import type { App } from '../state/app.ts';
import type { CheckSuite } from '../state/check-run.ts';
import type { Repository } from '../state/repository.ts';
import { simpleSuiteView } from '../views/check-view.ts';
import { simpleCommitView } from '../views/commit-view.ts';
import type { Doer } from './doer.ts';

/** The App's suite at a commit; made when it is needed. A push tells the App of it, a first check run does not. */
export function suiteOf(
  github: GitHub,
  repository: Repository,
  app: App,
  headSha: string,
  headBranch: string | null,
): CheckSuite {
  const known = repository.checkSuites.find(suite => suite.app === app && suite.headSha === headSha);
  if (known !== undefined) return known;
  const at = github.now();
  const suite = { id: github.nextId(), repository, app, headSha, headBranch, createdAt: at, updatedAt: at };
  repository.checkSuites.push(suite);
  return suite;
}

export async function tellSuite(github: GitHub, suite: CheckSuite, action: string, { account }: Doer): Promise<void> {
  const { repository, app } = suite;
  if (!github.webhooks.listens('check_suite', repository)) return;
  const { distinct: _, url: __, ...head } = await simpleCommitView(github, repository, suite.headSha);
  const view = { ...simpleSuiteView(github, suite), head_commit: head, rerequestable: true, runs_rerequestable: true };
  github.webhooks.tell({
    event: 'check_suite',
    action,
    repository,
    sender: account,
    only: app,
    payload: { check_suite: { ...view, latest_check_runs_count: 0, check_runs_url: `${view.url}/check-runs` } },
  });
}
