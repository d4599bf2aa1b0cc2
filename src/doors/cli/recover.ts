import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { recordFolder } from '../../domain/branch-layout.ts';
import { Problem } from '../../domain/problem.ts';
import { bytes, plural } from '../../domain/wording.ts';
import { storeRecordFiles } from '../../flows/record-file.ts';
import { recoverRuns } from '../../flows/recover-runs.ts';
import { cleanDirectories, type LeftDirectory, leftDirectories } from '../../flows/working-directories.ts';
import { type Clone, openClone } from './clone.ts';
import { type Call, type Command, flag, jsonFlag } from './command.ts';
import { plain, type Terminal } from './terminal.ts';

export const recover: Command = {
  name: 'recover',
  synopsis: '[--clean] [FILE…]',
  summary: 'Settles runs whose recorder died (kill -9, a power loss) with the outputs found.',
  details: [
    'Such a run is shown as `unknown` at once; this makes it final. A simulation that outlived its recorder is left alone until it has ended. `corroborate run` does the same first for runs in its own working tree.',
    'It also tells of the working directories that isolated runs (`run --isolate`) have left behind. --clean removes those of which the branch has every output; one with an output that is not stored is never removed.',
    'With FILEs: stores the records that jobs of the GitHub Action left as files, since they could not be stored there. Those that the branch has already are left alone.',
  ],
  flags: {
    clean: { type: 'boolean', help: 'remove working directories of isolated runs whose outputs are all stored' },
    ...jsonFlag,
  },
  examples: [
    ['corroborate recover', 'Settle what a crash left behind.'],
    ['corroborate recover --clean', 'And make room.'],
    ['corroborate recover *.record.json', 'Store what jobs left as artifacts.'],
  ],
  words: [0, 10_000],
  async run(call) {
    const { terminal } = call;
    const clone = await openClone(call);
    if (call.words.length > 0) return storeFiles(call, clone);
    const { store, git, runsFolder, engine } = clone;
    const { settled, left } = await recoverRuns(store, git, runsFolder, call.chance.now, engine);
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

async function storeFiles(call: Call, clone: Clone): Promise<number> {
  const { terminal } = call;
  const files = await Promise.all(
    call.words.map(async name => ({ name, bytes: await readFileHere(resolve(call.folder, name)) })),
  );
  const { stored, known } = await storeRecordFiles(clone.store, files, call.chance.now);
  for (const id of known) terminal.say(`${terminal.paint('yellow', 'left:')} ${id}: the branch has it already`);
  if (flag(call, 'json')) terminal.json(stored.map(record => ({ ...record, path: recordFolder(record.id) })));
  else for (const { id, status } of stored) terminal.print(`${id}: ${status}, stored`);
  return 0;
}

async function readFileHere(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new Problem('UNREADABLE', `${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

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
