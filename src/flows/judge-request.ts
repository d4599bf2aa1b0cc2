import { diffPath, requestBranch } from '../domain/branch-layout.ts';
import { requireDocument } from '../domain/documents.ts';
import type { Configuration, DiffRequest } from '../domain/generated/shapes.ts';
import { Problem } from '../domain/problem.ts';
import type { RequestFacts } from '../domain/rules/rule.ts';
import { type Judgement, judge, rulesOfSettled } from '../domain/rules/rules.ts';
import type { RecordStore } from '../store/record-store.ts';
import { requireTip } from './branch-documents.ts';
import { authorByCommit, gatherProposal, gatherSettled, settledDocuments } from './gather-facts.ts';

export interface Judged {
  readonly facts: RequestFacts;
  readonly judgement: Judgement;
  /** The request's commit while it waits; null once it stands on the branch. */
  readonly commit: string | null;
}

/** Runs every rule of the design, section 6, on one request of this clone. @throws Problem NOT_FOUND */
export async function judgeRequest(store: RecordStore, id: string, configuration: Configuration): Promise<Judged> {
  const tip = await requireTip(store);
  const path = diffPath(id);
  const settled = await tip.read(path);
  if (settled) {
    const diff: DiffRequest = requireDocument('diff', settled, path);
    const facts = await gatherSettled(tip, await settledDocuments(tip), diff, configuration);
    return { facts, judgement: judge(facts, rulesOfSettled), commit: null };
  }
  const branch = await store.tip(requestBranch(id));
  if (!branch) {
    throw new Problem('NOT_FOUND', `no diff request ${id} here. \`corroborate requests\` shows those there are.`);
  }
  const facts = await gatherProposal(store, tip, { commit: branch.commit, id, author: authorByCommit }, configuration);
  return { facts, judgement: judge(facts), commit: branch.commit };
}
