import { requestBranch } from '../domain/branch-layout.ts';
import { answered } from '../domain/diff-request.ts';
import type { Answer, Configuration, DiffRequest, User } from '../domain/generated/shapes.ts';
import { Problem } from '../domain/problem.ts';
import type { RequestFacts } from '../domain/rules/rule.ts';
import { judge, mayBeAnswered } from '../domain/rules/rules.ts';
import { isSameUser, spokesperson, userName } from '../domain/user.ts';
import type { RecordStore, Snapshot } from '../store/record-store.ts';
import { answerChange } from './answer-change.ts';
import { readSettledRequests, requireTip } from './branch-documents.ts';
import { authorByCommit, gatherProposal } from './gather-facts.ts';

export interface AnswerWords {
  readonly status: 'agreed' | 'denied';
  readonly by: User;
  /** Needed for a denial. */
  readonly reason: string | null;
  readonly at: Date;
}

/**
 * Answers a request that waits in this clone (design, section 7): agreed, one merge commit of the branch's tip and the
 * request's commit; denied, one plain commit. The rules are run again on the branch as it is at that very moment.
 * @throws Problem REFUSED where a rule does not hold, or somebody else would have to answer
 */
export async function answerRequest(
  store: RecordStore,
  id: string,
  words: AnswerWords,
  configuration: Configuration,
): Promise<{ diff: DiffRequest; commit: string }> {
  const branch = await store.tip(requestBranch(id));
  await refuseSettled(await requireTip(store), id);
  if (!branch)
    throw new Problem(
      'NOT_FOUND',
      `no diff request ${id} waits here. \`corroborate requests --status proposed\` shows those that do.`,
    );
  let diff: DiffRequest | undefined;
  const snapshot = await store.append(async tip => {
    await refuseSettled(tip, id);
    const facts = await gatherProposal(
      store,
      tip,
      { commit: branch.commit, id, author: authorByCommit },
      configuration,
    );
    requireAnswerable(facts, id);
    requireAnswerer(facts, words.by);
    const answer: Answer = { by: words.by, at: words.at.toISOString(), reason: words.reason, commit: branch.commit };
    diff = answered(facts.diff!, words.status, answer);
    return answerChange(tip, facts, diff);
  });
  await store.remove(requestBranch(id), branch.commit);
  return { diff: diff!, commit: snapshot.commit };
}

async function refuseSettled(tip: Snapshot, id: string): Promise<void> {
  const settled = (await readSettledRequests(tip)).find(request => request.id === id && request.status !== 'proposed');
  if (settled) {
    throw new Problem(
      'REFUSED',
      `the request ${id} was ${settled.status} already, by ${userName(settled.answer!.by)} at ${settled.answer!.at}.`,
    );
  }
}

function requireAnswerable(facts: RequestFacts, id: string): void {
  const judgement = judge(facts);
  if (!mayBeAnswered(judgement)) {
    const wrong = judgement.findings.filter(finding => finding.is === 'broken' || finding.is === 'unknown');
    const said = wrong.map(finding => `${finding.rule}: ${finding.because}`).join('; ');
    throw new Problem(
      'REFUSED',
      `the request ${id} cannot be answered, since it does not hold the rules (${said}). \`corroborate check ${id}\` shows all of them.`,
    );
  }
}

/** Only the owner of the targeted record answers; the requester cannot, unless both are his. */
function requireAnswerer({ toward, project }: RequestFacts, by: User): void {
  const owner = spokesperson(toward!.record.owner, project.owner);
  if (!isSameUser(owner, by)) {
    throw new Problem(
      'REFUSED',
      `only ${userName(owner)}, who owns the targeted record ${toward!.record.id}, can answer this request; you are ${userName(by)} (\`git config user.email\`, or corroborate.login and corroborate.id).`,
    );
  }
}
