import { methodLabel } from '../assessment.ts';
import { shortened } from '../comparison-report/comparison-report.ts';
import type { Proposition, User } from '../generated/shapes.ts';
import { codeSpan } from '../markdown.ts';
import { userName } from '../user.ts';
import { propositionSentence } from '../wording.ts';
import { boundedText } from './bounded-text.ts';
import { folderAddress } from './file-view.ts';
import type { JudgedRequest } from './judged-request.ts';
import type { PullRequest, TargetRepository } from './pull-request.ts';

const verb: Readonly<{ [proposition in Proposition]: string }> = {
  repeated: '**repeats**',
  reproduced: '**reproduces**',
  'non-repeated': 'does **not repeat**',
  'non-reproduced': 'does **not reproduce**',
};

/** Bounds, in characters of Markdown. */
const nameRoom = 300;
const observationRoom = 2000;

/** The claim in one sentence, with links to both records. */
export function claimSentence(repository: TargetRepository, pull: PullRequest, judged: JudgedRequest): string {
  const { diff, from, toward } = judged;
  if (diff === null)
    return 'A pull request on this branch makes one claim about two records, but none can be read here.';
  const record = (side: 'from' | 'toward') => {
    const address = folderAddress(repository, pull, judged, side);
    return address === null ? codeSpan(diff[side]) : `[\`${diff[side]}\`](${address})`;
  };
  const owner = toward === null ? '' : ` of ${bold(toward.owner)}`;
  const method = codeSpan(shortened(methodLabel(diff.diff), 100));
  const sentence = `${bold(diff.sender)} claims that the run ${record('from')} ${verb[diff.proposition]} the run ${record('toward')}${owner}: ${propositionSentence[diff.proposition]}, by the method ${method}.`;
  const isForeign = from !== null && toward !== null && from.project !== toward.project;
  return isForeign ? `${sentence} It is a run of another project, ${boundedText(from.project, nameRoom)}.` : sentence;
}

/** What the requester saw, as a quotation; null where there is nothing. */
export function observationQuote({ diff }: JudgedRequest): string | null {
  const seen = diff?.diff.observation?.trim() ?? '';
  return diff === null || seen === ''
    ? null
    : `What ${bold(diff.sender)} observed:\n\n> ${boundedText(seen, observationRoom)}`;
}

/** A name that stands out and notifies nobody. */
export function bold(user: User): string {
  return `**${boundedText(userName(user), nameRoom) || 'somebody without a name'}**`;
}
