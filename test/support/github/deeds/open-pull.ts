import type { GitHub } from '../github.ts';
import { invalid, Refusal } from '../http/refusal.ts';
import { atLeast } from '../permissions.ts';
import { PullRequest } from '../state/pull-request.ts';
import type { Repository } from '../state/repository.ts';
import { bringHead, tellPull } from './change-ref.ts';
import type { Doer } from './doer.ts';

export interface NewPull {
  /** `branch`, or `owner:branch`. */
  readonly head: string;
  /** The name of the fork, where the owner has several. */
  readonly headRepository?: string | undefined;
  readonly base: string;
  readonly title: string;
  readonly body?: string | null | undefined;
  readonly draft?: boolean | undefined;
  readonly maintainerCanModify?: boolean | undefined;
}

/** The repository that a head names: this one, or one of its network. */
function headRepository(github: GitHub, base: Repository, owner: string | undefined, name: string | undefined) {
  if (owner === undefined && name === undefined) return base;
  const root = base.source ?? base;
  return github.repositories.find(
    repository =>
      (repository.source ?? repository) === root &&
      (owner === undefined || repository.owner.login.toLowerCase() === owner.toLowerCase()) &&
      (name === undefined || repository.name.toLowerCase() === name.toLowerCase()),
  );
}

export async function openPull(github: GitHub, base: Repository, asked: NewPull, by: Doer): Promise<PullRequest> {
  const [, owner, branch = ''] = /^(?:([^:]+):)?(.+)$/.exec(asked.head) ?? [];
  const from = headRepository(github, base, owner, asked.headRepository);
  const headSha = from?.branch(branch);
  if (from === undefined || headSha === undefined) {
    throw new Refusal(422, 'Validation Failed', {
      errors: [{ resource: 'PullRequest', field: 'head', code: 'invalid' }],
    });
  }
  const baseSha = base.branch(asked.base);
  if (baseSha === undefined) {
    throw new Refusal(422, 'Validation Failed', {
      errors: [{ resource: 'PullRequest', field: 'base', code: 'invalid' }],
    });
  }
  if (by.account === github.actionsApp.bot && !base.actionsMayOpenPulls) {
    throw new Refusal(403, 'GitHub Actions is not permitted to create or approve pull requests.');
  }
  // Whoever may not write here opens pull requests from a repository of his own.
  if (by.app === null && !atLeast(base.access(by.account), 'write') && !atLeast(from.access(by.account), 'write')) {
    throw new Refusal(403, 'must be a collaborator');
  }
  const twin = base
    .pulls()
    .find(
      pull =>
        pull.state === 'open' &&
        pull.headRepository === from &&
        pull.headBranch === branch &&
        pull.baseBranch === asked.base,
    );
  if (twin !== undefined) {
    throw invalid('PullRequest', `A pull request already exists for ${from.owner.login}:${branch}.`);
  }
  const number = nextNumber(base);
  const pull = new PullRequest({
    id: github.nextId(),
    number,
    repository: base,
    author: by.account,
    app: by.app,
    createdAt: github.now(),
    title: asked.title,
    body: asked.body ?? null,
    headRepository: from,
    headBranch: branch,
    headSha,
    baseBranch: asked.base,
    baseSha,
    draft: asked.draft ?? false,
    maintainerCanModify: asked.maintainerCanModify ?? (from !== base && by.account === from.owner),
  });
  // The number is taken before anything is waited for: two at once get two.
  base.issues.set(number, pull);
  try {
    await bringHead(github, pull);
    if ((await base.git.mergeBase(baseSha, headSha)) === undefined) {
      throw invalid('PullRequest', `The ${asked.base} branch has no history in common with ${asked.head}`);
    }
    if ((await base.git.count(baseSha, headSha)) === 0) {
      throw invalid('PullRequest', `No commits between ${asked.base} and ${asked.head}`);
    }
  } catch (error) {
    base.issues.delete(number);
    await base.git.refs.remove(`refs/pull/${number}/head`);
    throw error;
  }
  await tellPull(github, pull, 'opened', by);
  return pull;
}

export const nextNumber = (repository: Repository) => Math.max(0, ...repository.issues.keys()) + 1;
