import type { Proposition } from '../../domain/generated/shapes.ts';
import { Problem } from '../../domain/problem.ts';
import { openRequest } from '../../flows/open-request.ts';
import { openClone } from './clone.ts';
import { type Command, flag, jsonFlag, text } from './command.ts';
import { methodFlag, methodOf } from './method-flags.ts';

const propositions: readonly string[] = ['repeated', 'reproduced', 'non-repeated', 'non-reproduced'];

export const request: Command = {
  name: 'request',
  synopsis: 'FROM TOWARD [--proposition P] [--method M] [--observation TEXT]',
  summary: 'Asks the owner of TOWARD to agree that FROM, a record of yours, repeated or reproduced it (or did not).',
  details: [
    'FROM and TOWARD are records: an id, any unique part of its beginning or end, `latest`, or `@{n}`, n before the latest. The claim must be the one that Table 1 allows: with same source and same inputs, repeated where the outputs are the same and non-repeated where not; else reproduced where they are the same, and non-reproduced (with an observation) where not.',
    'All rules are run first, and nothing is opened that they break: it exits 1 with the sentence of each. The request is the branch `diffs/<id>`: `corroborate push` sends it, `corroborate agree` and `corroborate deny` answer it.',
  ],
  flags: {
    proposition: {
      type: 'string',
      short: 'p',
      value: 'CLAIM',
      help: 'repeated, reproduced, non-repeated or non-reproduced; without it the one in the cell',
    },
    ...methodFlag,
    observation: {
      type: 'string',
      value: 'TEXT',
      help: 'what was seen, in words; needed for visual, and where Table 1 says unknown',
    },
    ...jsonFlag,
  },
  examples: [
    ['corroborate request latest 7f3a --proposition repeated', 'Claim that the newest record repeated the other.'],
    [
      "corroborate request @{1} 7f3a --observation 'only noise above 2 keV'",
      'Claim what Table 1 allows, where that needs an observation.',
    ],
  ],
  words: [2, 2],
  methodFlags: true,
  async run(call) {
    const proposition = text(call, 'proposition');
    if (proposition !== null && !propositions.includes(proposition)) {
      throw new Problem(
        'USAGE',
        `--proposition is one of ${propositions.join(', ')}, not ${JSON.stringify(proposition)}`,
      );
    }
    const { method, options } = await methodOf(call);
    const clone = await openClone(call);
    const claim = {
      from: await clone.recordId(call.words[0]!),
      toward: await clone.recordId(call.words[1]!),
      method,
      options,
      proposition: proposition as Proposition | null,
      observation: text(call, 'observation'),
    };
    const opened = await openRequest(clone.store, claim, {
      sender: clone.owner(),
      configuration: await clone.targetConfiguration(),
      chance: call.chance,
    });
    const { terminal } = call;
    if (flag(call, 'json')) terminal.json({ ...opened.diff, branch: opened.branch, commit: opened.commit });
    else {
      terminal.print(
        `${terminal.paint('yellow', 'proposed:')} ${opened.diff.from} ${opened.diff.proposition} ${opened.diff.toward}`,
      );
      terminal.print(`The request is ${opened.diff.id}, on the branch ${opened.branch}.`);
    }
    return 0;
  },
};
