import { recordFolder } from '../../domain/branch-layout.ts';
import { plural } from '../../domain/wording.ts';
import { recoverRuns } from '../../flows/recover-runs.ts';
import { openClone } from './clone.ts';
import { type Command, flag, jsonFlag } from './command.ts';

export const recover: Command = {
  name: 'recover',
  synopsis: '',
  summary: 'Settles runs whose recorder died (kill -9, a power loss) with the outputs found.',
  details: [
    'Such a run is shown as `unknown` at once; this makes it final. A simulation that outlived its recorder is left alone until it has ended. `corroborate run` does the same first for runs in its own working tree.',
  ],
  flags: { ...jsonFlag },
  examples: [['corroborate recover', 'Settle what a crash left behind.']],
  words: [0, 0],
  async run(call) {
    const { terminal } = call;
    const clone = await openClone(call);
    const { settled, left } = await recoverRuns(clone.store, clone.runsFolder, call.chance.now, clone.engine);
    for (const { id, because } of left) terminal.say(`${terminal.paint('yellow', 'left:')} ${id}: ${because}`);
    if (flag(call, 'json')) terminal.json(settled.map(record => ({ ...record, path: recordFolder(record.id) })));
    else if (settled.length === 0) terminal.print('Nothing to recover.');
    else
      for (const record of settled)
        terminal.print(`${record.id}: unknown, with ${plural(record.outputs.length, 'output')}`);
    return 0;
  },
};
