import { Problem } from '../problem.ts';
import type { Asking, Attempt } from './attempt.ts';
import type { JudgedRequest } from './judged-request.ts';
import type { PullRequest, TargetRepository } from './pull-request.ts';
import type { PullRequestView } from './pull-request-view.ts';
import type { Stage } from './stage.ts';

/** All that the view of a pull request is made from. */
export interface Shown {
  readonly repository: TargetRepository;
  readonly pull: PullRequest;
  readonly judged: JudgedRequest;
  readonly stage: Stage;
  readonly attempts: readonly Attempt[];
  readonly askings: readonly Asking[];
  /** Whether the answerer is to be mentioned, since GitHub will not ask for his review. */
  readonly mentions: boolean;
  readonly digestOf: (text: string) => string;
}

export function pullRequestView(_shown: Shown): PullRequestView {
  throw new Problem('DEFECT', 'the view of a pull request is not built yet.');
}
