import type { Context } from 'probot';
import { type ButtonPress, checkNames } from '../../domain/pull-request/pull-request.ts';
import { labelPrefix } from '../../domain/pull-request/pull-request-view.ts';

/*
 * What a delivery is a nudge to, told from its payload alone: pull requests of other branches cost no call. What is then
 * done goes by what GitHub holds at that time, never by the payload; only a pressed button stands nowhere else.
 */

type Payload<
  Event extends 'pull_request' | 'pull_request_review' | 'issue_comment' | 'check_run' | 'check_suite' | 'push',
> = Context<Event>['payload'];

/** What is to be looked at. */
export type Nudge =
  | { readonly at: 'pull-request'; readonly number: number; readonly closed: boolean }
  | {
      readonly at: 'commit';
      /** The head of a pull request that GitHub does not name where it comes from a fork. */
      readonly commit: string;
      readonly numbers: readonly number[];
      readonly press: ButtonPress | null;
      readonly afresh: boolean;
    }
  | { readonly at: 'branch'; readonly before: string | null; readonly after: string };

/** Whether a pull request is for the records branch, as far as was ever seen. */
export interface Memory {
  get(number: number): boolean | undefined;
  set(number: number, isOurs: boolean): void;
}

const looking = (number: number, closed = false): Nudge => ({ at: 'pull-request', number, closed });

const pullRequestActions = ['opened', 'reopened', 'synchronize', 'edited', 'closed'];

export function nudgeOfPullRequest(payload: Payload<'pull_request'>, branch: string, memory: Memory): Nudge | null {
  const { action, number, pull_request: pull } = payload;
  const isOurs = pull.base.ref === branch;
  memory.set(number, isOurs);
  if (!isOurs || !pullRequestActions.includes(action)) return null;
  if (payload.action === 'edited' && payload.changes.base === undefined) return null;
  return looking(number, action === 'closed');
}

export function nudgeOfReview(payload: Payload<'pull_request_review'>, branch: string, memory: Memory): Nudge | null {
  const { number, base } = payload.pull_request;
  const isOurs = base.ref === branch;
  memory.set(number, isOurs);
  return isOurs ? looking(number) : null;
}

/** `/agree` and the like, as people begin a comment. */
const command = /^\s*\/(?:agree|deny|recheck|help)(?![\w-])/;

/**
 * A comment's payload does not say what branch the pull request is for. One that was seen before is known, and one that
 * bears a label of ours is ours; any other is looked at once, where the comment is a command.
 */
export function nudgeOfComment(payload: Payload<'issue_comment'>, memory: Memory): Nudge | null {
  const { issue, comment } = payload;
  if (issue.pull_request === undefined || comment.user?.type === 'Bot') return null;
  if (!command.test(comment.body)) return null;
  const known = memory.get(issue.number);
  const labels = (issue.labels ?? []).map(label => (typeof label === 'string' ? label : (label?.name ?? '')));
  const isOurs = known ?? (labels.some(label => label.startsWith(labelPrefix)) || null);
  return isOurs === false ? null : looking(issue.number);
}

const buttons = ['agree', 'deny'] as const;

export function nudgeOfCheckRun(payload: Payload<'check_run'>, branch: string, now: Date): Nudge | null {
  const { check_run: run, sender } = payload;
  if (!(checkNames as readonly string[]).includes(run.name)) return null;
  const at = { at: 'commit', commit: run.head_sha, numbers: numbersOf(run.pull_requests, branch) } as const;
  if (payload.action === 'rerequested') return { ...at, press: null, afresh: true };
  if (payload.action !== 'requested_action') return null;
  const button = buttons.find(one => one === payload.requested_action?.identifier);
  if (button === undefined) return null;
  const by = { login: sender.login, id: sender.id, isBot: sender.type !== 'User' };
  return { ...at, press: { button, by, commit: run.head_sha, at: now.toISOString() }, afresh: false };
}

/** "Re-run all checks" asks for the suite. */
export function nudgeOfCheckSuite(
  { action, check_suite: suite }: Payload<'check_suite'>,
  branch: string,
): Nudge | null {
  if (action !== 'rerequested') return null;
  const numbers = numbersOf(suite.pull_requests, branch);
  if (numbers.length === 0 && suite.pull_requests.length > 0) return null;
  return { at: 'commit', commit: suite.head_sha, numbers, press: null, afresh: true };
}

interface NamedPull {
  readonly number: number;
  readonly base: { readonly ref: string };
}

function numbersOf(pulls: readonly (NamedPull | null)[], branch: string): number[] {
  return pulls.flatMap(pull => (pull?.base.ref === branch ? [pull.number] : []));
}

export function nudgeOfPush({ ref, before, after, deleted }: Payload<'push'>, branch: string): Nudge | null {
  if (ref !== `refs/heads/${branch}` || deleted) return null;
  return { at: 'branch', before: /^0+$/.test(before) ? null : before, after };
}
