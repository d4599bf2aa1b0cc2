import { requestBranch } from '../branch-layout.ts';
import { fencedBlock } from '../markdown.ts';
import { isGitHubUser } from '../user.ts';
import { boundedSentence } from './bounded-text.ts';
import { bold } from './claim-sentence.ts';
import type { JudgedRequest } from './judged-request.ts';
import type { PullRequest } from './pull-request.ts';
import type { Stage } from './stage.ts';

/** As GitHub lets people name themselves, with the `_` of managed accounts. */
const login = /^[a-z\d](?:[a-z\d]|[-_](?=[a-z\d])){0,38}$/i;

const becauseRoom = 400;

/**
 * Who must do what now, ready to copy, as Markdown; '' where nobody has to do anything.
 * @param mentions whether the one who is asked is to be notified: nobody else ever is
 */
export function whatHappensNext(stage: Stage, pull: PullRequest, judged: JudgedRequest, mentions: boolean): string {
  if (stage.is === 'waiting' || (stage.is === 'merged-by-hand' && stage.answerable))
    return answering(pull, judged, mentions);
  if (stage.is === 'refused') {
    return [
      `${pull.author.isBot ? 'The requester' : bold(pull.author)} can put another commit in the place of this one (a request is one commit, so amend it and push with force): the check \`Table 1\` says which rules do not hold, and at which lines.`,
      'Where something else has changed that the rules look at, anybody can comment `/recheck`.',
    ].join('\n');
  }
  return '';
}

/** For the one person whose answer counts. */
function answering(pull: PullRequest, judged: JudgedRequest, mentions: boolean): string {
  const { answerer, commit } = judged;
  if (answerer === null) return 'The targeted record cannot be read, so nobody can answer.';
  if (!isGitHubUser(answerer)) return answeringInClone(pull, judged);
  // A merged pull request need not let anybody review it.
  const review = pull.isMerged
    ? { agrees: '', denies: '', voids: '' }
    : {
        agrees: 'approve this pull request in a review, ',
        denies: 'request changes in a review, with the reason in it, or ',
        voids: ', and a later push voids it',
      };
  const parts = [
    `${mentions && login.test(answerer.login) ? `@${answerer.login}` : bold(answerer)}, please look at both runs and answer. Nobody else's answer counts${review.voids}.`,
    vouching(judged),
    `**To agree**, ${review.agrees}press *Agree* on the check \`Owner agreement\`, or comment`,
    fencedBlock([`/agree ${commit}`], ''),
    `**To deny**, ${review.denies}comment (the button *Deny* gives no reason)`,
    fencedBlock([`/deny ${commit} because …`], ''),
  ];
  return parts.filter(part => part !== '').join('\n\n');
}

/** An owner whom git alone knows has no account that could be told apart here. */
function answeringInClone(pull: PullRequest, judged: JudgedRequest): string {
  const { answerer, diff } = judged;
  if (answerer === null || diff === null) return '';
  const parts = [
    `${bold(answerer)} owns the targeted record by a name and an address of git's, not by a GitHub account, so no answer here can be told to be theirs. The answer is given in a clone:`,
    vouching(judged),
    fencedBlock(
      [
        `git fetch origin pull/${pull.number}/head:${requestBranch(diff.id)}`,
        'corroborate pull',
        `corroborate agree ${diff.id}`,
        `# or: corroborate deny ${diff.id} --reason 'because …'`,
        'corroborate push',
      ],
      'sh',
    ),
  ];
  return parts.filter(part => part !== '').join('\n\n');
}

/** What rests on the requester's word, said to the one who is asked to believe it; '' where nothing does. */
function vouching({ judgement }: JudgedRequest): string {
  const attested = judgement.findings.filter(finding => finding.is === 'attested');
  if (attested.length === 0) return '';
  const items = attested.map(({ rule, because }) => `- **${rule}**: ${boundedSentence(because, becauseRoom)}`);
  return [
    "**By agreeing you also vouch for what could not be computed again** and is the requester's word:",
    '',
    ...items,
  ].join('\n');
}
