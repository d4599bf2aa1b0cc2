import type { RuleFinding, Verdict } from '../../domain/rules/rules.ts';
import { rules } from '../../domain/rules/rules.ts';
import { judgeRequest } from '../../flows/judge-request.ts';
import { openClone } from './clone.ts';
import { type Command, flag, jsonFlag } from './command.ts';
import { type Colour, plain, type Terminal, table } from './terminal.ts';

export const check: Command = {
  name: 'check',
  synopsis: 'DIFF',
  summary: 'Runs every rule on a diff request and says what each finds.',
  details: [
    "DIFF is the id of a diff request, any unique part of its beginning or end, or `latest`. What a rule finds is one of four words: it holds, it is attested (it rests on the requester's word), it is broken, or it is unknown. Exits 0 when all hold or are attested, else 1.",
  ],
  flags: { ...jsonFlag, verbose: { type: 'boolean', short: 'v', help: 'say what each rule promises' } },
  examples: [['corroborate check 7f3a', 'Does the request whose id ends (or begins) so hold?']],
  words: [1, 1],
  async run(call) {
    const clone = await openClone(call);
    const id = await clone.requestId(call.words[0]!);
    const { judgement } = await judgeRequest(clone.store, id, await clone.targetConfiguration());
    const { verdict, findings } = judgement;
    if (flag(call, 'json')) call.terminal.json({ id, verdict, findings });
    else {
      for (const line of findingTable(findings, call.terminal)) call.terminal.print(line);
      if (flag(call, 'verbose')) {
        call.terminal.print();
        for (const { id: rule, promise } of rules)
          call.terminal.print(`  ${call.terminal.paint('cyan', rule)}: ${promise}`);
      }
      call.terminal.print();
      call.terminal.print(`${id}: ${paintVerdict(verdict, call.terminal)}`);
    }
    return verdict === 'holds' || verdict === 'attested' ? 0 : 1;
  },
};

const colourOf: Readonly<{ [verdict in Verdict]: Colour }> = {
  holds: 'green',
  attested: 'yellow',
  broken: 'red',
  unknown: 'red',
};

function paintVerdict(verdict: Verdict, terminal: Terminal): string {
  return terminal.paint(colourOf[verdict], verdict);
}

function findingTable(findings: readonly RuleFinding[], terminal: Terminal): string[] {
  return table(
    findings.map(finding => {
      const place = finding.at?.line ? ` (${finding.at.path}:${finding.at.line})` : '';
      return [paintVerdict(finding.is, terminal), finding.rule, plain(finding.because + place)];
    }),
  );
}
