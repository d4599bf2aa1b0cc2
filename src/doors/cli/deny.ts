import { requestBranch } from '../../domain/branch-layout.ts';
import { Problem } from '../../domain/problem.ts';
import { answerRequest } from '../../flows/answer-request.ts';
import { openClone } from './clone.ts';
import { type Command, flag, jsonFlag, text } from './command.ts';

export const deny: Command = {
  name: 'deny',
  synopsis: 'DIFF --reason R',
  summary: 'Denies a diff request toward a record of yours, with the reason.',
  details: [
    'Only the owner of the targeted record can. The denied request stays on the branch `records` with your reason; the assessment does not change. `corroborate push` sends it. DIFF is the id of a diff request, any unique part of its beginning or end, or `latest`.',
  ],
  flags: {
    reason: { type: 'string', value: 'TEXT', help: 'why, which is required; the requester reads it' },
    ...jsonFlag,
  },
  examples: [["corroborate deny 7f3a --reason 'The outputs differ in the last digits only'", 'Deny it, and say why.']],
  words: [1, 1],
  async run(call) {
    const reason = text(call, 'reason')?.trim() ?? '';
    if (reason === '') throw new Problem('USAGE', 'a denial needs a reason: --reason TEXT');
    const clone = await openClone(call);
    const id = await clone.requestId(call.words[0]!);
    const words = { status: 'denied', by: clone.owner(), reason, at: call.chance.now() } as const;
    const { diff, commit } = await answerRequest(clone.store, id, words, await clone.targetConfiguration());
    if (flag(call, 'json')) call.terminal.json({ ...diff, branch: requestBranch(id), commit });
    else
      call.terminal.print(`${call.terminal.paint('red', 'denied:')} ${diff.from} ${diff.proposition} ${diff.toward}`);
    return 0;
  },
};
