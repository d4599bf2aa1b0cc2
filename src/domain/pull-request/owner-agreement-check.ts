import { isGitHubUser } from '../user.ts';
import { claimSentence, observationQuote } from './claim-sentence.ts';
import type { JudgedRequest } from './judged-request.ts';
import type { PullRequest, TargetRepository } from './pull-request.ts';
import type { CheckView } from './pull-request-view.ts';
import type { Stage } from './stage.ts';
import { isOfThisCommit, stageWords } from './stage-words.ts';
import { whatHappensNext } from './what-happens-next.ts';

const buttons: CheckView['actions'] = [
  { label: 'Agree', description: "Agree, as the targeted record's owner", identifier: 'agree' },
  { label: 'Deny', description: "Deny, as the targeted record's owner", identifier: 'deny' },
];

/**
 * The check `Owner agreement`. Nothing but an agreement to this very commit lets it pass, so that where it is required
 * nobody can merge past the owner.
 */
export function ownerAgreementCheck(
  repository: TargetRepository,
  pull: PullRequest,
  judged: JudgedRequest,
  stage: Stage,
): Omit<CheckView, 'digest'> {
  const { title, sentences } = stageWords(stage, judged);
  const parts = [
    claimSentence(repository, pull, judged),
    observationQuote(judged),
    sentences.join('\n\n'),
    whatHappensNext(stage, pull, judged, false),
  ];
  const isAsked = stage.is === 'waiting' || (stage.is === 'merged-by-hand' && stage.answerable);
  const canPress = judged.answerer !== null && isGitHubUser(judged.answerer);
  return {
    name: 'Owner agreement',
    status: 'completed',
    conclusion: conclusionOf(stage, judged.commit),
    title,
    summary: parts.filter(part => part !== null && part !== '').join('\n\n'),
    annotations: [],
    actions: isAsked && canPress ? buttons : [],
  };
}

function conclusionOf(stage: Stage, commit: string): 'success' | 'failure' | 'action_required' {
  switch (stage.is) {
    case 'waiting':
    case 'held-up':
      return 'action_required';
    case 'merged-by-hand':
      return stage.answerable ? 'action_required' : 'failure';
    case 'agreed':
      return isOfThisCommit(stage.answer, commit) ? 'success' : 'failure';
    case 'refused':
    case 'denied':
    case 'withdrawn':
      return 'failure';
  }
}
