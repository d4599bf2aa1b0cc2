import {
  addComment,
  addLabels,
  closeIssue,
  deleteComment,
  editComment,
  openIssue,
  reopenIssue,
} from './deeds/change-issue.ts';
import { changeRef } from './deeds/change-ref.ts';
import { commitFiles, type Files, refuseProtected } from './deeds/commit-files.ts';
import { forkRepository } from './deeds/fork-repository.ts';
import { mergePull } from './deeds/merge-pull.ts';
import { openPull } from './deeds/open-pull.ts';
import { requestReviews, reviewPull } from './deeds/review-pull.ts';
import { tellCheck } from './deeds/write-checks.ts';
import type { GitHub } from './github.ts';
import { atLeast, type Level, type Permissions } from './permissions.ts';
import type { Account } from './state/account.ts';
import { Actor } from './state/actor.ts';
import { BranchProtection } from './state/branch-protection.ts';
import type { CheckRun } from './state/check-run.ts';
import type { Comment } from './state/comment.ts';
import type { Issue } from './state/issue.ts';
import type { PullRequest } from './state/pull-request.ts';
import type { Repository } from './state/repository.ts';
import type { Review } from './state/review.ts';
import type { WorkflowRun } from './state/workflow-run.ts';

const events = { approve: 'APPROVE', 'request changes': 'REQUEST_CHANGES', comment: 'COMMENT' } as const;

/** Somebody in front of GitHub's pages: what people do in stories, by the same ways as the API. */
export class Person {
  readonly account: Account;
  readonly #github: GitHub;

  constructor(github: GitHub, account: Account) {
    this.#github = github;
    this.account = account;
  }

  get login(): string {
    return this.account.login;
  }

  get id(): number {
    return this.account.id;
  }

  /** A personal token; with permissions a fine-grained one, for all that is the person's. */
  token(permissions: Permissions | null = null): string {
    const given = permissions === null ? null : { metadata: 'read' as const, ...permissions };
    return this.#github.tokens.issue(
      new Actor({ kind: 'personal', account: this.account, permissions: given, label: this.login }),
    );
  }

  /** The address for git with the token in it, as people should not write it down. */
  remote(repository: Repository, token = this.token()): string {
    return `${this.#github.origin.replace('://', `://x-access-token:${token}@`)}/${repository.fullName}.git`;
  }

  /** @param fullName `ada/demo`, or `acme/demo`, where acme becomes an organization that this person administers */
  async createRepository(
    fullName: string,
    { files = null, isPrivate = false }: { readonly files?: Files | null; readonly isPrivate?: boolean } = {},
  ): Promise<Repository> {
    const [login = '', name = ''] = fullName.split('/');
    const owner = login.toLowerCase() === this.login.toLowerCase() ? this.account : this.#github.organization(login);
    const repository = await this.#github.newRepository(owner, name, { isPrivate });
    if (owner !== this.account) repository.collaborators.set(this.id, 'admin');
    if (files !== null) await this.commits(repository, 'main', files, 'the first commit');
    return repository;
  }

  async forks(repository: Repository, options: { readonly name?: string; readonly defaultBranchOnly?: boolean } = {}) {
    return forkRepository(this.#github, repository, this.account, options);
  }

  invites(other: Person, repository: Repository, level: Level = 'write'): void {
    this.#demand(repository, 'admin');
    repository.collaborators.set(other.id, level);
  }

  protects(
    repository: Repository,
    branch: string,
    rules: ConstructorParameters<typeof BranchProtection>[0] = {},
  ): void {
    this.#demand(repository, 'admin');
    repository.protections.set(branch, new BranchProtection(rules));
  }

  /** Files on a branch in one commit, as the web editor does; the branch is made from the default one where it is new. */
  async commits(repository: Repository, branch: string, files: Files, message = 'work'): Promise<string> {
    this.#demand(repository, 'write');
    const tip = repository.branch(repository.defaultBranch);
    if (repository.branch(branch) === undefined && tip !== undefined) await this.branches(repository, branch, tip);
    return commitFiles(this.#github, repository, branch, { files, message }, this.#self);
  }

  /** Puts a branch somewhere, forward or not, new or not; null deletes it. */
  async branches(repository: Repository, branch: string, to: string | null): Promise<void> {
    this.#demand(repository, 'write');
    await changeRef(this.#github, repository, `refs/heads/${branch}`, this.#self, async before => {
      if (before !== null) refuseProtected(repository, branch, this.#self);
      return to;
    });
  }

  /** @param from the head's repository, e.g. a fork; its branch `head` */
  opensPull(
    repository: Repository,
    asked: {
      readonly from?: Repository;
      readonly head: string;
      readonly base?: string;
      readonly title?: string;
      readonly body?: string;
    },
  ): Promise<PullRequest> {
    const { from = repository, head, base = repository.defaultBranch, title = head, body = '' } = asked;
    const whole = { head: `${from.owner.login}:${head}`, headRepository: from.name, base, title, body };
    return openPull(this.#github, repository, whole, this.#self);
  }

  opensIssue(repository: Repository, title: string, body = ''): Issue {
    return openIssue(this.#github, repository, { title, body }, this.#self);
  }

  /** @param commit the one that was looked at; the head, unless told */
  reviews(
    pull: PullRequest,
    verdict: keyof typeof events,
    { body = '', commit }: { readonly body?: string; readonly commit?: string } = {},
  ): Review {
    return reviewPull(this.#github, pull, { event: events[verdict], body, commit }, this.#self);
  }

  asksForReview(pull: PullRequest, ...reviewers: readonly Person[]): Promise<void> {
    return requestReviews(
      this.#github,
      pull,
      reviewers.map(({ account }) => account),
      this.#self,
    );
  }

  comments(issue: Issue, body: string): Comment {
    return addComment(this.#github, issue, body, this.#self);
  }

  /** Anybody's comment: who may write can edit those of others. */
  edits(comment: Comment, body: string): void {
    if (comment.author !== this.account) this.#demand(comment.issue.repository, 'write');
    editComment(this.#github, comment, body, this.#self);
  }

  deletes(comment: Comment): void {
    if (comment.author !== this.account) this.#demand(comment.issue.repository, 'write');
    deleteComment(this.#github, comment, this.#self);
  }

  labels(issue: Issue, ...names: readonly string[]): Promise<void> {
    this.#demand(issue.repository, 'write');
    return addLabels(this.#github, issue, names, this.#self);
  }

  closes(issue: Issue): Promise<void> {
    return closeIssue(this.#github, issue, this.#self);
  }

  reopens(issue: Issue): Promise<void> {
    return reopenIssue(this.#github, issue, this.#self);
  }

  /** The green button. @returns the commit */
  merges(pull: PullRequest, method: 'merge' | 'squash' | 'rebase' = 'merge'): Promise<string> {
    this.#demand(pull.repository, 'write');
    return mergePull(this.#github, pull, { method }, this.#self);
  }

  /** A button that the App put on its check run; only people who may write see it. */
  presses(run: CheckRun, identifier: string): void {
    this.#demand(run.suite.repository, 'write');
    if (!run.actions.some(action => action.identifier === identifier)) throw new Error(`no button ${identifier}`);
    tellCheck(this.#github, run, 'requested_action', this.#self, { requested_action: { identifier } });
  }

  /** "Re-run" of one check. */
  reruns(run: CheckRun): void {
    this.#demand(run.suite.repository, 'write');
    tellCheck(this.#github, run, 'rerequested', this.#self);
  }

  /** A workflow run that this person set off. */
  startsWorkflow(
    repository: Repository,
    {
      event = 'push',
      branch = repository.defaultBranch,
      path = '.github/workflows/record.yml',
    }: { readonly event?: string; readonly branch?: string; readonly path?: string } = {},
  ): WorkflowRun {
    const run: WorkflowRun = {
      id: this.#github.nextId(),
      number: repository.workflowRuns.size + 1,
      repository,
      actor: this.account,
      triggeringActor: this.account,
      event,
      headBranch: branch,
      headSha: repository.branch(branch)!,
      headRepository: repository,
      path,
      createdAt: this.#github.now(),
      status: 'in_progress',
      conclusion: null,
    };
    repository.workflowRuns.set(run.id, run);
    return run;
  }

  get #self() {
    return { account: this.account, app: null };
  }

  #demand(repository: Repository, level: Level): void {
    if (!atLeast(repository.access(this.account), level)) {
      throw new Error(`${this.login} has no ${level} access to ${repository.fullName}`);
    }
  }
}
