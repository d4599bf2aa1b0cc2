import { shortened } from '../comparison-report/comparison-report.ts';
import { shellWord } from '../comparison-report/next-steps.ts';
import type { RecordAtom, RecordedFile } from '../generated/shapes.ts';
import { codeSpan, markdownTable } from '../markdown.ts';
import { plural } from '../wording.ts';
import { boundedText } from './bounded-text.ts';
import { bold } from './claim-sentence.ts';
import type { JudgedRequest } from './judged-request.ts';

/** Characters of the rows that differ, and of those that do not. */
const [differingRoom, sameRoom] = [4000, 2000];
/** Characters of one value. */
const valueLength = 80;

interface Row {
  readonly what: string;
  readonly from: string | null;
  readonly toward: string | null;
}

/** Source, inputs and circumstances of both runs side by side, differences first; '' where one cannot be read. */
export function bothRuns(judged: JudgedRequest): string {
  const { from, toward } = judged;
  if (from === null || toward === null) return '';
  const rows = [...circumstances(from, toward), ...inputs(from, toward)].filter(
    row => row.from !== null || row.toward !== null,
  );
  const differing = rows.filter(row => row.from !== row.toward);
  const same = rows.filter(row => row.from === row.toward);
  const parts = ['### Source and inputs, side by side'];
  parts.push(differing.length > 0 ? tableOf(judged, differing, differingRoom) : 'Nothing differs.');
  if (same.length > 0) {
    const summary = `${same.length} the same`;
    parts.push(`<details><summary>${summary}</summary>\n\n${tableOf(judged, same, sameRoom)}\n\n</details>`);
  }
  return parts.join('\n\n');
}

/** What the two columns are, and whose. */
export function sideHeads({ from, toward }: JudgedRequest): [string, string] {
  return [
    from === null ? 'from' : `from, by ${bold(from.owner)}`,
    toward === null ? 'toward' : `toward, by ${bold(toward.owner)}`,
  ];
}

function tableOf(judged: JudgedRequest, rows: readonly Row[], room: number): string {
  const cells: string[][] = [];
  let left = room;
  for (const { what, from, toward } of rows) {
    const row = [boundedText(shortened(what, valueLength), valueLength * 4), valueCell(from), valueCell(toward)];
    left -= row.join('').length + 10;
    if (left < 0) break;
    cells.push(row);
  }
  const rest = rows.length - cells.length;
  if (rest > 0) cells.push([`and ${plural(rest, 'row')} more`, '', '']);
  return markdownTable(['', ...sideHeads(judged)], cells);
}

function valueCell(value: string | null): string {
  return value === null ? '—' : codeSpan(shortened(value, valueLength));
}

function circumstances(from: RecordAtom, toward: RecordAtom): Row[] {
  const row = (what: string, value: (record: RecordAtom) => string | null): Row => ({
    what,
    from: value(from),
    toward: value(toward),
  });
  const variables = [...new Set([from, toward].flatMap(record => Object.keys(record.program.environment)))].sort();
  return [
    row('source', ({ program }) => program.source),
    row('commit', ({ program: { version_control } }) =>
      version_control.dirty ? `${version_control.commit} and changes` : version_control.commit,
    ),
    row('repository', ({ program }) => program.version_control.repository),
    row('arguments', ({ program }) => program.command.slice(1).map(shellWord).join(' ')),
    row('standard input', ({ program }) => program.stdin && digest(program.stdin)),
    ...variables.map(name =>
      row(`variable ${name}`, ({ program: { environment } }) =>
        Object.hasOwn(environment, name) ? variableText(environment[name]) : null,
      ),
    ),
    row('executable', ({ program }) => program.executable?.path ?? program.command[0] ?? null),
    row('container', ({ image }) => image),
    row('project', ({ project }) => project),
    row('started', ({ program }) => program.started),
    row('took', ({ program }) => (program.duration_seconds === null ? null : `${program.duration_seconds} s`)),
  ];
}

function inputs(from: RecordAtom, toward: RecordAtom): Row[] {
  const [ours, theirs] = [from, toward].map(({ inputs }) => new Map(inputs.map(file => [file.path, file])));
  const paths = [...new Set([...ours!.keys(), ...theirs!.keys()])].sort();
  const value = (file: RecordedFile | undefined) => (file === undefined ? null : digest(file));
  return paths.map(path => ({ what: `input ${path}`, from: value(ours!.get(path)), toward: value(theirs!.get(path)) }));
}

/** Quoted, so that a value is never taken for there being none. */
function variableText(value: string | null | undefined): string {
  return value === null || value === undefined ? 'not set' : JSON.stringify(value);
}

/** As much of a digest as tells two apart; all of it is in the record. */
function digest({ sha256, size }: { readonly sha256: string; readonly size: number }): string {
  return `${sha256.slice(0, 16)}…, ${plural(size, 'byte')}`;
}
