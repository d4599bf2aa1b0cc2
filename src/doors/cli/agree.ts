import { requestBranch } from '../../domain/branch-layout.ts';
import { countsSentence } from '../../domain/wording.ts';
import { answerRequest } from '../../flows/answer-request.ts';
import { reportProject } from '../../flows/report-project.ts';
import { openClone } from './clone.ts';
import { type Command, flag, jsonFlag } from './command.ts';

export const agree: Command = {
  name: 'agree',
  synopsis: 'DIFF',
  summary: 'Agrees to a diff request toward a record of yours, and merges it into `records`.',
  details: [
    'Only the owner of the targeted record can, and only where every rule holds or is attested; they are run again at that very moment. One merge commit on `records` holds the request with your answer and the fresh assessment; `corroborate push` sends it. DIFF is the id of a diff request, any unique part of its beginning or end, or `latest`.',
  ],
  flags: { ...jsonFlag },
  examples: [['corroborate agree 7f3a', 'Agree to the request whose id ends (or begins) so.']],
  words: [1, 1],
  async run(call) {
    const clone = await openClone(call);
    const id = await clone.requestId(call.words[0]!);
    const words = { status: 'agreed', by: clone.owner(), reason: null, at: call.chance.now() } as const;
    const { diff, commit } = await answerRequest(clone.store, id, words, await clone.targetConfiguration());
    if (flag(call, 'json')) call.terminal.json({ ...diff, branch: requestBranch(id), commit });
    else {
      const { terminal } = call;
      terminal.print(`${terminal.paint('green', 'agreed:')} ${diff.from} ${diff.proposition} ${diff.toward}`);
      const { assessment } = await reportProject(clone.store);
      terminal.print(
        `The project is ${terminal.paint('bold', assessment.property)}: ${countsSentence(assessment.counts)}.`,
      );
    }
    return 0;
  },
};
