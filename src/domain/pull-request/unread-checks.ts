import { boundedSentence } from './bounded-text.ts';
import { type CheckName, checkNames } from './pull-request.ts';
import type { CheckView } from './pull-request-view.ts';

const becauseRoom = 2000;

const conclusions: { readonly [Name in CheckName]: CheckView['conclusion'] } = {
  'Table 1': 'failure',
  'Owner agreement': 'action_required',
};

/**
 * What stands on the head of a diff request that the App may not read: neither check passes, and both say why. They give
 * way to the verdict as soon as it can be read.
 * @param because our own sentence, which names the permission
 */
export function unreadChecks(because: string, digestOf: (text: string) => string): CheckView[] {
  return checkNames.map(name => {
    const check = {
      name,
      status: 'completed' as const,
      conclusion: conclusions[name],
      title: 'The App lacks a permission here',
      summary: [
        `This looks like a diff request, but the App may not read pull requests here, so nothing was judged. ${boundedSentence(because, becauseRoom)}`,
        'Once the permission is accepted, the App looks at everything that is open by itself.',
      ].join('\n\n'),
      annotations: [],
      actions: [],
    };
    return { ...check, digest: digestOf(JSON.stringify(check)) };
  });
}
