import { assessProject } from '../domain/assessment.ts';
import { diffPath, historyPath, parseBranchPath, recordPath, requestBranch } from '../domain/branch-layout.ts';
import { mergeHistories } from '../domain/container.ts';
import { answered } from '../domain/diff-request.ts';
import type { Answer, Configuration, DiffRequest, User } from '../domain/generated/shapes.ts';
import { Problem } from '../domain/problem.ts';
import type { Proposal, RequestFacts } from '../domain/rules/rule.ts';
import { judge, mayBeAnswered } from '../domain/rules/rules.ts';
import { isSameUser, spokesperson, userName } from '../domain/user.ts';
import type { Change, Content, RecordStore, Snapshot } from '../store/record-store.ts';
import {
  derivedFiles,
  readAgreed,
  readHistory,
  readSettledRequests,
  requireTip,
  yamlBytes,
} from './branch-documents.ts';
import { authorByCommit, gatherProposal } from './gather-facts.ts';
import { signatureOf } from './world.ts';

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
    const proposal = requireAnswerable(facts, id);
    requireAnswerer(facts, words.by);
    const answer: Answer = { by: words.by, at: words.at.toISOString(), reason: words.reason, commit: branch.commit };
    diff = answered(facts.diff!, words.status, answer);
    return words.status === 'agreed' ? agreement(tip, facts, proposal, diff) : denial(facts, proposal, diff);
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

function requireAnswerable(facts: RequestFacts, id: string): Proposal {
  const judgement = judge(facts);
  if (!mayBeAnswered(judgement)) {
    const wrong = judgement.findings.filter(finding => finding.is === 'broken' || finding.is === 'unknown');
    const said = wrong.map(finding => `${finding.rule}: ${finding.because}`).join('; ');
    throw new Problem(
      'REFUSED',
      `the request ${id} cannot be answered, since it does not hold the rules (${said}). \`corroborate check ${id}\` shows all of them.`,
    );
  }
  return facts.proposal!;
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

async function agreement(tip: Snapshot, facts: RequestFacts, proposal: Proposal, diff: DiffRequest): Promise<Change> {
  const files = new Map<string, Content>();
  for (const { path, after, onBranch } of proposal.changes) {
    const kind = parseBranchPath(path)?.kind;
    if (kind !== 'container' && kind !== 'diff' && onBranch === null && after) files.set(path, { blob: after.id });
  }
  files.set(diffPath(diff.id), yamlBytes(diff));
  const history = await readHistory(tip);
  const merged = mergeHistories(history, facts.brought ? [facts.brought] : []);
  if (merged.length > history.length) files.set(historyPath, yamlBytes(merged));
  const requests = [...(await readSettledRequests(tip)).filter(request => request.id !== diff.id), diff];
  const agreed = (await readAgreed(tip, requests)).map(request =>
    request.from === null && request.diff.from === diff.from ? { ...request, from: facts.from!.record } : request,
  );
  for (const [path, bytes] of derivedFiles(facts.project, assessProject(agreed, facts.project))) files.set(path, bytes);
  return {
    message: `Agree: ${diff.from} ${diff.proposition} ${diff.toward}\n\nDiff request ${diff.id} by ${userName(diff.sender)}, agreed by ${userName(diff.answer!.by)}.`,
    author: signatureOf(diff.answer!.by, new Date(diff.answer!.at)),
    files,
    merges: proposal.commit,
  };
}

function denial(facts: RequestFacts, proposal: Proposal, diff: DiffRequest): Change {
  const files = new Map<string, Content>([[diffPath(diff.id), yamlBytes(diff)]]);
  // A record that the branch lacks is known from its denial only: its record.yml as it is, without contents.
  if (!facts.from!.onBranch) {
    const path = recordPath(diff.from);
    const change = proposal.changes.find(one => one.path === path);
    if (change?.after) files.set(path, { blob: change.after.id });
  }
  return {
    message: `Deny: ${diff.from} ${diff.proposition} ${diff.toward}\n\nDiff request ${diff.id} by ${userName(diff.sender)}, denied by ${userName(diff.answer!.by)}: ${diff.answer!.reason ?? ''}`,
    author: signatureOf(diff.answer!.by, new Date(diff.answer!.at)),
    files,
  };
}
