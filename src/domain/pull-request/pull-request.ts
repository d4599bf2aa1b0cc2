import type { GitHubUser } from '../generated/shapes.ts';

/* What GitHub holds of one pull request at one moment, as far as the App looks at it. */

/** An account of GitHub's: a person, or a bot, which answers for nobody. */
export interface Account extends GitHubUser {
  readonly isBot: boolean;
}

export interface PullRequest {
  readonly number: number;
  /** For people, `https://github.com/acme/demo/pull/7`. */
  readonly url: string;
  readonly author: Account;
  readonly isOpen: boolean;
  readonly isMerged: boolean;
  /** `defaultBranch`: the repository's, whose corroborate.yml counts. */
  readonly base: { readonly branch: string; readonly defaultBranch: string };
  readonly head: {
    /** The commit that is asked about now. */
    readonly commit: string;
    readonly branch: string;
    /** `grace/demo`; null where the fork is gone. */
    readonly repository: string | null;
  };
  readonly labels: readonly string[];
  /** Numeric ids of those whose review was asked for and has not come. */
  readonly reviewers: readonly number[];
  /** Oldest first, likewise the reviews. */
  readonly comments: readonly Comment[];
  readonly reviews: readonly Review[];
  /**
   * How many comments and reviews were left out, after the oldest hundred and before the newest nine hundred: nothing
   * in them counts.
   */
  readonly unread: number;
  /** The App's own on the head commit; of each name the newest only. */
  readonly checks: readonly OwnCheck[];
}

export interface Comment {
  readonly id: number;
  readonly author: Account;
  readonly body: string;
  /** ISO, UTC. */
  readonly created: string;
  /** Whether anybody ever edited it: then nothing in it counts. */
  readonly isEdited: boolean;
  /** Whether this App wrote it. */
  readonly isOwn: boolean;
}

export interface Review {
  readonly id: number;
  readonly author: Account;
  readonly state: 'approved' | 'changes-requested' | 'commented' | 'dismissed' | 'pending';
  readonly body: string;
  /** The commit that was looked at; null where GitHub no longer knows. */
  readonly commit: string | null;
  readonly submitted: string;
}

export const checkNames = ['Table 1', 'Owner agreement'] as const;
export type CheckName = (typeof checkNames)[number];

export interface OwnCheck {
  readonly id: number;
  readonly name: CheckName;
  /** What it shows, as a digest (`CheckView.digest`): an equal one need not be written again. */
  readonly digest: string;
  /** Of its annotations alone: GitHub adds to them, and never takes one away. */
  readonly annotations: string;
}

/** A button on a check run that somebody pressed: it stands nowhere but in the delivery that tells of it. */
export interface ButtonPress {
  readonly button: 'agree' | 'deny';
  readonly by: Account;
  /** The check run's commit. */
  readonly commit: string;
  readonly at: string;
}

/** The repository whose records branch is asked about. */
export interface TargetRepository {
  readonly owner: string;
  readonly name: string;
  /** `https://github.com/acme/demo` */
  readonly url: string;
  /** Raw contents of a private one need a login: they are linked to, not shown. */
  readonly isPrivate: boolean;
}
