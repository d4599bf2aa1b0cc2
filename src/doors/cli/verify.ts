import { plural } from '../../domain/wording.ts';
import { verifyBranch } from '../../flows/verify-branch.ts';
import { openClone } from './clone.ts';
import { type Command, flag, jsonFlag } from './command.ts';
import { plain } from './terminal.ts';

export const verify: Command = {
  name: 'verify',
  synopsis: '',
  summary: 'Checks every invariant of the records branch.',
  details: [
    'These are: every YAML file is strict and valid; ids, folders and stored files agree, nothing more and nothing less; every container and record that is named exists; the history only ever grew and nothing final was ever changed (every commit is walked); settled requests hold the rules and were answered by the right person; results recompute; assessment.yml and README.md are those that the branch gives. Changes nothing. Warned of are names that are one file on other systems, a pair that two clones settled before they met, and times that cannot be. Exits 1 when anything is broken; warnings alone are no failure.',
  ],
  flags: { ...jsonFlag },
  examples: [['corroborate verify', 'Is this branch whole?']],
  words: [0, 0],
  async run(call) {
    const { terminal } = call;
    const clone = await openClone(call);
    const verification = await verifyBranch(
      clone.store,
      await clone.targetConfiguration(),
      call.chance.now(),
      clone.progress,
    );
    terminal.done();
    if (flag(call, 'json')) terminal.json(verification);
    else {
      for (const { path, line, column, field, rule, because, severity } of verification.problems) {
        const place = `${path}${line === null ? '' : `:${line}${column === null ? '' : `:${column}`}`}`;
        const word = terminal.paint(severity === 'error' ? 'red' : 'yellow', severity);
        terminal.print(
          plain(`${place}: ${field === null ? '' : `${field}: `}${because}`).replace(/^/, `${word} `) +
            terminal.paint('dim', ` [${rule}]`),
        );
      }
      const verdict = terminal.paint(verification.verdict === 'holds' ? 'green' : 'red', verification.verdict);
      terminal.print(
        `${verdict}: ${plural(verification.records, 'record')}, ${plural(verification.problems.length, 'problem')}`,
      );
    }
    return verification.verdict === 'holds' ? 0 : 1;
  },
};
