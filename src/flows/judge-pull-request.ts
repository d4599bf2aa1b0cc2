import { findMethod, readOptions } from '../differentiation/registry.ts';
import { diffPath, outputPath } from '../domain/branch-layout.ts';
import { requestComparisonMarkdown } from '../domain/comparison-report/comparison-markdown.ts';
import { configurationPath, readConfiguration } from '../domain/configuration.ts';
import { answered } from '../domain/diff-request.ts';
import { readDocument } from '../domain/documents.ts';
import { locatedPlace } from '../domain/field-place.ts';
import type { Answer, Configuration, DiffRequest } from '../domain/generated/shapes.ts';
import { type Place, Problem } from '../domain/problem.ts';
import { comparisonBudget } from '../domain/pull-request/comment.ts';
import type { ComparedPicture, JudgedRequest } from '../domain/pull-request/judged-request.ts';
import type { Account } from '../domain/pull-request/pull-request.ts';
import type { RequestFacts } from '../domain/rules/rule.ts';
import { judge, mayBeAnswered, rulesOfSettled } from '../domain/rules/rules.ts';
import { isWorkflowBot, spokesperson } from '../domain/user.ts';
import { writeYaml } from '../domain/yaml-writing.ts';
import type { Change, CommitReader, Snapshot } from '../store/record-store.ts';
import { answerChange } from './answer-change.ts';
import { requireRecords } from './branch-documents.ts';
import { comparedRecords, outputsOf } from './compare-records.ts';
import { type GatheredFacts, gatherProposal, gatherSettled, leftOutOf, settledDocuments } from './gather-facts.ts';
import { readBounded, requestsIn } from './read-bounded.ts';
import { reportComparison } from './report-comparison.ts';

/** Which commit is asked about, against which tip: plain data, since it is answered in another thread. */
export interface Question {
  /** The head of the pull request. */
  readonly commit: string;
  readonly tip: string;
  readonly isMerged: boolean;
  /** The default branch's commit, whose corroborate.yml counts; null where the repository has none. */
  readonly defaultCommit: string | null;
  /** Who opened the pull request. */
  readonly author: Account;
  /** False where computing again has gone over its budget before: the results then rest on the requester's word. */
  readonly computes: boolean;
}

/** Tells for whom the workflow run that a request names has spoken. */
export type ActorOfRun = (run: number | string) => Promise<RequestFacts['author']>;

/** How the owner of the targeted record answers, for one exact commit. */
export interface PullRequestAnswer {
  readonly status: 'agreed' | 'denied';
  readonly answer: Answer;
}

const pictures = /\.(?:png|jpe?g|gif|svg|webp)$/i;
const shownPictures = 20;

/**
 * Runs every rule on a pull request's commit and compares its two records. Reads only; may take long on hostile files,
 * so that a server lets it be done away from its event loop.
 */
export async function judgePullRequest(
  store: CommitReader,
  question: Question,
  actorOfRun: ActorOfRun,
): Promise<JudgedRequest> {
  const tip = await store.snapshot(question.tip);
  await requireRecords(tip, store.branch);
  const { facts, standing } = await gather(store, tip, question, actorOfRun);
  const { diff, from, toward, project } = facts;
  const changed = facts.proposal?.changes.flatMap(({ path, after }) => (after === null ? [] : [path])) ?? [];
  const judgement = judge(facts, standing ? rulesOfSettled : undefined);
  const located = await locatedIn(await store.snapshot(question.commit), new Set(changed));
  return {
    commit: question.commit,
    tip: question.tip,
    judgement: {
      ...judgement,
      findings: await Promise.all(
        judgement.findings.map(async finding => ({ ...finding, at: finding.at && (await located(finding.at)) })),
      ),
    },
    faults: await Promise.all(facts.faults.map(located)),
    changed,
    path: facts.path,
    diff,
    from: from?.record ?? null,
    toward: toward?.record ?? null,
    fromOnBranch: from?.onBranch ?? false,
    standing,
    answerer: toward ? spokesperson(toward.record.owner, project.owner) : null,
    projectOwner: project.owner,
    comparison: await comparisonOf(facts, store, question, tip),
    pictures: picturesOf(facts),
  };
}

/** Where fields stand that are only named, in the YAML files that a request brings: annotations need their lines. */
async function locatedIn(proposed: Snapshot, brought: ReadonlySet<string>) {
  return async <P extends Place>(place: P): Promise<P> => {
    if (place.line !== null || place.field === null || !brought.has(place.path) || !/\.yml$/.test(place.path))
      return place;
    const bytes = await readBounded(proposed, place.path);
    return bytes === null ? place : locatedPlace(place, bytes);
  };
}

/**
 * What the records branch is to become by an answer; null where it has been settled already. The rules are run again on
 * the tip that is named.
 * @throws Problem REFUSED where they no longer hold
 */
export async function answerPullRequest(
  store: CommitReader,
  question: Question,
  actorOfRun: ActorOfRun,
  { status, answer }: PullRequestAnswer,
): Promise<{ readonly change: Change; readonly diff: DiffRequest } | null> {
  const tip = await store.snapshot(question.tip);
  const { facts, standing } = await gather(store, tip, question, actorOfRun);
  if (standing && standing.status !== 'proposed') return null;
  if (facts.diff === null || !mayBeAnswered(judge(facts, standing ? rulesOfSettled : undefined))) {
    throw new Problem('REFUSED', 'the request holds the rules no longer: the records branch has moved.');
  }
  const diff = answered(facts.diff, status, answer);
  return { change: await answerChange(tip, facts, diff), diff };
}

async function gather(
  store: CommitReader,
  tip: Snapshot,
  question: Question,
  actorOfRun: ActorOfRun,
): Promise<{ facts: GatheredFacts; standing: DiffRequest | null }> {
  const configuration = await defaultConfiguration(store, question.defaultCommit);
  const author = async (diff: DiffRequest | null): Promise<RequestFacts['author']> => {
    const { login, id, isBot } = question.author;
    if (!isBot) return { user: { login, id } };
    if (!isWorkflowBot(question.author)) return { unknown: `${login} opened the request, which speaks for nobody` };
    if (diff?.run == null) return { unknown: 'a workflow opened the request, and the request names no workflow run' };
    return actorOfRun(diff.run);
  };
  const standing = await standingRequest(store, tip, question);
  if (standing) {
    const leftOut =
      standing.status === 'denied' && standing.answer?.commit === question.commit
        ? await leftOutOf(store, tip, question.commit, standing.from)
        : new Map<string, Uint8Array>();
    const documents = await settledDocuments(tip);
    const facts = await gatherSettled(tip, documents, standing, configuration, question.computes, leftOut);
    return { facts: { ...facts, author: await author(standing) }, standing };
  }
  const proposed = { commit: question.commit, id: null, author };
  return { facts: await gatherProposal(store, tip, proposed, configuration, question.computes), standing };
}

/** @returns what the target's default branch configures; nothing where it has no corroborate.yml */
async function defaultConfiguration(store: CommitReader, commit: string | null): Promise<Configuration> {
  if (commit === null) return {};
  return readConfiguration(await (await store.snapshot(commit)).read(configurationPath));
}

/**
 * The pull request's own diff request where the branch has it: settled, or merged by hand. It is the same one only if
 * nothing but status and answer differs, and the branch took this very commit, or answered it; else anybody could have
 * another request's end shown as that of a commit that holds more.
 */
async function standingRequest(store: CommitReader, tip: Snapshot, question: Question): Promise<DiffRequest | null> {
  const { commit, isMerged } = question;
  const proposed = await store.snapshot(commit);
  const { parents } = await store.commitInfo(commit);
  if (parents.length !== 1) return null;
  for (const path of (await requestsIn(store, parents[0]!, commit)).slice(0, 2)) {
    const bytes = await tip.read(path);
    const own = bytes && (await readBounded(proposed, path));
    if (!bytes || !own) continue;
    const [there, here] = [readDocument('diff', bytes, path), readDocument('diff', own, path)];
    if (!('value' in there) || !('value' in here) || diffPath(here.value.id) !== path) continue;
    const { status, answer } = there.value;
    if (writeYaml({ ...here.value, status, answer }) !== writeYaml(there.value)) continue;
    if (answer?.commit === commit || isMerged || (await store.isAncestor(commit, tip.commit))) return there.value;
  }
  return null;
}

async function comparisonOf(
  facts: GatheredFacts,
  store: CommitReader,
  { commit }: Question,
  tip: Snapshot,
): Promise<string | null> {
  const { diff, from, toward, computed } = facts;
  if (!diff || !from || !toward || from.record.outputs.length + toward.record.outputs.length === 0) return null;
  const method = findMethod(diff.diff.method, diff.diff.name);
  const proposed = await store.snapshot(commit);
  const read = async (path: string) => (await tip.read(path)) ?? (await proposed.read(path));
  const listings = [outputsOf(from.record, read), outputsOf(toward.record, read)] as const;
  const { word, name, options } = { word: diff.diff.method, name: diff.diff.name, options: diff.diff.options };
  const outputs = computed ?? saidOutputs(diff, ...listings);
  const found = { ...comparedRecords(from.record, toward.record, outputs, { word, name }, options), hint: null };
  if (method === null || computed === null) {
    const said = { name: name ?? word, promise: 'What the requester says.', given: [] };
    return requestComparisonMarkdown({ ...found, failed: null, method: said, evidence: new Map() }, comparisonBudget);
  }
  const report = await reportComparison(
    { ...found, failed: computed.failed },
    method,
    readOptions(method, options),
    ...listings,
    false,
  );
  return requestComparisonMarkdown(report, comparisonBudget);
}

type Listings = ReturnType<typeof outputsOf>;

/** The results that the request brings, where none were computed here. */
function saidOutputs({ diff }: DiffRequest, from: Listings, toward: Listings) {
  const [ours, theirs] = [from, toward].map(files => new Set(files.map(file => file.path)));
  return {
    same: diff.results.every(result => result.same),
    missing: [...theirs!].filter(path => !ours!.has(path)).sort(),
    extra: [...ours!].filter(path => !theirs!.has(path)).sort(),
    files: diff.results,
    unsettled: [],
  };
}

/** Pictures that differ, or that somebody looked at: they are to be looked at again. */
function picturesOf({ diff, from, toward }: RequestFacts): ComparedPicture[] {
  if (!diff || !from || !toward) return [];
  const stored = ({ record }: typeof from, path: string) =>
    record.outputs.some(output => output.path === path && output.stored) ? outputPath(record.id, path) : null;
  return diff.diff.results
    .filter(({ path, identical }) => pictures.test(path) && !identical)
    .slice(0, shownPictures)
    .map(({ path }) => ({ path, from: stored(from, path), toward: stored(toward, path) }))
    .filter(picture => picture.from !== null || picture.toward !== null);
}
