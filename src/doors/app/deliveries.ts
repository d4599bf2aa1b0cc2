import type { Probot } from 'probot';
import type { Metrics } from './metrics.ts';
import {
  type Nudge,
  nudgeOfCheckRun,
  nudgeOfCheckSuite,
  nudgeOfComment,
  nudgeOfPullRequest,
  nudgeOfPush,
  nudgeOfReview,
} from './nudge.ts';
import type { What } from './order.ts';
import type { PullRequestMemory } from './pull-request-memory.ts';
import type { NamedRepository } from './repository-access.ts';

interface RepositoryDelivery {
  readonly id: string;
  readonly payload: {
    readonly installation?: { readonly id: number } | undefined;
    readonly repository: {
      readonly id: number;
      readonly name: string;
      readonly private: boolean;
      readonly owner: { readonly login?: string; readonly name?: string | null } | null;
    };
  };
}

export interface Listening {
  readonly branch: string;
  readonly memory: PullRequestMemory;
  readonly metrics: Pick<Metrics, 'deliveries'>;
  add(what: What): void;
  sweep(installation: number, deliveries: readonly string[]): void;
  forget(installation: number): void;
}

/** Subscribes to what app.yml asks for, and makes work of it; a delivery is answered once its work is in the queue. */
export function listen(app: Pick<Probot, 'on' | 'onAny'>, listening: Listening): void {
  const { branch, memory, metrics, add, sweep, forget } = listening;

  function take({ id, payload }: RepositoryDelivery, nudge: Nudge | null): void {
    const { installation, repository: found } = payload;
    const owner = found.owner?.login ?? found.owner?.name;
    if (nudge === null || installation === undefined || owner == null) return;
    const { id: repositoryId, name, private: isPrivate } = found;
    const repository: NamedRepository = { installation: installation.id, id: repositoryId, owner, name, isPrivate };
    const asked = { repository, deliveries: [id], since: performance.now() };
    if (nudge.at === 'branch') {
      add({ is: 'branch', ...asked, moves: [{ before: nudge.before, after: nudge.after }] });
    } else if (nudge.at === 'pull-request') {
      const { number, closed } = nudge;
      add({ is: 'pull-request', ...asked, number, presses: [], afresh: false, onlyClosed: closed });
    } else {
      const { commit, numbers, press, afresh } = nudge;
      const wanted = { ...asked, presses: press === null ? [] : [press], afresh };
      if (numbers.length === 0) add({ is: 'commit', ...wanted, commit });
      for (const number of numbers) add({ is: 'pull-request', ...wanted, number, onlyClosed: false });
    }
  }

  app.onAny(({ name }) => metrics.deliveries.add({ event: name }));
  app.on('pull_request', delivery => {
    take(delivery, nudgeOfPullRequest(delivery.payload, branch, memory.of(delivery.payload.repository)));
  });
  app.on(['pull_request_review.submitted', 'pull_request_review.dismissed'], delivery => {
    take(delivery, nudgeOfReview(delivery.payload, branch, memory.of(delivery.payload.repository)));
  });
  app.on('issue_comment.created', delivery => {
    take(delivery, nudgeOfComment(delivery.payload, memory.of(delivery.payload.repository)));
  });
  app.on(['check_run.rerequested', 'check_run.requested_action'], delivery => {
    take(delivery, nudgeOfCheckRun(delivery.payload, branch, new Date()));
  });
  app.on('check_suite.rerequested', delivery => take(delivery, nudgeOfCheckSuite(delivery.payload, branch)));
  app.on('push', delivery => take(delivery, nudgeOfPush(delivery.payload, branch)));
  app.on(['installation', 'installation_repositories'], ({ id, payload }) => {
    const { id: installation } = payload.installation;
    if (payload.action === 'deleted' || payload.action === 'suspend') forget(installation);
    else if (payload.action !== 'removed') sweep(installation, [id]);
  });
}
