import type { BareRepository } from '../git/bare-repository.ts';
import type { Level } from '../permissions.ts';
import type { Account } from './account.ts';
import type { BranchProtection } from './branch-protection.ts';
import type { CheckRun, CheckSuite } from './check-run.ts';
import type { Comment } from './comment.ts';
import type { Issue } from './issue.ts';
import type { Label } from './label.ts';
import { PullRequest } from './pull-request.ts';
import type { WorkflowRun } from './workflow-run.ts';

export class Repository {
  readonly id: number;
  owner: Account;
  name: string;
  readonly git: BareRepository;
  readonly parent: Repository | null;
  readonly createdAt: Date;
  isPrivate: boolean;
  defaultBranch: string;
  /** Settings › Actions: "Allow GitHub Actions to create and approve pull requests". */
  actionsMayOpenPulls = true;
  /** By account id; the owner needs no entry. */
  readonly collaborators = new Map<number, Level>();
  readonly protections = new Map<string, BranchProtection>();
  readonly labels = new Map<string, Label>();
  /** By number; pull requests among them. */
  readonly issues = new Map<number, Issue>();
  readonly comments = new Map<number, Comment>();
  readonly checkSuites: CheckSuite[] = [];
  readonly checkRuns = new Map<number, CheckRun>();
  readonly workflowRuns = new Map<number, WorkflowRun>();
  /** Commits that GitHub signed for whoever made them. */
  readonly signed = new Set<string>();
  /** Objects that are here for a fork's pull request alone: to read, but not to build on (`forkObjects`). */
  readonly foreign = new Set<string>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    what: Pick<Repository, 'id' | 'owner' | 'name' | 'git' | 'parent' | 'createdAt' | 'isPrivate' | 'defaultBranch'>,
  ) {
    this.id = what.id;
    this.owner = what.owner;
    this.name = what.name;
    this.git = what.git;
    this.parent = what.parent;
    this.createdAt = what.createdAt;
    this.isPrivate = what.isPrivate;
    this.defaultBranch = what.defaultBranch;
  }

  get fullName(): string {
    return `${this.owner.login}/${this.name}`;
  }

  get source(): Repository | null {
    return this.parent === null ? null : (this.parent.source ?? this.parent);
  }

  access(account: Account): Level | 'none' {
    if (account === this.owner) return 'admin';
    return this.collaborators.get(account.id) ?? (this.isPrivate ? 'none' : 'read');
  }

  isCollaborator(account: Account): boolean {
    return account === this.owner || this.collaborators.has(account.id);
  }

  branch(name: string): string | undefined {
    return this.git.refs.read(`refs/heads/${name}`);
  }

  pulls(): PullRequest[] {
    return [...this.issues.values()].filter(issue => issue instanceof PullRequest);
  }

  /** What changes refs goes in turn. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }
}
