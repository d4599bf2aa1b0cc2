import type { GitHubUser } from '../generated/shapes.ts';
import type { CheckName } from './pull-request.ts';

/** Everything that the App shows on a pull request: what GitHub holds is brought to this, and what is so already stays. */
export interface PullRequestView {
  readonly checks: readonly CheckView[];
  /** The one comment, with `commentMark` in it; it leaves `reviewerNoteRoom` characters of `commentBudget`. */
  readonly comment: string;
  /** All of the App's labels that it should carry; others of the App's (`labelPrefix`) go, everybody else's stay. */
  readonly labels: readonly string[];
  /** Each once: `mark` stands in its body, so that a later look finds it. */
  readonly replies: readonly Reply[];
  /** Whose review is asked for, under the login of today; null for nobody's, and where he was asked or has come. */
  readonly reviewer: GitHubUser | null;
  /** Whether an open pull request is to be closed (a denial). */
  readonly closes: boolean;
}

export interface Reply {
  readonly mark: string;
  readonly body: string;
}

export interface CheckView {
  readonly name: CheckName;
  readonly status: 'completed' | 'queued';
  /** `action_required` is a conclusion: GitHub then shows that somebody has to act. */
  readonly conclusion: 'success' | 'neutral' | 'failure' | 'action_required' | null;
  readonly title: string;
  /** Markdown, at most `checkSummaryBudget` characters. */
  readonly summary: string;
  /** At most 50: GitHub takes no more at once. */
  readonly annotations: readonly Annotation[];
  /** At most 3: what the buttons say (20 characters), what they do (40), and their word (20). */
  readonly actions: readonly { readonly label: string; readonly description: string; readonly identifier: string }[];
  /** Of all of the above. */
  readonly digest: string;
}

/** https://docs.github.com/en/rest/checks/runs: `path` must be a file of the commit, lines count from 1. */
export interface Annotation {
  readonly path: string;
  readonly start_line: number;
  readonly end_line: number;
  readonly annotation_level: 'failure' | 'warning' | 'notice';
  readonly title: string;
  readonly message: string;
}

/** What the App's labels begin with. */
export const labelPrefix = 'diff: ';

/** In the App's comment, invisible: by it, and by its author, the App knows its own comment again. */
export const commentMark = '<!-- corroborate:request -->';
/** In a reply, likewise; `to` names what it replies to, e.g. `comment-12` or `review-7`. */
export const replyMark = (to: string) => `<!-- corroborate:reply ${to} -->`;
