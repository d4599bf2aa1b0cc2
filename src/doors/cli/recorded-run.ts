import { realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { recordFolder } from '../../domain/branch-layout.ts';
import { limitsOf } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import { plural } from '../../domain/wording.ts';
import { recordRun } from '../../flows/record-run.ts';
import { recoverRuns } from '../../flows/recover-runs.ts';
import { parseDuration, runWords } from '../../flows/run/run-words.ts';
import { cacheFolder } from './cache-folder.ts';
import { openClone, projectWords } from './clone.ts';
import { type Call, flag, text, texts } from './command.ts';
import type { FoundRepository } from './found-repository.ts';
import { paintRecordStatus } from './record-status.ts';
import { plain } from './terminal.ts';

/**
 * Runs what the command line says, and records it.
 * @returns the exit code
 */
export async function recordedRun(call: Call, found: FoundRepository): Promise<number> {
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
    container: text(call, 'container'),
  };
  const clone = await openClone(call, found);
  const { configuration, store, git, repository, progress } = clone;
  const words = runWords(told, configuration);
  const say = (sentence: string) => terminal.say(`${terminal.paint('yellow', 'corroborate:')} ${sentence}`);
  // A run of this working tree whose recorder died is settled first, or its outputs would be taken for this one's.
  const { settled, left } = await recoverRuns(store, git, clone.runsFolder, call.chance.now, clone.engine, {
    only: ({ top }) => top === clone.topLevel,
  });
  for (const { id } of settled) {
    say(`the run ${id}, whose recorder died, was settled as unknown with the outputs found.`);
  }
  const [other] = left.filter(({ inContainer }) => inContainer);
  if (other && !told.isolate) {
    throw new Problem(
      'BUSY',
      `the recorder of the run ${other.id} died, and ${other.because}. \`corroborate run --isolate …\` gives this run a working directory of its own.`,
    );
  }
  const { record, exitCode, interrupted } = await recordRun(
    {
      git,
      repository,
      store,
      owner: clone.owner(),
      limits: limitsOf(configuration),
      project: projectWords(clone),
      origin: null,
      environment,
      folder: realpathSync(call.folder),
      temporaryFolder: tmpdir(),
      cacheFolder: cacheFolder(environment),
      secrets: [],
      checkpoints: 'every',
      keeping: null,
      label: null,
      chance: call.chance,
      engine: clone.engine,
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
    terminal.say(`${terminal.paint('dim', 'recorded')} ${record.id}${terminal.paint('dim', ':')} ${facts.join(', ')}`);
    for (const note of record.notes) terminal.say(`${terminal.paint('dim', 'note:')} ${plain(note)}`);
  }
  if (interrupted) process.kill(process.pid, 'SIGINT');
  return exitCode;
}

function timeoutOf(call: Call): number | null {
  const timeout = text(call, 'timeout');
  return timeout === null ? null : parseDuration(timeout);
}
