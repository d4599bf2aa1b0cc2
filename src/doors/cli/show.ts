import { recordFolder } from '../../domain/branch-layout.ts';
import type { RecordAtom, RecordedFile } from '../../domain/generated/shapes.ts';
import { quotedWord } from '../../domain/quoted-word.ts';
import { userName } from '../../domain/user.ts';
import { bytes } from '../../domain/wording.ts';
import { requireTip } from '../../flows/branch-documents.ts';
import { seenRecord } from '../../flows/list-records.ts';
import { openClone } from './clone.ts';
import { type Command, flag, jsonFlag } from './command.ts';
import { paintRecordStatus } from './record-status.ts';
import { plain, type Terminal, table } from './terminal.ts';

export const show: Command = {
  name: 'show',
  synopsis: 'ID',
  summary: 'Shows one record: what ran, on which inputs, with which outputs, dependencies and machine.',
  details: [
    'ID is an id or any unique part of its beginning or end, `latest`, or `@{n}` (n before the latest). What was captured stands on the branch `records`, in the folder that is shown: record.yml, inputs/, outputs/, log.txt, source.patch. `git show records:PATH` prints a file of it.',
  ],
  flags: { ...jsonFlag },
  examples: [['corroborate show latest', 'The newest record.']],
  words: [1, 1],
  async run(call) {
    const clone = await openClone(call);
    const id = await clone.recordId(call.words[0]!);
    const record = await seenRecord(await requireTip(clone.store), id, clone.runsFolder, call.chance.now());
    if (flag(call, 'json')) call.terminal.json({ ...record, path: recordFolder(id) });
    else for (const line of recordLines(record, call.terminal)) call.terminal.print(line);
    return 0;
  },
};

/** More files or dependencies than this are counted and not listed. */
const listed = 40;

function recordLines(record: RecordAtom, terminal: Terminal): string[] {
  const { program, system } = record;
  const { commit, branch, tag, dirty, repository } = program.version_control;
  const where = [branch, tag].filter(name => name !== null).join(', ');
  const facts: [string, string | null][] = [
    ['status', paintRecordStatus(record, terminal)],
    ['command', program.command.map(shellWord).join(' ')],
    ['reason', program.reason],
    ['tags', program.tags.join(', ')],
    ['owner', userName(record.owner)],
    ['project', record.project],
    ['started', program.started],
    ['took', duration(record)],
    ['memory', program.peak_memory_bytes === null ? null : bytes(program.peak_memory_bytes)],
    [
      'source',
      `${program.source.slice(0, 12)} of ${commit.slice(0, 12)}${where === '' ? '' : ` (${where})`}${dirty ? ', with changes (source.patch)' : ''}`,
    ],
    ['repository', repository],
    ['container', record.image],
    ['reproduces', record.reproduces],
    ['executable', program.executable?.path ?? null],
    [
      'environment',
      Object.entries(program.environment)
        .map(([name, value]) => `${name}=${value ?? '(not set)'}`)
        .join(' '),
    ],
    [
      'stdin',
      program.stdin === null ? null : `${bytes(program.stdin.size)}, sha256 ${program.stdin.sha256.slice(0, 12)}`,
    ],
    [
      'machine',
      [system.os, system.architecture, system.cpu, system.cores === null ? null : `${system.cores} cores`, system.host]
        .filter(fact => fact !== null)
        .join(', '),
    ],
    ['on the branch', recordFolder(record.id)],
  ];
  const rows = facts
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => [terminal.paint('dim', name), name === 'status' ? value! : plain(value!)]);
  return [
    terminal.paint('bold', record.id),
    ...table(rows),
    ...fileLines('inputs', record.inputs, terminal),
    ...fileLines('outputs', record.outputs, terminal),
    ...section(
      `dependencies (${record.dependencies.length})`,
      record.dependencies.map(({ name, version, system: manager }) => [
        plain(name),
        plain(version ?? ''),
        terminal.paint('dim', plain(manager)),
      ]),
      terminal,
    ),
    ...section(
      'notes',
      record.notes.map(note => [plain(note)]),
      terminal,
    ),
  ];
}

function fileLines(title: string, files: readonly RecordedFile[], terminal: Terminal): string[] {
  const rows = files.map(file => [
    plain(file.path),
    bytes(file.size),
    terminal.paint('dim', file.sha256.slice(0, 12)),
    file.stored ? '' : terminal.paint('dim', 'by digest only'),
  ]);
  return section(`${title} (${files.length})`, rows, terminal, [1]);
}

function section(
  title: string,
  rows: readonly (readonly string[])[],
  terminal: Terminal,
  right: readonly number[] = [],
): string[] {
  if (rows.length === 0) return [];
  const shown = table(rows.slice(0, listed), right).map(line => `  ${line}`);
  return [
    '',
    terminal.paint('bold', title),
    ...shown,
    ...(rows.length > listed ? [`  and ${rows.length - listed} more`] : []),
  ];
}

function duration({ program }: RecordAtom): string | null {
  if (program.duration_seconds === null) return null;
  return `${program.duration_seconds.toFixed(3)} s${program.cpu_seconds === null ? '' : ` (${program.cpu_seconds.toFixed(3)} s of processor time)`}`;
}

function shellWord(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : quotedWord(word);
}
