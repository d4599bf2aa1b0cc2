import { realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { recordFolder } from '../../domain/branch-layout.ts';
import { limitsOf } from '../../domain/limits.ts';
import { plural } from '../../domain/wording.ts';
import { recordRun } from '../../flows/record-run.ts';
import { recoverRuns } from '../../flows/recover-runs.ts';
import { parseDuration, runWords } from '../../flows/run/run-words.ts';
import { openClone } from './clone.ts';
import { type Call, type Command, flag, jsonFlag, text, texts } from './command.ts';
import { paintRecordStatus } from './list.ts';
import { plain } from './terminal.ts';

export const run: Command = {
  name: 'run',
  synopsis: '[--input GLOB]… [--output GLOB]… [FLAGS] [--] COMMAND…',
  summary: 'Runs a simulation and records the run on the branch `records`.',
  details: [
    'COMMAND runs as it would by itself: same terminal, same signals, same exit code. Recorded are the source (tracked files as they are on disk), the inputs (files that the command line names, and what --input or `inputs:` match), the outputs (what it wrote), its dependencies and the machine. Without COMMAND, `command:` of corroborate.yml runs.',
    'Exits as the simulation did (128+n for a signal, 124 for --timeout); 125 when Corroborate itself failed or refused, 126 and 127 as a shell does. Your checkout and index are not touched.',
  ],
  flags: {
    input: {
      type: 'string',
      short: 'i',
      multiple: true,
      value: 'GLOB',
      help: 'files that it reads, relative to the top level',
    },
    output: {
      type: 'string',
      short: 'o',
      multiple: true,
      value: 'GLOB',
      help: 'where its outputs are; else whatever it writes',
    },
    env: { type: 'string', short: 'e', multiple: true, value: 'NAME', help: 'record this environment variable' },
    stdin: { type: 'string', value: 'FILE', help: 'its standard input, recorded by digest' },
    stdout: { type: 'string', value: 'FILE', help: 'where its standard output goes' },
    reason: { type: 'string', short: 'r', value: 'TEXT', help: 'why it is run' },
    tag: { type: 'string', short: 't', multiple: true, value: 'TAG', help: 'a word to find it by' },
    isolate: { type: 'boolean', help: 'run in a labelled working directory of its own' },
    trace: { type: 'boolean', help: 'see by strace every file that it loads (Linux)' },
    timeout: { type: 'string', value: 'TIME', help: 'stop it after 90s, 15m, 2h …' },
    ...jsonFlag,
  },
  examples: [
    ['corroborate run python3 main.py default.param', "Record the paper's example."],
    [
      "corroborate run --output 'Data/**' --env OMP_NUM_THREADS -r 'first try' -- mpirun -n 4 ./sim mesh.h5",
      'Say where outputs are, and what counts as input besides files.',
    ],
  ],
  words: 'rest',
  async run(call) {
    const { terminal, environment } = call;
    const told = {
      command: call.words,
      inputs: texts(call, 'input'),
      outputs: texts(call, 'output'),
      environment: texts(call, 'env'),
      stdin: text(call, 'stdin'),
      stdout: text(call, 'stdout'),
      reason: text(call, 'reason') ?? '',
      tags: texts(call, 'tag'),
      isolate: flag(call, 'isolate'),
      trace: flag(call, 'trace'),
      json: flag(call, 'json'),
      timeout: timeoutOf(call),
    };
    const clone = await openClone(call);
    const { configuration, store, git, repository, progress } = clone;
    const words = runWords(told, configuration);
    const say = (sentence: string) => terminal.say(`${terminal.paint('yellow', 'corroborate:')} ${sentence}`);
    await settleTheDead(clone.runsFolder, call, say, clone);
    const { record, exitCode, isolated } = await recordRun(
      {
        git,
        repository,
        store,
        owner: clone.owner(),
        limits: limitsOf(configuration),
        project: {
          name: configuration.project ?? clone.folderName,
          description: configuration.description ?? '',
          goals: configuration.goals ?? '',
          private: configuration.private ?? false,
        },
        environment,
        folder: realpathSync(call.folder),
        temporaryFolder: tmpdir(),
        chance: call.chance,
        say,
        progress,
      },
      words,
    );
    terminal.done();
    if (told.json) terminal.json({ ...record, path: recordFolder(record.id) });
    else {
      const facts = [
        paintRecordStatus(record, terminal),
        plural(record.inputs.length, 'input'),
        plural(record.outputs.length, 'output'),
        plural(record.dependencies.length, 'dependency', 'dependencies'),
      ];
      terminal.say(
        `${terminal.paint('dim', 'recorded')} ${record.id}${terminal.paint('dim', ':')} ${facts.join(', ')}`,
      );
      if (isolated !== null) terminal.say(`${terminal.paint('dim', 'it ran in')} ${plain(isolated)}`);
      for (const note of record.notes) terminal.say(`${terminal.paint('dim', 'note:')} ${plain(note)}`);
    }
    return exitCode;
  },
};

function timeoutOf(call: Call): number | null {
  const timeout = text(call, 'timeout');
  return timeout === null ? null : parseDuration(timeout);
}

/** A run of this working tree whose recorder died is settled first, or its outputs would be taken for this one's. */
async function settleTheDead(
  runsFolder: string,
  call: Call,
  say: (sentence: string) => void,
  clone: Awaited<ReturnType<typeof openClone>>,
): Promise<void> {
  const { settled } = await recoverRuns(clone.store, runsFolder, call.chance.now, clone.topLevel);
  for (const { id } of settled)
    say(`the run ${id}, whose recorder died, was settled as unknown with the outputs found.`);
}
