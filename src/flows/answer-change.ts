import { assessProject } from '../domain/assessment.ts';
import { diffPath, historyPath, parseBranchPath, recordPath } from '../domain/branch-layout.ts';
import { mergeHistories } from '../domain/container.ts';
import type { DiffRequest } from '../domain/generated/shapes.ts';
import type { RequestFacts } from '../domain/rules/rule.ts';
import { userName } from '../domain/user.ts';
import type { Change, Content, Snapshot } from '../store/record-store.ts';
import { derivedFiles, readAgreed, readHistory, readSettledRequests, yamlBytes } from './branch-documents.ts';
import { signatureOf } from './world.ts';

/**
 * The commit that answers a request (design, section 7), made from facts that hold every rule: agreed, a merge of the
 * branch's tip and the request's commit with the fresh assessment.yml and README.md; denied, a plain commit with the
 * request and, where the branch lacks it, the record.yml that it came from. A request that somebody merged by hand has
 * no proposal any more: its answer is a plain commit either way.
 * @param diff with its answer
 */
export async function answerChange(tip: Snapshot, facts: RequestFacts, diff: DiffRequest): Promise<Change> {
  return diff.status === 'agreed' ? agreement(tip, facts, diff) : denial(facts, diff);
}

async function agreement(tip: Snapshot, facts: RequestFacts, diff: DiffRequest): Promise<Change> {
  const { proposal } = facts;
  const files = new Map<string, Content>();
  for (const { path, after, onBranch } of proposal?.changes ?? []) {
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
    ...(proposal ? { merges: proposal.commit } : {}),
  };
}

function denial(facts: RequestFacts, diff: DiffRequest): Change {
  const files = new Map<string, Content>([[diffPath(diff.id), yamlBytes(diff)]]);
  // A record that the branch lacks is known from its denial only: its record.yml as it is, without contents.
  if (!facts.from!.onBranch) {
    const path = recordPath(diff.from);
    const change = facts.proposal?.changes.find(one => one.path === path);
    if (change?.after) files.set(path, { blob: change.after.id });
  }
  return {
    message: `Deny: ${diff.from} ${diff.proposition} ${diff.toward}\n\nDiff request ${diff.id} by ${userName(diff.sender)}, denied by ${userName(diff.answer!.by)}: ${diff.answer!.reason ?? ''}`,
    author: signatureOf(diff.answer!.by, new Date(diff.answer!.at)),
    files,
  };
}
