import {
  type ComparisonReport,
  filesInOrder,
  optionsText,
  shortened,
  verdictSentence,
} from '../../domain/comparison-report/comparison-report.ts';
import type { Evidence, TextHunk } from '../../domain/comparison-report/evidence.ts';
import { fileFacts } from '../../domain/comparison-report/file-facts.ts';
import { hunkLines } from '../../domain/comparison-report/hunk-lines.ts';
import { nextSteps } from '../../domain/comparison-report/next-steps.ts';
import { sparkline } from '../../domain/comparison-report/sparkline.ts';
import { table1Drawing } from '../../domain/comparison-report/table-1-drawing.ts';
import type { FileResult } from '../../domain/generated/shapes.ts';
import { plural } from '../../domain/wording.ts';
import { columnsOf, plain, type Terminal, table } from './terminal.ts';

/** More files, dependencies or machine fields than this are counted and not listed. */
const listed = 30;
/** Files beyond these are told in their numbers alone. */
const shownInDetail = 5;

/**
 * A comparison for people: the verdict first, then each file, then what may have caused it, then what to do.
 * @param isClaimed the diff request is open already
 */
export function comparisonLines(report: ComparisonReport, terminal: Terminal, isClaimed = false): string[] {
  const { comparison } = report;
  const verdict = terminal.paint(comparison.same ? 'green' : 'red', verdictSentence(comparison));
  return [
    ...wrapped(terminal.paint('bold', verdict), '', terminal.width),
    '',
    ...overview(report, terminal),
    ...tableOne(report, terminal),
    ...files(report, terminal),
    ...hints(report, terminal),
    ...settings(report, terminal),
    ...differences(
      'dependencies',
      comparison.dependencies.map(({ system, name, ...rest }) => ({ name: `${name} (${system})`, ...rest })),
      terminal,
    ),
    ...differences(
      'machine',
      comparison.system.map(({ field, ...rest }) => ({ name: field, ...rest })),
      terminal,
    ),
    ...next(report, terminal, isClaimed),
  ];
}

function overview({ comparison, method, inputDifferences, hint }: ComparisonReport, terminal: Terminal): string[] {
  const sameness = (word: string) => terminal.paint(word === 'same' ? 'green' : 'red', word);
  const rows: [string, string][] = [
    ['from', plain(comparison.from)],
    ['toward', plain(comparison.toward)],
    ['rule', `${method.name}: ${method.promise}`],
  ];
  const options = optionsText(comparison);
  if (options !== '') rows.push(['options', plain(shortened(options, 1000))]);
  if (comparison.source && comparison.inputs) {
    rows.push(['source', sameness(comparison.source)]);
    const why = inputDifferences.slice(0, listed).map(sentence => shortened(sentence, 300));
    const rest = inputDifferences.length - why.length;
    if (rest > 0) why.push(`and ${rest} more`);
    rows.push(['inputs', [sameness(comparison.inputs), ...(why.length > 0 ? [plain(why.join('; '))] : [])].join(': ')]);
  }
  const lines = rows.flatMap(([name, value]) => {
    const head = terminal.paint('dim', name) + ' '.repeat(Math.max(1, 9 - columnsOf(name)));
    const [first = '', ...rest] = wrapped(value, ' '.repeat(9), terminal.width);
    return [head + first.trimStart(), ...rest];
  });
  // On one line, however long: what it names is there to be copied.
  return hint === null ? lines : [...lines, `${terminal.paint('yellow', 'hint')}     ${plain(hint)}`];
}

/** Table 1 with its cell in brackets; on its side where the terminal is narrow. */
function tableOne({ comparison }: ComparisonReport, terminal: Terminal): string[] {
  const drawing = table1Drawing(comparison);
  if (!drawing) return [];
  const dim = (text: string) => terminal.paint('dim', text);
  const cell = ({ text, marked }: { text: string; marked: boolean }) =>
    marked ? terminal.paint('bold', `[${text}]`) : ` ${text} `;
  const upright = [
    [dim('Table 1: source'), ...drawing.columns.map(column => dim(` ${column.source}`))],
    [dim('         inputs'), ...drawing.columns.map(column => dim(` ${column.inputs}`))],
    ...drawing.rows.map(row => [dim(`outputs ${row.outputs}`), ...row.cells.map(cell)]),
  ];
  const lines = table(upright);
  if (Math.max(...lines.map(columnsOf)) <= terminal.width) return ['', ...lines];
  const onItsSide = [
    [dim('Table 1'), '', ...drawing.rows.map(row => dim(` outputs ${row.outputs}`))],
    ...drawing.columns.map((column, index) => [
      dim(`${column.source} source`),
      dim(`${column.inputs} inputs`),
      ...drawing.rows.map(row => cell(row.cells[index]!)),
    ]),
  ];
  return ['', ...table(onItsSide)];
}

function files({ comparison, evidence }: ComparisonReport, terminal: Terminal): string[] {
  const { differing, same } = filesInOrder(comparison.files);
  const lines = differing.slice(0, listed).flatMap((file, index) => {
    const seen = index < shownInDetail ? evidence.get(file.path) : undefined;
    return ['', ...fileLines(file, seen, terminal)];
  });
  if (differing.length > listed) lines.push('', `and ${plural(differing.length - listed, 'file')} more that differ`);
  const rows = same.slice(0, listed).map(file => [
    terminal.paint('green', 'same'),
    plain(file.path),
    plain(
      fileFacts(file)
        .map(({ what, value }) => `${what} ${value}`)
        .join(', '),
    ),
  ]);
  if (rows.length > 0) lines.push('', ...table(rows).map(line => cut(line, terminal.width)));
  if (same.length > listed) lines.push(`and ${plural(same.length - listed, 'file')} more that are the same`);
  return lines;
}

function fileLines(file: FileResult, seen: Evidence | undefined, terminal: Terminal): string[] {
  const facts = fileFacts(file, seen).map(({ what, value }) => {
    const shown = what === 'passes with' ? terminal.paint('yellow', plain(value)) : plain(value);
    return [what, shown] as const;
  });
  for (const panel of seen?.plot?.panels ?? []) {
    const width = Math.max(10, Math.min(60, terminal.width - 40));
    const along = `${plain(shortened(panel.title, 24))} by ${plain(shortened(panel.x, 24))}`;
    facts.push(['difference', `│${sparkline(panel.difference, width)}│ ${along}`]);
  }
  const widest = Math.max(...facts.map(([what]) => what.length), 0);
  return [
    `${terminal.paint('red', 'different')}  ${terminal.paint('bold', plain(file.path))}`,
    ...facts.flatMap(([what, value]) => {
      const head = `  ${terminal.paint('dim', what.padEnd(widest))}  `;
      const [first = '', ...rest] = wrapped(value, ' '.repeat(widest + 4), terminal.width);
      return [head + first.trimStart(), ...rest];
    }),
    ...(seen?.hunk ? hunk(seen.hunk, terminal) : []),
  ];
}

function hunk(shown: TextHunk, terminal: Terminal): string[] {
  const colour = { '-': 'red', '+': 'green', '@': 'cyan' } as const;
  return hunkLines(shown).map(line => {
    const safe = cut(`  ${plain(line)}`, terminal.width);
    const mark = line[0] as keyof typeof colour;
    return Object.hasOwn(colour, mark) ? terminal.paint(colour[mark], safe) : safe;
  });
}

interface Side {
  readonly name: string;
  readonly from: string | number | null;
  readonly toward: string | number | null;
  readonly same: boolean;
}

function differences(title: string, sides: readonly Side[], terminal: Terminal): string[] {
  if (sides.length === 0) return [];
  const differing = sides.filter(side => !side.same);
  const same = sides.length - differing.length;
  const count = differing.length === 0 ? `the same (${same})` : `${differing.length} different, ${same} the same`;
  const rows = differing.slice(0, listed).map(side => [`  ${plain(side.name)}`, shown(side.from), shown(side.toward)]);
  const heads = ['', terminal.paint('dim', 'from'), terminal.paint('dim', 'toward')];
  const rest = differing.length - rows.length;
  return [
    '',
    `${terminal.paint('bold', title)}: ${count}`,
    ...(rows.length > 0 ? table([heads, ...rows]) : []),
    ...(rest > 0 ? [`  and ${rest} more`] : []),
  ];
}

/** Always whole: there are few, and those that are the same matter as much. */
function settings(report: ComparisonReport, terminal: Terminal): string[] {
  if (report.settings.length === 0) return [];
  const rows = report.settings
    .slice(0, listed)
    .map(({ kind, name, from, toward, same }) => [
      `  ${plain(shortened(name, 60))} (${kind})`,
      shown(from),
      same ? shown(toward) : terminal.paint('yellow', shown(toward)),
    ]);
  const heads = ['', terminal.paint('dim', 'from'), terminal.paint('dim', 'toward')];
  return ['', terminal.paint('bold', 'seeds and threads'), ...table([heads, ...rows])];
}

function hints(report: ComparisonReport, terminal: Terminal): string[] {
  if (report.hints.length === 0) return [];
  const lines = report.hints.flatMap(({ cause, seen, remedy }) => [
    ...wrapped(`${terminal.paint('yellow', cause)}: ${plain(shortened(seen, 300))}`, '  ', terminal.width),
    ...wrapped(terminal.paint('dim', plain(remedy)), '    ', terminal.width),
  ]);
  return ['', terminal.paint('bold', 'what may have caused it'), ...lines];
}

function shown(value: string | number | null): string {
  return value === null ? '—' : plain(String(value));
}

function next(report: ComparisonReport, terminal: Terminal, isClaimed: boolean): string[] {
  const steps = nextSteps(report, isClaimed);
  if (steps.length === 0) return [];
  return [
    '',
    terminal.paint('bold', 'what to do next'),
    ...steps.flatMap(({ sentence, command }) => [
      ...wrapped(plain(sentence), '  ', terminal.width),
      // Never broken: it is there to be copied.
      ...(command === null ? [] : [`    ${terminal.paint('cyan', plain(command))}`]),
    ]),
  ];
}

/** Broken between words, every line after the indentation; a word that is longer than a line stands whole. */
function wrapped(text: string, indentation: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && columnsOf(indentation + line) + 1 + columnsOf(word) > width) {
      lines.push(indentation + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, indentation + line];
}

/** Of what is painted only the beginning may be: a colour that begins and ends before the cut. */
function cut(line: string, width: number): string {
  if (columnsOf(line) <= width) return line;
  let kept = '';
  for (const [piece] of line.matchAll(/\u001b\[\d+m|./gsu)) {
    if (columnsOf(kept + piece) >= width) break;
    kept += piece;
  }
  return `${kept}…`;
}
