import type { FileResult } from '../generated/shapes.ts';
import { escapeHtml } from '../html.ts';
import { codeSpan, escapeMarkdown, markdownTable } from '../markdown.ts';
import { plural } from '../wording.ts';
import { type Block, budgetedMarkdown } from './budgeted-markdown.ts';
import { type ComparisonReport, filesInOrder, optionsText, shortened, verdictSentence } from './comparison-report.ts';
import type { Evidence } from './evidence.ts';
import { fileFacts } from './file-facts.ts';
import { hunkLines } from './hunk-lines.ts';
import { nextSteps } from './next-steps.ts';
import { sparkline } from './sparkline.ts';
import { table1Drawing } from './table-1-drawing.ts';

/** What GitHub takes as a comment, and as the summary of a check run: characters. */
export const commentBudget = 65_536;
export const checkSummaryBudget = 65_535;

/** Each in a section of its own; more are counted. */
const shownFiles = 50;
/** Rows of a table that people read; the rest is counted. */
const shownRows = 200;

/**
 * A comparison as Markdown for a comment, a check or a summary, in at most `budget` characters (500 or more). The
 * verdict always stands; detail goes from the bottom up, and what was cut is said.
 * @param isClaimed the diff request is made already
 */
export function comparisonMarkdown(report: ComparisonReport, budget: number, isClaimed = false): string {
  const blocks = [
    ...compared(report),
    ...tableOne(report),
    ...inputs(report),
    ...next(report, isClaimed),
    ...files(report),
    ...hints(report),
    ...settings(report),
    ...causes(report),
  ];
  return budgetedMarkdown(verdict(report), blocks, budget);
}

/**
 * The same for the page of a diff request, which says itself what was compared, where it stands in Table 1 and what to do.
 */
export function requestComparisonMarkdown(report: ComparisonReport, budget: number): string {
  const blocks = [
    text('the rule', rule(report)),
    ...inputs(report),
    ...files(report),
    ...hints(report),
    ...settings(report),
    ...causes(report),
  ];
  return budgetedMarkdown(verdict(report), blocks, budget);
}

function verdict({ comparison }: ComparisonReport): string {
  return `${comparison.same ? '✅' : '❌'} **${verdictSentence(comparison)}**`;
}

const text = (about: string, content: string): Block => ({ kind: 'text', about, text: content });

function compared(report: ComparisonReport): Block[] {
  const { from, toward } = report.comparison;
  const name = (word: string) => codeSpan(shortened(word, 200));
  return [text('what was compared', `${name(from)} toward ${name(toward)}`), text('the rule', rule(report))];
}

function rule({ comparison, method }: ComparisonReport): string {
  const said = `**Rule.** ${codeSpan(method.name)}: ${escapeMarkdown(method.promise)}`;
  const options = shortened(optionsText(comparison), 1000);
  return options === '' ? said : `${said}\nOptions: ${codeSpan(options)}`;
}

function tableOne({ comparison }: ComparisonReport): Block[] {
  const drawing = table1Drawing(comparison);
  if (!drawing) return [];
  const heads = ['', ...drawing.columns.map(column => `${column.source} source, ${column.inputs} inputs`)];
  const rows = drawing.rows.map(({ outputs, cells }) => [
    `**${outputs} outputs**`,
    ...cells.map(cell => (cell.marked ? `👉 **${cell.text}**` : cell.text)),
  ]);
  return [text('Table 1', markdownTable(heads, rows))];
}

function inputs({ hint, inputDifferences }: ComparisonReport): Block[] {
  const blocks: Block[] = [];
  const differences = inputDifferences.slice(0, 20).map(sentence => escapeMarkdown(shortened(sentence, 300)));
  if (differences.length > 0) {
    const more = inputDifferences.length - differences.length;
    const items = more > 0 ? [...differences, `and ${more} more`] : differences;
    blocks.push(text('the inputs', '**The inputs differ:**'), { kind: 'list', about: 'the inputs', items });
  }
  if (hint !== null) blocks.push(text('a hint', `> [!TIP]\n> ${escapeMarkdown(shortened(hint, 1000))}`));
  return blocks;
}

function next(report: ComparisonReport, isClaimed: boolean): Block[] {
  const items = nextSteps(report, isClaimed).map(({ sentence, command }) => {
    const said = escapeMarkdown(sentence);
    return command === null ? said : `${said}\n  ${codeSpan(shortened(command, 400))}`;
  });
  if (items.length === 0) return [];
  const about = 'what to do next';
  return [text(about, '### What to do next'), { kind: 'list', about, items }];
}

function files({ comparison, evidence }: ComparisonReport): Block[] {
  const { differing, same } = filesInOrder(comparison.files);
  const blocks: Block[] = [];
  if (differing.length > 0) blocks.push(text('the files', '### What differs'));
  for (const file of differing.slice(0, shownFiles)) blocks.push(fileBlock(file, evidence.get(file.path)));
  const rest = differing.length - shownFiles;
  if (rest > 0) blocks.push(text('the files', `and ${plural(rest, 'file')} more that differ.`));
  if (same.length > 0) {
    const items = same.slice(0, shownRows).map(file => `${path(file)}: ${inOneLine(file)}`);
    if (same.length > items.length) items.push(`and ${plural(same.length - items.length, 'file')} more`);
    blocks.push({
      kind: 'details',
      about: 'the files that are the same',
      summary: plural(same.length, 'file is the same', 'files are the same'),
      blocks: [{ kind: 'list', about: 'the files that are the same', items }],
    });
  }
  return blocks;
}

function path(file: FileResult): string {
  return codeSpan(shortened(file.path, 200));
}

function inOneLine(file: FileResult): string {
  return fileFacts(file)
    .map(({ what, value }) => escapeMarkdown(`${what} ${value}`))
    .join(', ');
}

function fileBlock(file: FileResult, seen: Evidence | undefined): Block {
  const rows = fileFacts(file, seen).map(({ what, value }) => [escapeMarkdown(what), codeSpan(value)]);
  const about = 'the files';
  const blocks: Block[] = [{ kind: 'table', about, heads: ['measure', 'value'], rows }];
  for (const panel of seen?.plot?.panels ?? []) {
    const title = panel.title === '' ? 'the numbers' : codeSpan(shortened(panel.title, 60));
    blocks.push(
      text(
        about,
        `Size of the difference in ${title} along ${codeSpan(shortened(panel.x, 60))}: ${codeSpan(sparkline(panel.difference, 40))}`,
      ),
    );
  }
  if (seen?.hunk) blocks.push({ kind: 'fence', about, language: 'diff', lines: hunkLines(seen.hunk) });
  return {
    kind: 'details',
    about,
    open: true,
    // On one line: an empty one would end the HTML, and what follows it would be Markdown.
    summary: `<code>${escapeHtml(shortened(file.path, 200)).replace(/[\n\r\t]/g, ' ')}</code>`,
    blocks,
  };
}

/** Hints and no findings: what usually does it, and these two records leave open. */
function hints(report: ComparisonReport): Block[] {
  if (report.hints.length === 0) return [];
  const about = 'what may have caused it';
  const items = report.hints.map(
    ({ cause, seen, remedy }) =>
      `**${escapeMarkdown(cause)}**: ${escapeMarkdown(shortened(seen, 300))}. ${escapeMarkdown(remedy)}`,
  );
  return [text(about, '### What may have caused it'), { kind: 'list', about, items }];
}

function settings(report: ComparisonReport): Block[] {
  if (report.settings.length === 0) return [];
  const about = 'seeds and threads';
  const rows = report.settings.map(({ kind, name, ...rest }) => ({ name: `${name} (${kind})`, ...rest }));
  return [text(about, '### Seeds and threads'), sideTable(about, rows)];
}

interface Side {
  readonly name: string;
  readonly from: string | number | null;
  readonly toward: string | number | null;
  readonly same: boolean;
}

/** Dependencies and machine: never part of Table 1, so always shown, differences first. */
function causes({ comparison }: ComparisonReport): Block[] {
  if (comparison.dependencies.length + comparison.system.length === 0) return [];
  const dependencies = comparison.dependencies.map(({ system, name, ...rest }) => ({
    name: `${name} (${system})`,
    ...rest,
  }));
  const system = comparison.system.map(({ field, ...rest }) => ({ name: field, ...rest }));
  return [...sides('Dependencies', dependencies), ...sides('Machine', system)];
}

function sides(title: string, rows: readonly Side[]): Block[] {
  const about = `the ${title.toLowerCase()}`;
  const differing = rows.filter(row => !row.same);
  const same = rows.filter(row => row.same);
  const count = differing.length === 0 ? 'no differences' : plural(differing.length, 'difference');
  const blocks: Block[] = [text(about, `### ${title}: ${count}`)];
  if (differing.length > 0) blocks.push(sideTable(about, differing));
  if (same.length > 0) {
    const summary = `${same.length} the same`;
    blocks.push({ kind: 'details', about, summary, blocks: [sideTable(about, same)] });
  }
  return blocks;
}

function sideTable(about: string, rows: readonly Side[]): Block {
  const cell = (value: string | number | null) => (value === null ? '—' : codeSpan(shortened(String(value), 100)));
  const shown = rows
    .slice(0, shownRows)
    .map(row => [escapeMarkdown(shortened(row.name, 100)), cell(row.from), cell(row.toward)]);
  if (rows.length > shown.length) shown.push([`and ${rows.length - shown.length} more`, '', '']);
  return { kind: 'table', about, heads: ['', 'from', 'toward'], rows: shown };
}
