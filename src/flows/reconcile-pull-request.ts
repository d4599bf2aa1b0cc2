import type { Answer, DiffRequest, GitHubUser } from '../domain/generated/shapes.ts';
import { Problem } from '../domain/problem.ts';
import { type Attempt, askingsOf, attemptsOf, firstAnswer } from '../domain/pull-request/attempt.ts';
import type { JudgedRequest } from '../domain/pull-request/judged-request.ts';
import type { ButtonPress, PullRequest, TargetRepository } from '../domain/pull-request/pull-request.ts';
import { pullRequestView } from '../domain/pull-request/pull-request-page.ts';
import type { PullRequestView } from '../domain/pull-request/pull-request-view.ts';
import { type Stage, stageOf } from '../domain/pull-request/stage.ts';
import { isGitHubUser, isSameUser } from '../domain/user.ts';
import type { Change, RecordStore } from '../store/record-store.ts';
import type { PullRequestAnswer, Question } from './judge-pull-request.ts';

/** GitHub's pull requests of one repository: facts in, what is shown out. */
export interface PullRequestDesk {
  readonly repository: TargetRepository;
  /** As it is at this moment. */
  read(number: number): Promise<PullRequest>;
  /** Brings GitHub to the view; writes only what differs. */
  show(pull: PullRequest, view: (mentions: boolean) => PullRequestView): Promise<void>;
  /** Whether the numeric id still has an account. */
  hasAccount(user: GitHubUser): Promise<boolean>;
}

/** Whether to compute again is for whoever keeps the budget to say. */
export type AskedQuestion = Omit<Question, 'computes'>;

/** `judgePullRequest` and `answerPullRequest`, wherever they are run: they may take long. */
export interface Judging {
  judge(question: AskedQuestion): Promise<JudgedRequest>;
  answer(
    question: AskedQuestion,
    answer: PullRequestAnswer,
  ): Promise<{ readonly change: Change; readonly diff: DiffRequest } | null>;
}

/** What happened, for the log. */
export interface Reconciled {
  readonly stage: Stage['is'] | 'not-ours';
  /** The commit on the records branch that answers it, where this call made one. */
  readonly commit: string | null;
}

/**
 * Looks at a pull request as it is now and does what is due: judges it, answers it where its owner has, shows all of
 * that (design, section 7). Every event is only a nudge to this; asked twice, late or by two replicas, it ends the same.
 * @param press a button that was pressed, which stands nowhere but in its delivery
 */
export async function reconcilePullRequest(
  store: RecordStore,
  desk: PullRequestDesk,
  judging: Judging,
  number: number,
  press: ButtonPress | null,
  digestOf: (text: string) => string,
): Promise<Reconciled> {
  const pull = await desk.read(number);
  if (pull.base.branch !== store.branch) return { stage: 'not-ours', commit: null };
  const question = await questionOf(store, pull);
  if (question === null) return { stage: 'not-ours', commit: null };
  const attempts = attemptsOf(pull, press);
  let judged = await withLivingAnswerer(desk, await judging.judge(question), attempts);
  let stage = stageOf(pull, judged, attempts);
  let commit: string | null = null;
  const answer = isAnswerable(stage) ? answerOf(attempts, pull, judged) : null;
  if (answer !== null) {
    try {
      const settled = await settle(store, judging, question, answer);
      commit = settled?.commit ?? null;
      const again = settled ? null : await questionOf(store, pull);
      if (settled) judged = { ...judged, standing: settled.diff };
      else if (again) judged = await judging.judge(again);
      stage = stageOf(pull, judged, attempts);
    } catch (cause) {
      if (!(cause instanceof Problem) || !isHeldUp(cause)) throw cause;
      stage = { is: 'held-up', ...answer, because: cause.message };
    }
  }
  const { repository } = desk;
  const shown = { repository, pull, judged, stage, attempts, askings: askingsOf(pull), digestOf };
  await desk.show(pull, mentions => pullRequestView({ ...shown, mentions }));
  return { stage: stage.is, commit };
}

/** null where there is no records branch. */
async function questionOf(store: RecordStore, pull: PullRequest): Promise<AskedQuestion | null> {
  const [tip, standard] = await Promise.all([store.tip(), store.tip(pull.base.defaultBranch)]);
  if (tip === null) return null;
  return {
    commit: pull.head.commit,
    tip: tip.commit,
    isMerged: pull.isMerged,
    defaultCommit: standard?.commit ?? null,
    author: pull.author,
  };
}

/** The project's owner answers where the account of the record's is gone; asked only when he tries to. */
async function withLivingAnswerer(
  desk: PullRequestDesk,
  judged: JudgedRequest,
  attempts: readonly Attempt[],
): Promise<JudgedRequest> {
  const { answerer, projectOwner } = judged;
  if (answerer === null || !isGitHubUser(answerer) || isSameUser(answerer, projectOwner)) return judged;
  const tries = attempts.some(({ by }) => isSameUser({ login: by.login, id: by.id }, projectOwner));
  if (!tries || (await desk.hasAccount(answerer))) return judged;
  return { ...judged, answerer: projectOwner };
}

function isAnswerable(stage: Stage): boolean {
  return stage.is === 'waiting' || (stage.is === 'merged-by-hand' && stage.answerable);
}

function answerOf(attempts: readonly Attempt[], pull: PullRequest, judged: JudgedRequest): PullRequestAnswer | null {
  const attempt = firstAnswer(attempts, pull.head.commit, judged.answerer);
  if (attempt === null) return null;
  const { by, at, wants, reason } = attempt;
  const answer: Answer = { by: { login: by.login, id: by.id }, at, reason, commit: pull.head.commit };
  return { status: wants, answer };
}

/** The one commit of an answer, built again whenever the branch has moved; null where another was quicker. */
async function settle(
  store: RecordStore,
  judging: Judging,
  question: AskedQuestion,
  answer: PullRequestAnswer,
): Promise<{ readonly commit: string; readonly diff: DiffRequest } | null> {
  let diff: DiffRequest | null = null;
  const { commit } = await store.append(async tip => {
    const plan = await judging.answer({ ...question, tip: tip.commit }, answer);
    diff = plan?.diff ?? null;
    return plan?.change ?? null;
  });
  return diff === null ? null : { commit, diff };
}

/** The branch refused the answer for a reason that somebody has to remove; it is told where all can read it. */
function isHeldUp({ code }: Problem): boolean {
  return code === 'PROTECTED' || code === 'FORBIDDEN';
}
