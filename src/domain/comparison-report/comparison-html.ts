import type { FileResult } from '../generated/shapes.ts';
import { escapeHtml } from '../html.ts';
import { htmlPage } from '../html-page.ts';
import { plural } from '../wording.ts';
import { type ComparisonReport, filesInOrder, optionsText, shortened, verdictSentence } from './comparison-report.ts';
import type { Evidence, ImagePair, Picture, TextHunk } from './evidence.ts';
import { fileFacts } from './file-facts.ts';
import { hunkLines } from './hunk-lines.ts';
import { nextSteps } from './next-steps.ts';
import { numberPlotSvg } from './number-plot-svg.ts';
import { table1Drawing } from './table-1-drawing.ts';

/** More are counted: a page of more than this does not open. */
const shownFiles = 500;
const shownRows = 1000;

/** A comparison as one page that holds all it shows: curves, pictures, lines, and what may have caused the differences. */
export function comparisonHtml(report: ComparisonReport): string {
  const { comparison } = report;
  const word = comparison.same ? 'same' : 'different';
  const body = [
    `<header class="verdict ${word}"><h1>${escapeHtml(verdictSentence(comparison))}</h1></header>`,
    overview(report),
    tableOne(report),
    next(report),
    files(report),
    hints(report),
    settings(report),
    causes(report),
    '<footer>Made by Corroborate. Dependencies and machine never enter Table 1, so they are always shown.</footer>',
  ];
  return htmlPage(
    `${comparison.from} toward ${comparison.toward}: ${word}`,
    body.filter(part => part !== '').join('\n'),
  );
}

function overview({ comparison, method, inputDifferences, hint }: ComparisonReport): string {
  const sameness = (word: string) => `<span class="${word}">${word}</span>`;
  const code = (text: string) => `<code>${escapeHtml(shortened(text, 1000))}</code>`;
  const rows: [string, string][] = [
    ['from', code(comparison.from)],
    ['toward', code(comparison.toward)],
    ['rule', `${code(method.name)} ${escapeHtml(method.promise)}`],
  ];
  const options = optionsText(comparison);
  if (options !== '') rows.push(['options', code(options)]);
  if (comparison.source && comparison.inputs) {
    rows.push(['source', sameness(comparison.source)]);
    const why = inputDifferences.slice(0, 50).map(sentence => `<li>${escapeHtml(shortened(sentence, 500))}</li>`);
    const rest = inputDifferences.length - why.length;
    if (rest > 0) why.push(`<li>and ${rest} more</li>`);
    rows.push(['inputs', `${sameness(comparison.inputs)}${why.length > 0 ? `<ul>${why.join('')}</ul>` : ''}`]);
  }
  if (hint !== null) rows.push(['hint', escapeHtml(hint)]);
  return `<dl>${rows.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join('')}</dl>`;
}

function tableOne({ comparison }: ComparisonReport): string {
  const drawing = table1Drawing(comparison);
  if (!drawing) return '';
  const heads = drawing.columns.map(
    ({ source, inputs }) => `<th scope="col">${source} source<br>${inputs} inputs</th>`,
  );
  const rows = drawing.rows.map(({ outputs, cells }) => {
    const texts = cells.map(
      ({ text, marked }) => `<td${marked ? ' class="here" aria-current="true"' : ''}>${text}</td>`,
    );
    return `<tr><th scope="row">${outputs} outputs</th>${texts.join('')}</tr>`;
  });
  return `<h2>Table 1</h2><div class="wide"><table><tr><td></td>${heads.join('')}</tr>${rows.join('')}</table></div>`;
}

function next(report: ComparisonReport): string {
  const steps = nextSteps(report).map(({ sentence, command }) => {
    const copied = command === null ? '' : `<code>${escapeHtml(command)}</code>`;
    return `<li>${escapeHtml(sentence)}${copied}</li>`;
  });
  return steps.length === 0 ? '' : `<h2>What to do next</h2><ol class="next">${steps.join('')}</ol>`;
}

function files({ comparison, evidence }: ComparisonReport): string {
  const { differing, same } = filesInOrder(comparison.files);
  const parts: string[] = [];
  if (differing.length > 0) {
    parts.push('<h2>What differs</h2>');
    parts.push(...differing.slice(0, shownFiles).map(file => section(file, evidence.get(file.path), true)));
    const rest = differing.length - shownFiles;
    if (rest > 0) parts.push(`<p>and ${plural(rest, 'file')} more that differ.</p>`);
  }
  if (same.length > 0) {
    parts.push('<h2>What is the same</h2>');
    const seen = same.filter(file => evidence.has(file.path));
    parts.push(...seen.map(file => section(file, evidence.get(file.path), true)));
    const others = same.filter(file => !evidence.has(file.path));
    const rows = others.slice(0, shownRows).map(file => {
      const facts = fileFacts(file).map(({ what, value }) => `${what} ${value}`);
      return `<tr><td><code>${escapeHtml(shortened(file.path, 500))}</code></td><td>${escapeHtml(facts.join(', '))}</td></tr>`;
    });
    if (others.length > rows.length) rows.push(`<tr><td>and ${others.length - rows.length} more</td><td></td></tr>`);
    if (rows.length > 0) parts.push(`<div class="wide"><table>${rows.join('')}</table></div>`);
  }
  return parts.join('\n');
}

function section(file: FileResult, seen: Evidence | undefined, open: boolean): string {
  const word = file.same ? 'same' : 'different';
  const facts = fileFacts(file, seen).map(({ what, value }) => `<dt>${what}</dt><dd>${escapeHtml(value)}</dd>`);
  const plots = (seen?.plot?.panels ?? []).map(panel => numberPlotSvg(panel));
  const more =
    seen?.plot && seen.plot.more > 0
      ? `<p class="soft">and ${plural(seen.plot.more, 'column')} more that differ</p>`
      : '';
  return [
    `<details${open ? ' open' : ''}><summary><code>${escapeHtml(shortened(file.path, 500))}</code> <span class="${word}">${word}</span></summary><div>`,
    `<dl>${facts.join('')}</dl>`,
    ...plots,
    more,
    seen?.images ? pictures(seen.images) : '',
    seen?.hunk ? hunk(seen.hunk) : '',
    '</div></details>',
  ].join('\n');
}

function pictures({ from, toward, difference, because }: ImagePair): string {
  const figures = [
    figure('from', from),
    figure('toward', toward),
    figure('where they differ, in red', difference),
  ].join('');
  const why = because === null ? '' : `<p class="soft">${escapeHtml(because)}</p>`;
  return `<div class="pictures">${figures}</div>${why}`;
}

function figure(caption: string, picture: Picture | null): string {
  if (!picture) return '';
  const { type, bytes, width, height } = picture;
  const image = `<img alt="${caption}" width="${width}" height="${height}" src="data:${type};base64,${base64(bytes)}">`;
  return `<figure><figcaption>${caption}, ${width} x ${height}</figcaption>${image}</figure>`;
}

/** In steps: a call takes no more than some ten thousand arguments. */
function base64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 8192) parts.push(String.fromCharCode(...bytes.subarray(at, at + 8192)));
  return btoa(parts.join(''));
}

function hunk(shown: TextHunk): string {
  const classes: Readonly<{ [mark: string]: string }> = { '-': 'del', '+': 'add', '@': 'at' };
  const lines = hunkLines(shown).map((line, index) => {
    // The first two name the sides.
    const name = index < 2 ? 'at' : classes[line[0] ?? ' '];
    return `<span${name ? ` class="${name}"` : ''}>${escapeHtml(line)}</span>`;
  });
  return `<pre>${lines.join('')}</pre>`;
}

function hints(report: ComparisonReport): string {
  if (report.hints.length === 0) return '';
  const items = report.hints.map(
    ({ cause, seen, remedy }) =>
      `<li><strong>${escapeHtml(cause)}</strong>: ${escapeHtml(shortened(seen, 500))}. ${escapeHtml(remedy)}</li>`,
  );
  return `<h2>What may have caused it</h2><ul>${items.join('')}</ul>`;
}

function settings(report: ComparisonReport): string {
  if (report.settings.length === 0) return '';
  const rows = report.settings.map(({ kind, name, ...rest }) => ({ name: `${name} (${kind})`, ...rest }));
  return `<h2>Seeds and threads</h2>${sideTable(rows)}`;
}

interface Side {
  readonly name: string;
  readonly from: string | number | null;
  readonly toward: string | number | null;
  readonly same: boolean;
}

function causes({ comparison }: ComparisonReport): string {
  if (comparison.dependencies.length + comparison.system.length === 0) return '';
  const dependencies = comparison.dependencies.map(({ system, name, ...rest }) => ({
    name: `${name} (${system})`,
    ...rest,
  }));
  const system = comparison.system.map(({ field, ...rest }) => ({ name: field, ...rest }));
  return [...sides('Dependencies', dependencies), ...sides('Machine', system)].join('\n');
}

function sides(title: string, rows: readonly Side[]): string[] {
  const differing = rows.filter(row => !row.same);
  const same = rows.filter(row => row.same);
  const count = differing.length === 0 ? 'no differences' : plural(differing.length, 'difference');
  const parts = [`<h2>${title}: ${count}</h2>`];
  if (differing.length > 0) parts.push(sideTable(differing));
  if (same.length > 0)
    parts.push(`<details><summary>${same.length} the same</summary><div>${sideTable(same)}</div></details>`);
  return parts;
}

function sideTable(rows: readonly Side[]): string {
  const cell = (value: string | number | null) =>
    value === null ? '<td>—</td>' : `<td>${escapeHtml(shortened(String(value), 300))}</td>`;
  const shown = rows
    .slice(0, shownRows)
    .map(row => `<tr><td>${escapeHtml(shortened(row.name, 300))}</td>${cell(row.from)}${cell(row.toward)}</tr>`);
  if (rows.length > shown.length) shown.push(`<tr><td colspan="3">and ${rows.length - shown.length} more</td></tr>`);
  return `<div class="wide"><table><tr><th></th><th scope="col">from</th><th scope="col">toward</th></tr>${shown.join('')}</table></div>`;
}
