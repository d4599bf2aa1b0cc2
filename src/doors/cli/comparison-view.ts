import type { Method } from '../../differentiation/method.ts';
import { nameOf } from '../../differentiation/registry.ts';
import type { FileResult } from '../../domain/generated/shapes.ts';
import { assessmentSentence, plural } from '../../domain/wording.ts';
import type { Comparison } from '../../flows/compare-records.ts';
import { plain, type Terminal, table } from './terminal.ts';

export interface ShownComparison {
  readonly comparison: Comparison;
  readonly inputDifferences: readonly string[];
  readonly hint: string | null;
}

/** More files, dependencies or machine fields than this are counted and not listed. */
const listed = 30;

/** A comparison for people: the verdict first, then each file, then what may have caused it. */
export function comparisonLines(
  { comparison, inputDifferences, hint }: ShownComparison,
  method: Method,
  terminal: Terminal,
): string[] {
  const { from, toward, source, inputs, outputs, assessment, proposition, files } = comparison;
  const sameness = (word: string) => terminal.paint(word === 'same' ? 'green' : 'red', word);
  const lines = [
    ...table([
      [terminal.paint('dim', 'from'), plain(from)],
      [terminal.paint('dim', 'toward'), plain(toward)],
    ]),
    '',
  ];
  const rows = [];
  if (source && inputs) {
    rows.push([terminal.paint('dim', 'source'), sameness(source), '']);
    rows.push([terminal.paint('dim', 'inputs'), sameness(inputs), plain(inputDifferences.join('; '))]);
  }
  rows.push([
    terminal.paint('dim', 'outputs'),
    sameness(outputs),
    `${plural(files.length, 'file')} compared by ${nameOf(method)}${optionsText(comparison)}`,
  ]);
  lines.push(...table(rows));
  if (assessment && proposition && source && inputs) {
    lines.push(
      '',
      `${assessmentSentence(assessment, { source, inputs, outputs })} Only "${proposition}" may be proposed.`,
    );
  }
  if (hint !== null) lines.push('', `${terminal.paint('yellow', 'hint:')} ${plain(hint)}`);
  lines.push('', ...fileTable(files, terminal));
  lines.push(
    ...differenceTable(
      'dependencies',
      comparison.dependencies.map(({ system, name, ...rest }) => ({ name: `${name} (${system})`, ...rest })),
      terminal,
    ),
  );
  lines.push(
    ...differenceTable(
      'machine',
      comparison.system.map(({ field, ...rest }) => ({ name: field, ...rest })),
      terminal,
    ),
  );
  return lines;
}

function optionsText({ method }: Comparison): string {
  const set = Object.entries(method.options).filter(
    ([, value]) => value !== null && !(Array.isArray(value) && value.length === 0),
  );
  return set.length === 0
    ? ''
    : ` (${set.map(([name, value]) => `${name} ${plain(JSON.stringify(value))}`).join(', ')})`;
}

function fileTable(files: readonly FileResult[], terminal: Terminal): string[] {
  const ordered = [...files.filter(file => !file.same), ...files.filter(file => file.same)];
  const rows = ordered
    .slice(0, listed)
    .map(file => [
      file.same ? terminal.paint('green', 'same') : terminal.paint('red', 'different'),
      plain(file.path),
      plain(measures(file)),
    ]);
  const rest = ordered.length - rows.length;
  return [...table(rows), ...(rest > 0 ? [`and ${plural(rest, 'file')} more`] : [])];
}

/** What was measured of one file, in a line. */
function measures(file: FileResult): string {
  if (file.identical) return 'identical bytes';
  const parts: string[] = [];
  if (typeof file.distance === 'number') parts.push(`distance ${file.distance}`);
  if (file.lower !== undefined && file.upper !== undefined)
    parts.push(`distance between ${file.lower} and ${file.upper}`);
  if (typeof file.similarity === 'number') parts.push(`similarity ${file.similarity.toPrecision(6)}`);
  if (file.differing !== undefined) parts.push(`${file.differing} of ${file.compared ?? '?'} numbers differ`);
  if (file.max_abs !== undefined) parts.push(`largest absolute difference ${file.max_abs}`);
  if (file.max_rel !== undefined) parts.push(`relative ${file.max_rel}`);
  if (file.worst) parts.push(`worst at ${file.worst.at}: ${file.worst.from} and ${file.worst.toward}`);
  else if (file.first)
    parts.push(
      `first at ${file.first.at}: ${JSON.stringify(file.first.from)} and ${JSON.stringify(file.first.toward)}`,
    );
  if (file.passes_with?.rtol !== undefined) parts.push(`would pass with rtol ${file.passes_with.rtol}`);
  if (file.pixels_different !== undefined)
    parts.push(`${file.pixels_different} of ${file.pixels ?? '?'} pixels differ`);
  if (file.reason !== undefined) parts.push(file.reason);
  return parts.join(', ');
}

interface Side {
  readonly name: string;
  readonly from: string | number | null;
  readonly toward: string | number | null;
  readonly same: boolean;
}

function differenceTable(title: string, sides: readonly Side[], terminal: Terminal): string[] {
  if (sides.length === 0) return [];
  const differing = sides.filter(side => !side.same);
  const same = sides.length - differing.length;
  const heading = `${terminal.paint('bold', title)}: ${differing.length === 0 ? `the same (${same})` : `${differing.length} different, ${same} the same`}`;
  const rows = differing.slice(0, listed).map(side => [`  ${plain(side.name)}`, shown(side.from), shown(side.toward)]);
  const heads = ['', terminal.paint('dim', 'from'), terminal.paint('dim', 'toward')];
  const rest = differing.length - rows.length;
  return [
    '',
    heading,
    ...(rows.length > 0 ? table([heads, ...rows]) : []),
    ...(rest > 0 ? [`  and ${rest} more`] : []),
  ];
}

function shown(value: string | number | null): string {
  return value === null ? '—' : plain(String(value));
}
