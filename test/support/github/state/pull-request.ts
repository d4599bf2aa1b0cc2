import type { Account } from './account.ts';
import { Issue } from './issue.ts';
import type { Repository } from './repository.ts';
import type { Review } from './review.ts';

export class PullRequest extends Issue {
  /** Null once the fork is gone. */
  readonly headRepository: Repository;
  readonly headBranch: string;
  headSha: string;
  baseBranch: string;
  /** The base branch's tip when the pull request was opened, or last synchronized. */
  baseSha: string;
  draft: boolean;
  maintainerCanModify: boolean;
  merged: { readonly at: Date; readonly by: Account; readonly commit: string } | null = null;
  readonly reviews: Review[] = [];
  readonly reviewers = new Set<Account>();

  constructor(
    what: ConstructorParameters<typeof Issue>[0] &
      Pick<
        PullRequest,
        'headRepository' | 'headBranch' | 'headSha' | 'baseBranch' | 'baseSha' | 'draft' | 'maintainerCanModify'
      >,
  ) {
    super(what);
    this.headRepository = what.headRepository;
    this.headBranch = what.headBranch;
    this.headSha = what.headSha;
    this.baseBranch = what.baseBranch;
    this.baseSha = what.baseSha;
    this.draft = what.draft;
    this.maintainerCanModify = what.maintainerCanModify;
  }
}
