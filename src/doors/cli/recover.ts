import { recordFolder } from '../../domain/branch-layout.ts';
import { bytes, plural } from '../../domain/wording.ts';
import { recoverRuns } from '../../flows/recover-runs.ts';
import { cleanDirectories, type LeftDirectory, leftDirectories } from '../../flows/working-directories.ts';
import { openClone } from './clone.ts';
import { type Command, flag, jsonFlag } from './command.ts';
import { plain, type Terminal } from './terminal.ts';

export const recover: Command = {
  name: 'recover',
  synopsis: '[--clean]',
  summary: 'Settles runs whose recorder died (kill -9, a power loss) with the outputs found.',
  details: [
    'Such a run is shown as `unknown` at once; this makes it final. A simulation that outlived its recorder is left alone until it has ended. `corroborate run` does the same first for runs in its own working tree.',
    'It also tells of the working directories that isolated runs (`run --isolate`) have left behind. --clean removes those of which the branch has every output; one with an output that is not stored is never removed.',
  ],
  flags: {
    clean: { type: 'boolean', help: 'remove working directories of isolated runs whose outputs are all stored' },
    ...jsonFlag,
  },
  examples: [
    ['corroborate recover', 'Settle what a crash left behind.'],
    ['corroborate recover --clean', 'And make room.'],
  ],
  words: [0, 0],
  async run(call) {
    const { terminal } = call;
    const clone = await openClone(call);
    const { settled, left } = await recoverRuns(clone.store, clone.git, clone.runsFolder, call.chance.now);
    for (const { id, because } of left) terminal.say(`${terminal.paint('yellow', 'left:')} ${id}: ${because}`);
    if (flag(call, 'json')) terminal.json(settled.map(record => ({ ...record, path: recordFolder(record.id) })));
    else if (settled.length === 0) terminal.print('Nothing to recover.');
    else
      for (const record of settled)
        terminal.print(`${record.id}: unknown, with ${plural(record.outputs.length, 'output')}`);
    const directories = await leftDirectories(clone.store, clone.workFolder, clone.runsFolder);
    if (flag(call, 'clean')) await clean(directories, terminal);
    else if (directories.length > 0) tellOf(directories, terminal);
    return 0;
  },
};

function sized(directories: readonly LeftDirectory[]): string {
  const size = directories.reduce((sum, directory) => sum + directory.bytes, 0);
  return `${plural(directories.length, 'working directory', 'working directories')} (${bytes(size)})`;
}

function tellOf(directories: readonly LeftDirectory[], terminal: Terminal): void {
  const stored = directories.filter(({ unstored }) => unstored === null).length;
  const way =
    stored === 0 ? '' : `: \`corroborate recover --clean\` removes the ${stored} whose outputs are all stored`;
  terminal.say(`${terminal.paint('dim', 'note:')} isolated runs have left ${sized(directories)}${way}.`);
  tellKept(directories, terminal);
}

async function clean(directories: readonly LeftDirectory[], terminal: Terminal): Promise<void> {
  const { removed, left } = await cleanDirectories(directories);
  terminal.say(`${terminal.paint('dim', 'note:')} removed ${sized(removed)} of isolated runs.`);
  tellKept(left, terminal);
}

/** Removing these is for a person to decide. */
function tellKept(directories: readonly LeftDirectory[], terminal: Terminal): void {
  for (const { path, bytes: size, unstored } of directories) {
    if (unstored !== null)
      terminal.say(`${terminal.paint('yellow', 'kept:')} ${plain(`${path} (${bytes(size)}): ${unstored}`)}`);
  }
}
