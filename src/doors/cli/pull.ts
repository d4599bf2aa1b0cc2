import { plural } from '../../domain/wording.ts';
import { pullRecords } from '../../flows/exchange-records.ts';
import { openClone } from './clone.ts';
import { type Command, flag, jsonFlag } from './command.ts';

export const pull: Command = {
  name: 'pull',
  synopsis: '[REMOTE]',
  summary: "Fetches the remote's records and open requests and merges them with those here.",
  details: [
    'REMOTE is a name that `git remote` knows. It goes through your own git, with your keys and credentials. Records are only ever added, histories merge by id, and a request that was answered stays so. Your checkout is not touched.',
  ],
  flags: { ...jsonFlag },
  examples: [['corroborate pull', 'From the remote that this branch follows, or origin.']],
  words: [0, 1],
  async run(call) {
    const clone = await openClone(call);
    const pulled = await pullRecords(clone.store, clone.exchange(), clone.owner, call.chance.now, call.words[0]);
    if (flag(call, 'json')) call.terminal.json(pulled);
    else {
      const waiting = pulled.requests.length > 0 ? `, ${plural(pulled.requests.length, 'new request')} waiting` : '';
      call.terminal.print(`${pulled.remote}: ${clone.store.branch} ${pulled.records}${waiting}.`);
    }
    return 0;
  },
};
