import { recordFolder } from '../../domain/branch-layout.ts';
import { describeFaults } from '../../domain/documents.ts';
import type { RecordAtom } from '../../domain/generated/shapes.ts';
import { Problem } from '../../domain/problem.ts';
import { parseQuery, queryFields } from '../../domain/query.ts';
import { userName } from '../../domain/user.ts';
import { listRecords } from '../../flows/list-records.ts';
import { openClone } from './clone.ts';
import { type Command, flag, jsonFlag, text } from './command.ts';
import { paintRecordStatus } from './record-status.ts';
import { columnsOf, plain, type Terminal, table } from './terminal.ts';

export const list: Command = {
  name: 'list',
  synopsis: '[QUERY…] [--limit N]',
  summary: 'Lists the records, newest first, or those that a query finds.',
  details: [
    'QUERY is words that stand anywhere in a record, and field:value pairs such as status:finished, input:x, dependency:numpy<2, since:2026-11-01, owner:ada, tag:x. All must hold. Numbers and versions may stand behind <, <=, >, >= or =; times are in UTC. A leading - negates (put -- before it), and quotes hold words together: reason:"long run".',
    `Fields: ${queryFields.join(', ')}.`,
  ],
  flags: {
    limit: { type: 'string', short: 'n', value: 'N', help: 'at most so many (20 on a terminal unless told, else all)' },
    ...jsonFlag,
  },
  examples: [
    ['corroborate list', 'The newest records.'],
    [
      "corroborate list status:finished 'dependency:numpy<2' since:2026-11-01",
      'What finished since then with an old numpy.',
    ],
    ["corroborate list 'duration:>60' -- -owner:ada", 'Runs of over a minute that are not by Ada.'],
  ],
  words: [0, Number.POSITIVE_INFINITY],
  async run(call) {
    const limit = text(call, 'limit');
    if (limit !== null && !/^[1-9]\d{0,8}$/.test(limit))
      throw new Problem('USAGE', `--limit takes a number of records, not ${JSON.stringify(limit)}`);
    const query = parseQuery(call.words);
    const clone = await openClone(call);
    const { terminal } = call;
    const most = limit !== null ? Number(limit) : terminal.isTerminal && !flag(call, 'json') ? 20 : undefined;
    const index = await clone.index();
    if (index.note !== null) terminal.say(`${terminal.paint('yellow', 'note:')} ${index.note}`);
    const found = await listRecords(index, clone.runsFolder, query, most, call.chance.now());
    const records: RecordAtom[] = [];
    for (const stored of found) {
      if ('record' in stored) records.push(stored.record);
      else terminal.say(`${terminal.paint('red', 'damaged:')} ${stored.id}: ${plain(describeFaults(stored.faults))}`);
    }
    if (flag(call, 'json')) terminal.json(records.map(record => ({ ...record, path: recordFolder(record.id) })));
    else if (found.length === 0)
      terminal.print(
        call.words.length > 0 ? 'No record is so.' : 'No records yet: `corroborate run COMMAND` makes one.',
      );
    else {
      for (const line of recordTable(records, terminal)) terminal.print(line);
      if (limit === null && found.length === most)
        terminal.say(terminal.paint('dim', `The newest ${most}; --limit N shows more.`));
    }
    return 0;
  },
};

function recordTable(records: readonly RecordAtom[], terminal: Terminal): string[] {
  const heads = ['RECORD', 'STATUS', 'SECONDS', 'OUTPUTS', 'OWNER', 'COMMAND'].map(head => terminal.paint('dim', head));
  const rows = records.map(record => [
    record.id,
    paintRecordStatus(record, terminal),
    record.program.duration_seconds === null ? '' : record.program.duration_seconds.toFixed(2),
    String(record.outputs.length),
    plain(userName(record.owner)),
    plain(record.program.command.join(' ')),
  ]);
  const lines = table([heads, ...rows], [2, 3]);
  return lines.map(line => cutTo(line, terminal.width, terminal.isTerminal));
}

function cutTo(line: string, width: number, cut: boolean): string {
  if (!cut || columnsOf(line) <= width) return line;
  const excess = columnsOf(line) - width + 1;
  return `${[...line].slice(0, -excess).join('')}…`;
}
