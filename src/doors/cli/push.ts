import { requireTip } from '../../flows/branch-documents.ts';
import { pushRecords } from '../../flows/exchange-records.ts';
import { openClone } from './clone.ts';
import { type Command, flag, jsonFlag } from './command.ts';
import { plain } from './terminal.ts';

export const push: Command = {
  name: 'push',
  synopsis: '[REMOTE]',
  summary: 'Sends the records and the open requests to the remote.',
  details: [
    'REMOTE is a name that `git remote` knows. It goes through your own git, with your keys and credentials, and never by force. Where the remote has what is not here yet, that is pulled and merged first. The branch of a request that these records have settled is removed there, if it still stands at what was answered.',
  ],
  flags: { ...jsonFlag },
  examples: [['corroborate push', 'To the remote that this branch follows, or origin.']],
  words: [0, 1],
  async run(call) {
    const clone = await openClone(call);
    await requireTip(clone.store);
    const pushed = await pushRecords(clone.store, clone.exchange(), clone.owner, call.chance.now, call.words[0]);
    if (flag(call, 'json')) call.terminal.json(pushed);
    else {
      const gone = pushed.removed.length > 0 ? `, removed ${pushed.removed.join(', ')}` : '';
      call.terminal.print(`${pushed.remote}: sent ${pushed.branches.join(', ')}${gone}.`);
    }
    if (pushed.left !== null)
      call.terminal.say(
        `${call.terminal.paint('yellow', 'left:')} settled requests keep their branch: ${plain(pushed.left)}`,
      );
    return 0;
  },
};
