import { outputPath } from '../../domain/branch-layout.ts';
import { type Block, budgetedMarkdown } from '../../domain/comparison-report/budgeted-markdown.ts';
import { comparisonMarkdown } from '../../domain/comparison-report/comparison-markdown.ts';
import { type ComparisonReport, shortened } from '../../domain/comparison-report/comparison-report.ts';
import type { RecordAtom, RecordedFile } from '../../domain/generated/shapes.ts';
import { codeSpan, escapeMarkdown } from '../../domain/markdown.ts';
import { userName } from '../../domain/user.ts';
import { plural } from '../../domain/wording.ts';
import type { AskedRequest } from './diff-request.ts';
import type { RecordLinks } from './record-links.ts';

/** GitHub takes 1 MiB a step; a character of a string is three bytes of UTF-8 at the most. */
export const summaryBudget = Math.floor(2 ** 20 / 3) - 1000;
const comparisonBudget = 120_000;
const shownOutputs = 100;
const shownImages = 8;
const image = /\.(?:png|jpe?g|gif|svg|webp)$/i;

export interface SummaryFacts {
  readonly record: RecordAtom;
  readonly branch: string;
  /** Null where the record is not on the branch. */
  readonly links: RecordLinks | null;
  /** Of a private repository pictures need a login: they are linked to. */
  readonly isPrivate: boolean;
  readonly kept: { readonly path: string; readonly because: string } | null;
  /** Null where nothing was compared. */
  readonly comparison: ComparisonReport | null;
  /** Of a reproduction: what may not be as it was, in sentences. */
  readonly otherwise: readonly string[];
  readonly request: AskedRequest | null;
  /** Sentences: what did not go as it was meant to, the gravest first. */
  readonly troubles: readonly string[];
}

/** The step's summary, of which nothing that a run printed or named can break the Markdown. */
export function runSummary(facts: SummaryFacts, budget = summaryBudget): string {
  const { record, troubles, comparison, otherwise, request } = facts;
  const head = `## ${statusMark[record.status]} ${escapeMarkdown(record.project)}: ${statusSentence(record)}`;
  const blocks: Block[] = [
    ...troubles.map(trouble => text('what went wrong', `> [!WARNING]\n> ${escapeMarkdown(shortened(trouble, 2000))}`)),
    ...(request === null ? [] : [requestBlock(request)]),
    text('the record', place(facts)),
    ...shortFacts(record),
    ...outputs(facts),
    ...(comparison === null
      ? []
      : [
          text(
            'the comparison',
            `### Compared\n\n${comparisonMarkdown(comparison, Math.min(comparisonBudget, budget / 2), request !== null).trimEnd()}`,
          ),
        ]),
    ...foldedList(
      'what may not be as it was',
      otherwise,
      plural(otherwise.length, 'thing that may not be as it was', 'things that may not be as they were'),
    ),
    ...foldedList('the notes', record.notes, plural(record.notes.length, 'note')),
    ...next(facts),
  ];
  return budgetedMarkdown(head, blocks, budget);
}

const text = (about: string, content: string): Block => ({ kind: 'text', about, text: content });

const statusMark: Readonly<{ [status in RecordAtom['status']]: string }> = {
  started: '⏳',
  paused: '⏸️',
  finished: '✅',
  failed: '❌',
  cancelled: '🚫',
  unknown: '❔',
};

function statusSentence({ status, program }: RecordAtom): string {
  const { exit_code: code, signal, duration_seconds: seconds } = program;
  const how = signal !== null ? ` by ${signal}` : code !== null && code !== 0 ? ` with exit code ${code}` : '';
  return `${status}${how}${seconds === null ? '' : ` after ${seconds} s`}`;
}

function place({ record, links, branch, kept }: SummaryFacts): string {
  if (links !== null) return `[\`${record.id}\`](${links.folder}) on the branch ${codeSpan(branch)}`;
  return `${codeSpan(record.id)} is not on the branch ${codeSpan(branch)}: it is in the file ${codeSpan(kept?.path ?? '')} of this job.`;
}

function shortFacts({ program, owner, inputs, outputs, dependencies, system }: RecordAtom): Block[] {
  const { commit, tag, dirty } = program.version_control;
  const version = `${codeSpan(commit.slice(0, 12))}${tag === null ? '' : ` ${codeSpan(tag)}`}${dirty ? ', with changes that are not committed' : ''}`;
  const rows = [
    ['command', codeSpan(shortened(program.command.join(' '), 500))],
    ['source', version],
    ['owner', escapeMarkdown(userName(owner))],
    ['reason', escapeMarkdown(shortened(program.reason, 500))],
    ['inputs', String(inputs.length)],
    ['outputs', String(outputs.length)],
    ['dependencies', String(dependencies.length)],
    ['machine', escapeMarkdown([system.os, system.release, system.architecture].filter(Boolean).join(' '))],
  ].filter(([, value]) => value !== '');
  return [{ kind: 'table', about: 'the record', heads: ['', ''], rows }];
}

function outputs({ record, links, isPrivate }: SummaryFacts): Block[] {
  if (record.outputs.length === 0) return [];
  const shown = record.outputs.slice(0, shownOutputs);
  const rows = shown.map(output => [fileCell(record, output, links), sizeOf(output.size), codeSpan(output.sha256)]);
  if (record.outputs.length > shown.length) rows.push([`and ${record.outputs.length - shown.length} more`, '', '']);
  const pictures = links === null ? [] : record.outputs.filter(({ path, stored }) => stored && image.test(path));
  return [
    text('the outputs', '### Outputs'),
    { kind: 'table', about: 'the outputs', heads: ['file', 'size', 'sha256'], rows },
    ...pictures.slice(0, shownImages).map(({ path }) => {
      const at = outputPath(record.id, path);
      const name = escapeMarkdown(shortened(path, 200));
      return text('the pictures', isPrivate ? `[${name}](${links!.page(at)})` : `![${name}](${links!.raw(at)})`);
    }),
  ];
}

function fileCell({ id }: RecordAtom, { path, stored }: RecordedFile, links: RecordLinks | null): string {
  const name = codeSpan(shortened(path, 200));
  return stored && links !== null ? `[${name}](${links.page(outputPath(id, path))})` : name;
}

export function sizeOf(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let [size, unit] = [bytes, 0];
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
}

function requestBlock({ url, isOpen, isOld, proposition, because }: AskedRequest): Block {
  const claim = `\`${proposition}\``;
  const said = isOpen
    ? `**[The diff request](${url})** that claims ${claim} ${isOld ? 'is open already' : 'is open'}. The owner of the other record is asked to agree.`
    : `**[Open the diff request](${url})** that claims ${claim}: one click, since ${escapeMarkdown(because ?? '')}.`;
  return text('the diff request', said);
}

function foldedList(about: string, sentences: readonly string[], summary: string): Block[] {
  if (sentences.length === 0) return [];
  const items = sentences.map(sentence => escapeMarkdown(shortened(sentence, 1000)));
  return [{ kind: 'details', about, summary, blocks: [{ kind: 'list', about, items }] }];
}

function next({ record, kept, comparison, links, branch }: SummaryFacts): Block[] {
  const items: string[] = [];
  if (kept !== null) {
    const file = kept.path.split(/[\\/]/).at(-1)!;
    items.push(
      `Keep the file: \`actions/upload-artifact\` with \`path: \${{ steps.<id>.outputs.record-path }}\`.`,
      `Store it later, in a clone: ${codeSpan(`corroborate recover ${file} && corroborate push`)}; or with this Action's input \`collect\`, in a job whose token may write.`,
    );
  }
  if (links !== null && comparison === null && record.status === 'finished') {
    items.push(
      `Hold another run against this one: \`toward: ${record.id}\`, with \`request: true\` to ask its owner to agree; or in a clone ${codeSpan(`corroborate pull && corroborate compare latest ${record.id}`)}.`,
    );
  }
  if (record.status === 'failed') items.push(`What it printed is in the log above, and in \`log.txt\` of the record.`);
  if (links !== null && branch !== '' && items.length === 0) return [];
  return items.length === 0
    ? []
    : [text('what to do next', '### What to do next'), { kind: 'list', about: 'what to do next', items }];
}

/** What `collect` stored. */
export function collectSummary(
  stored: readonly RecordAtom[],
  known: readonly string[],
  branch: string,
  linksOf: (id: string) => RecordLinks,
): string {
  const head = `## ${plural(stored.length, 'record')} stored on the branch ${codeSpan(branch)}`;
  const rows = stored.map(({ id, status, program, outputs }) => [
    `[\`${id}\`](${linksOf(id).folder})`,
    status,
    codeSpan(shortened(program.command.join(' '), 200)),
    String(outputs.length),
  ]);
  const blocks: Block[] = [];
  if (rows.length > 0) {
    const heads = ['record', 'status', 'command', 'outputs'];
    blocks.push({ kind: 'table', about: 'the records', heads, rows });
  }
  if (known.length > 0) blocks.push(text('the others', `${plural(known.length, 'record')} were there already.`));
  return budgetedMarkdown(head, blocks, summaryBudget);
}

/** One of many that were to be reproduced. */
export interface ReproducedRow {
  readonly original: string;
  readonly status: RecordAtom['status'] | null;
  readonly assessment: string | null;
  readonly record: string | null;
  readonly folder: string | null;
  /** The diff request's page. */
  readonly request: string | null;
  /** Why it could not be run. */
  readonly refused: string | null;
}

/** Many reproductions in one table. @param watched how many there are to choose from */
export function reproducedSummary(rows: readonly ReproducedRow[], watched: number): string {
  const head = `## ${rows.length} of ${plural(watched, 'agreed record')} tried`;
  const cells = rows.map(({ original, status, assessment, record, folder, request, refused }) => [
    codeSpan(original),
    status ?? 'not run',
    assessment ?? '',
    record === null ? '' : folder === null ? codeSpan(record) : `[\`${record}\`](${folder})`,
    request === null ? escapeMarkdown(shortened(refused ?? '', 500)) : `[request](${request})`,
  ]);
  const heads = ['record', 'status', 'Table 1', 'new record', ''];
  const blocks: Block[] = rows.length === 0 ? [] : [{ kind: 'table', about: 'the records', heads, rows: cells }];
  return budgetedMarkdown(head, blocks, summaryBudget / (rows.length + 1));
}

/** A step that came to nothing: why. */
export function failureSummary(sentence: string): string {
  return budgetedMarkdown(`## ❌ Corroborate\n\n${escapeMarkdown(shortened(sentence, 5000))}`, [], summaryBudget);
}
