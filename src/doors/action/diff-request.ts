import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { recordContainerPath, recordFolder, requestBranch } from '../../domain/branch-layout.ts';
import { configurationPath, readConfiguration } from '../../domain/configuration.ts';
import type { Configuration, Proposition, RecordAtom, User } from '../../domain/generated/shapes.ts';
import { escapeMarkdown } from '../../domain/markdown.ts';
import { compareLink, type PullRequestPlace, type PullRequestWords } from '../../domain/pull-request/compare-link.ts';
import { isRecordId } from '../../domain/record-id.ts';
import { isPerson, isSameUser, isWorkflowBot, spokesperson, userName } from '../../domain/user.ts';
import { propositionSentence } from '../../domain/wording.ts';
import { readHistory, readProject, yamlBytes } from '../../flows/branch-documents.ts';
import { findSameRequests, findSettledRequest } from '../../flows/find-same-request.ts';
import { type BroughtRecord, openRequest } from '../../flows/open-request.ts';
import { hadPull, openPullRequest, openPulls, personOfToken } from '../../github/open-pull-request.ts';
import { userGit } from '../../machine/git/user-git.ts';
import { openWorkshop } from '../../store/git-store/workshop.ts';
import type { GitHubStore } from '../../store/github-store/github-store.ts';
import { proposingStore } from '../../store/proposing-store.ts';
import type { ChosenMethod, MadeComparison } from './comparison.ts';
import type { Step } from './step.ts';
import type { Target } from './target.ts';

/** A diff request that waits: as a pull request, or one click away from it. */
export interface AskedRequest {
  readonly id: string;
  /** The pull request, or the page that opens it. */
  readonly url: string;
  readonly isOpen: boolean;
  /** It was there before. */
  readonly isOld: boolean;
  readonly proposition: Proposition;
  /** Why a person has to click, where one has to. */
  readonly because: string | null;
}

/** Branches of requests of one's own that are looked at, newest first. */
const mostOwn = 100;

/**
 * Opens the diff request for a comparison, or finds the one that asks the same already.
 * @returns a sentence where the same was asked and answered before: a reproduction does not ask again
 * @throws Problem REFUSED where the rules do not let it be opened
 */
export async function askOwner(
  step: Step,
  from: RecordAtom,
  { target, comparison }: MadeComparison,
  { method, options, observed }: ChosenMethod,
): Promise<AskedRequest | string> {
  const { inputs, context, hub } = step;
  const proposition = inputs.proposition ?? comparison.proposition!;
  const sender = spokesperson(from.owner, (await readProject(target.tip)).owner);
  const asked = { sender, from, toward: target.record.id, proposition };
  const compared = { method: method.word, name: method.name, options: observed };
  const settled = from.reproduces === null ? null : await findSettledRequest(target.tip, asked, compared);
  if (settled !== null) {
    return `No diff request was opened: ${userName(sender)} has claimed \`${proposition}\` of ${asked.toward} before, and it was ${settled.status} (${settled.id}).`;
  }
  const old = await findOld(step, target, asked);
  if (old !== null) return old;

  const own = hub.store(context.repository);
  const folder = await mkdtemp(join(context.temporary, 'corroborate-request-'));
  try {
    const remote = { authorization: hub.authorization };
    const workshop = await openWorkshop({
      git: userGit(folder, step.environment),
      folder,
      branch: inputs.branch,
      environment: step.environment,
      clock: hub.clock,
      target: { ...remote, url: hub.gitUrl(target.repository) },
      destination: { ...remote, url: hub.gitUrl(context.repository) },
    });
    const store = proposingStore(target.store, workshop);
    const claim = {
      from: from.id,
      toward: target.record.id,
      method,
      options,
      proposition: inputs.proposition,
      observation: inputs.observation,
    };
    const { diff } = await openRequest(store, claim, {
      sender,
      configuration: await configurationOf(target.store),
      chance: step.chance,
      brought: target.isOwn ? null : await broughtRecord(own, target, from),
      run: context.runId,
    });
    return await publish(step, target, diff.id, sender, { from, proposition: diff.proposition });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function placeOf({ context, inputs }: Step, { repository: target }: Target, id: string): PullRequestPlace {
  const head = { ...context.repository, branch: requestBranch(id) };
  return { server: context.server, target, base: inputs.branch, head };
}

function wordsFor(from: RecordAtom, toward: RecordAtom, proposition: Proposition): PullRequestWords {
  return {
    title: `${from.id} ${proposition} ${toward.id}`,
    body: [
      `${escapeMarkdown(userName(from.owner))} ran ${escapeMarkdown(from.project)} again and claims: **${proposition}** (${propositionSentence[proposition]}).`,
      `The run \`${from.id}\` is compared with \`${toward.id}\`, whose owner, ${escapeMarkdown(userName(toward.owner))}, is asked to agree or deny. The diff request is the one file below \`diffs/\`.`,
    ].join('\n\n'),
  };
}

/** A pull request where the token may open one that speaks for the sender, else the page on which he opens it himself. */
async function publish(
  step: Step,
  target: Target,
  id: string,
  sender: User,
  { from, proposition }: { readonly from: RecordAtom; readonly proposition: Proposition },
): Promise<AskedRequest> {
  const { api } = step.hub;
  const place = placeOf(step, target, id);
  const words = wordsFor(from, target.record, proposition);
  const asked = { id, proposition, isOld: false };
  const linked = (because: string) => ({ ...asked, url: compareLink(place, words), isOpen: false, because });
  const person = await personOfToken(api);
  if (person !== null && !isSameUser(person, sender)) {
    return linked(
      `the token is ${person.login}'s, and a request counts only where its sender, ${userName(sender)}, opens it`,
    );
  }
  if (person === null && !target.isOwn) {
    return linked("a workflow's own token cannot open a pull request in another repository; a personal one can");
  }
  if (person === null && !isPerson(from.owner)) {
    return linked(`the run was set off by ${userName(from.owner)}, and ${userName(sender)} speaks for it`);
  }
  const opened = await openPullRequest(api, place, words);
  if ('url' in opened) return { ...asked, url: opened.url, isOpen: true, because: null };
  return linked(`GitHub did not let the token open it (${opened.refused})`);
}

/** Pull requests that are open, and branches of one's own from which none was opened yet. */
async function findOld(
  step: Step,
  target: Target,
  asked: Parameters<typeof findSameRequests>[3],
): Promise<AskedRequest | null> {
  const { hub, inputs, context } = step;
  const { api } = hub;
  const { sender, proposition } = asked;
  const pulls = await openPulls(api, target.repository, inputs.branch);
  const found = { isOld: true, proposition, because: null };
  // A workflow opens them as a bot; everybody else as himself. Of another bot's the rules say that it speaks for nobody.
  const speaking = pulls.filter(
    ({ author }) => isWorkflowBot(author) || (!author.isBot && 'id' in sender && author.id === sender.id),
  );
  const [open] = await findSameRequests(target.store, target.tip, speaking, asked);
  if (open) return { ...found, id: open.id, url: open.url, isOpen: true };

  const prefix = requestBranch('');
  const own = hub.store(context.repository);
  const waiting = (await own.branches(prefix))
    .map(({ name, commit }) => ({ id: name.slice(prefix.length), commit }))
    .filter(({ id }) => isRecordId(id) && !pulls.some(pull => pull.id === id))
    .sort((one, other) => (one.id < other.id ? 1 : -1))
    .slice(0, mostOwn);
  for (const { id } of await findSameRequests(own, target.tip, waiting, asked)) {
    const place = placeOf(step, target, id);
    // It was closed: whoever closed it meant something by that.
    if (await hadPull(api, place)) continue;
    const url = compareLink(place, wordsFor(asked.from, target.record, proposition));
    return {
      ...found,
      id,
      url,
      isOpen: false,
      because: 'it was pushed already, and nobody has opened the pull request',
    };
  }
  return null;
}

/** corroborate.yml of the target's default branch: what a request must keep to. */
async function configurationOf(store: GitHubStore): Promise<Configuration> {
  const head = (await store.refs(['HEAD'])).find(({ name }) => name === 'HEAD');
  if (head === undefined) return {};
  return readConfiguration(await (await store.snapshot(head.id)).read(configurationPath));
}

/** The record as it stands on one's own branch, with its container where the target's history lacks it. */
async function broughtRecord(own: GitHubStore, target: Target, record: RecordAtom): Promise<BroughtRecord | null> {
  const folder = recordFolder(record.id);
  const tip = (await own.tip())!;
  const [files, history, theirs] = await Promise.all([tip.files(folder), readHistory(tip), readHistory(target.tip)]);
  const contents = await own.contents(files.map(({ id }) => id));
  const brought = new Map(files.map(({ path }, index) => [path, contents[index]!]));
  const container = history.find(({ id }) => id === record.image);
  if (container && !theirs.some(({ id }) => id === container.id)) {
    brought.set(recordContainerPath(record.id), yamlBytes(container));
  }
  return { record, files: brought };
}
