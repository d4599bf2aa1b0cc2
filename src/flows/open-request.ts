import type { Method, Options } from '../differentiation/method.ts';
import { observedSame } from '../differentiation/visual-method.ts';
import { diffPath, requestBranch } from '../domain/branch-layout.ts';
import type { Configuration, DiffRequest, Proposition, RecordAtom, User } from '../domain/generated/shapes.ts';
import { Problem } from '../domain/problem.ts';
import { makeRecordId } from '../domain/record-id.ts';
import { judge, mayBeAnswered } from '../domain/rules/rules.ts';
import type { RecordStore } from '../store/record-store.ts';
import { readRecord, requireTip, yamlBytes } from './branch-documents.ts';
import { compareRecords } from './compare-records.ts';
import { gatherProposal } from './gather-facts.ts';
import { type Chance, signatureOf } from './world.ts';

export interface Claim {
  readonly from: string;
  readonly toward: string;
  readonly method: Method;
  readonly options: Options;
  /** null: the one in the cell of Table 1. */
  readonly proposition: Proposition | null;
  readonly observation: string | null;
}

/** A record that the target's branch lacks and that the request brings: all that stands in its folder. */
export interface BroughtRecord {
  readonly record: RecordAtom;
  /** By path on the branch; record.yml among them, and container.yml where the target's history lacks the container. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** What a door knows of the request beside the claim. */
export interface Circumstances {
  readonly sender: User;
  /** corroborate.yml of the target's default branch. */
  readonly configuration: Configuration;
  readonly chance: Chance;
  /** null where the target's branch has the record that the claim comes from. */
  readonly brought?: BroughtRecord | null;
  /** The workflow run that opens it. */
  readonly run?: DiffRequest['run'];
}

export interface OpenedRequest {
  readonly diff: DiffRequest;
  readonly branch: string;
  readonly commit: string;
}

/**
 * Opens a diff request: the branch `diffs/<id>`, one commit on top of the records branch's root. All rules are run
 * first, and nothing is opened that they break.
 * @throws Problem REFUSED with the sentence of each rule that is broken
 */
export async function openRequest(
  store: RecordStore,
  claim: Claim,
  { sender, configuration, chance, brought = null, run = null }: Circumstances,
): Promise<OpenedRequest> {
  const tip = await requireTip(store);
  const [from, toward] = await Promise.all([
    brought?.record ?? readRecord(tip, claim.from),
    readRecord(tip, claim.toward),
  ]);
  const read = (path: string) => tip.read(path);
  const readFrom = async (path: string) => brought?.files.get(path) ?? (brought ? null : read(path));
  const options = observedOptions(claim);
  const { comparison, failed } = await compareRecords(from, toward, readFrom, read, claim.method, options);
  if (failed !== null) throw new Problem('REFUSED', `no request was opened, since nothing was compared: ${failed}`);
  const now = chance.now();
  const id = makeRecordId(now, chance.randomBytes(5));
  const diff: DiffRequest = {
    id,
    created: now.toISOString(),
    sender,
    toward: toward.id,
    from: from.id,
    diff: {
      method: claim.method.word,
      name: claim.method.name,
      options,
      observation: claim.observation,
      results: [...comparison.files],
    },
    proposition: claim.proposition ?? comparison.proposition!,
    run,
    status: 'proposed',
    answer: null,
  };
  const { commit } = await store.commit(await store.root(tip.commit), {
    message: `Propose: ${from.id} ${diff.proposition} ${toward.id}`,
    author: signatureOf(sender, now),
    files: new Map([...(brought?.files ?? []), [diffPath(id), yamlBytes(diff)]]),
  });
  // Who sends it through GitHub is known there only when the pull request is: here it is whoever asks.
  const judgement = judge(
    await gatherProposal(store, tip, { commit, id, author: () => ({ user: sender }) }, configuration),
  );
  if (!mayBeAnswered(judgement)) {
    const said = judgement.findings
      .filter(finding => finding.is === 'broken' || finding.is === 'unknown')
      .map(finding => `${finding.because} (rule ${finding.rule})`);
    throw new Problem('REFUSED', `no request was opened: ${said.join('; ')}.`);
  }
  const branch = requestBranch(id);
  await store.move(branch, null, commit);
  return { diff, branch, commit };
}

/** What was seen by eye is told by the claim itself, unless the option `same` says it. */
export function observedOptions({
  method,
  options,
  proposition,
}: Pick<Claim, 'method' | 'options' | 'proposition'>): Options {
  if (method.word !== 'visual' || proposition === null || typeof options.same === 'boolean') return options;
  return { ...options, same: observedSame(proposition) };
}
