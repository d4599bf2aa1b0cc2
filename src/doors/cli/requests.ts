import { methodLabel } from '../../domain/assessment.ts';
import { describeFaults } from '../../domain/documents.ts';
import type { RequestStatus } from '../../domain/generated/shapes.ts';
import { Problem } from '../../domain/problem.ts';
import { userName } from '../../domain/user.ts';
import { listRequests, type RequestList } from '../../flows/list-requests.ts';
import { openClone } from './clone.ts';
import { type Command, flag, jsonFlag, text } from './command.ts';
import { plain, type Terminal, table } from './terminal.ts';

const statuses: readonly string[] = ['proposed', 'agreed', 'denied'];

export const requests: Command = {
  name: 'requests',
  synopsis: '[--status proposed|agreed|denied]',
  summary: 'Lists the diff requests, newest first.',
  details: [
    'Those that wait for an answer stand on a branch `diffs/<id>` each, the others on the branch `records`. `corroborate check` tells of each whether it holds. Where two clones settled the same pair before they met, the earlier answer counts and the other is superseded.',
  ],
  flags: { status: { type: 'string', value: 'STATUS', help: 'only those: proposed, agreed or denied' }, ...jsonFlag },
  examples: [['corroborate requests --status proposed', 'What waits for an answer.']],
  words: [0, 0],
  async run(call) {
    const status = text(call, 'status');
    if (status !== null && !statuses.includes(status)) {
      throw new Problem('USAGE', `--status is one of ${statuses.join(', ')}, not ${JSON.stringify(status)}`);
    }
    const clone = await openClone(call);
    const list = await listRequests(clone.store, (status as RequestStatus | null) ?? undefined);
    for (const { id, faults } of list.damaged) {
      call.terminal.say(`${call.terminal.paint('yellow', 'cannot be read:')} ${id}: ${plain(describeFaults(faults))}`);
    }
    if (flag(call, 'json'))
      call.terminal.json(list.requests.map(({ diff, branch, commit }) => ({ ...diff, branch, commit })));
    else if (list.requests.length === 0) call.terminal.print('No diff requests.');
    else for (const line of requestTable(list, call.terminal)) call.terminal.print(line);
    return 0;
  },
};

function requestTable({ requests, superseded }: RequestList, terminal: Terminal): string[] {
  const heads = ['REQUEST', 'STATUS', 'CLAIM', 'FROM', 'TOWARD', 'METHOD', 'SENDER'].map(head =>
    terminal.paint('dim', head),
  );
  const rows = requests.map(({ diff }) => [
    diff.id,
    paintStatus(diff.status, terminal) + (superseded.has(diff.id) ? ', superseded' : ''),
    diff.proposition,
    diff.from.slice(17),
    diff.toward.slice(17),
    plain(methodLabel(diff.diff)),
    plain(userName(diff.sender)),
  ]);
  return table([heads, ...rows]);
}

function paintStatus(status: RequestStatus, terminal: Terminal): string {
  return terminal.paint(status === 'agreed' ? 'green' : status === 'denied' ? 'red' : 'yellow', status);
}
