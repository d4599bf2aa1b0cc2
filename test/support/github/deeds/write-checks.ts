import type { GitHub } from '../github.ts';
import { invalid } from '../http/refusal.ts';
import type { CheckAction, CheckAnnotation, CheckRun } from '../state/check-run.ts';
import { checkRunView, simpleSuiteView } from '../views/check-view.ts';
import type { Doer } from './doer.ts';

/** What a request says of a check run, as GitHub's field names have it. */
export interface CheckFields {
  readonly name?: string;
  readonly status?: CheckRun['status'];
  readonly conclusion?: string;
  readonly started_at?: string;
  readonly completed_at?: string;
  readonly external_id?: string;
  readonly details_url?: string;
  readonly output?: {
    readonly title?: string;
    readonly summary?: string;
    readonly text?: string;
    readonly annotations?: readonly CheckAnnotation[];
  };
  readonly actions?: readonly CheckAction[];
}

/** Changes a run as the request says; completing it tells those who listen. */
export function writeCheck(github: GitHub, run: CheckRun, fields: CheckFields, by: Doer): void {
  const { output } = fields;
  for (const text of [output?.summary, output?.text]) {
    if (text !== undefined && text.length > 65_535) {
      throw invalid('CheckRun', 'Only 65535 characters are allowed; 65536 were supplied.', 'output');
    }
  }
  const completes =
    fields.status === 'completed' || fields.conclusion !== undefined || fields.completed_at !== undefined;
  if (fields.name !== undefined) run.name = fields.name;
  if (fields.external_id !== undefined) run.externalId = fields.external_id;
  if (fields.details_url !== undefined) run.detailsUrl = fields.details_url;
  if (fields.started_at !== undefined) run.startedAt = new Date(fields.started_at);
  if (fields.actions !== undefined) run.actions = fields.actions;
  if (output !== undefined) {
    if (output.title !== undefined) run.output.title = output.title;
    if (output.summary !== undefined) run.output.summary = output.summary;
    if (output.text !== undefined) run.output.text = output.text;
    run.annotations.push(...(output.annotations ?? []));
  }
  if (completes) {
    run.status = 'completed';
    run.conclusion = fields.conclusion ?? run.conclusion;
    run.completedAt = fields.completed_at === undefined ? github.now() : new Date(fields.completed_at);
  } else if (fields.status !== undefined) {
    run.status = fields.status;
    run.conclusion = null;
    run.completedAt = null;
  }
  run.suite.updatedAt = github.now();
  if (completes) tellCheck(github, run, 'completed', by);
}

export function tellCheck(
  github: GitHub,
  run: CheckRun,
  action: 'created' | 'completed' | 'rerequested' | 'requested_action',
  { account }: Doer,
  more: { readonly [name: string]: unknown } = {},
): void {
  const { repository, app } = run.suite;
  const payload = {
    check_run: { ...checkRunView(github, run), check_suite: simpleSuiteView(github, run.suite) },
    ...more,
  };
  // The buttons concern the App that made them; how a run goes, everybody who listens.
  const only = action === 'rerequested' || action === 'requested_action' ? { only: app } : {};
  github.webhooks.tell({ event: 'check_run', action, repository, sender: account, payload, ...only });
}
