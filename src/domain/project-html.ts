import type { Assessment, Pair, Project, Property, Proposition } from './generated/shapes.ts';
import { escapeHtml } from './html.ts';
import { htmlPage } from './html-page.ts';
import type { Report } from './report.ts';
import { userName } from './user.ts';
import { countsSentence, plural, propertySentence, propositionSentence } from './wording.ts';

/** More pairs are left to assessment.yml: a page is read. */
const shownPairs = 500;
/** A drawing of more than this many pairs shows nothing any more. */
const drawnPairs = 40;

/** The project's reproducibility as one page that holds all it shows: the counts, a picture of the pairs, and the pairs. */
export function projectHtml(project: Project, assessment: Assessment, report: Report): string {
  const { property, counts, pairs } = assessment;
  const paragraphs = (text: string) =>
    text
      .split(/\n\s*\n/)
      .filter(paragraph => paragraph.trim() !== '')
      .map(paragraph => `<p>${escapeHtml(paragraph.trim())}</p>`)
      .join('\n');
  const said =
    pairs.length === 0
      ? propertySentence[property]
      : `${propertySentence[property]} Agreed: ${escapeHtml(countsSentence(counts))}.`;
  const body = [
    `<p class="soft">Reproducibility of</p><h1>${escapeHtml(project.name)}</h1>`,
    paragraphs(project.description),
    project.goals.trim() === '' ? '' : `<p><b>Goals.</b> ${escapeHtml(project.goals)}</p>`,
    `<header class="verdict ${tone(property)}"><h1>${property}</h1><p>${said}</p></header>`,
    tiles(report),
    ...(pairs.length > 0 ? ['<h2>What was agreed</h2>', picture(pairs), pairsTable(pairs)] : []),
    `<footer>The project's owner is ${escapeHtml(userName(project.owner))}. Made by Corroborate from the agreed requests.</footer>`,
  ];
  return htmlPage(`${project.name}: ${property}`, body.filter(part => part !== '').join('\n'));
}

function tone(property: Property): string {
  if (property === 'repeatable' || property === 'reproducible') return 'same';
  if (property === 'non-repeatable' || property === 'non-reproducible') return 'different';
  return property;
}

function tiles({ counts, records, containers }: Report): string {
  const all: readonly [number, string][] = [
    [counts.repeated, 'repeated'],
    [counts.reproduced, 'reproduced'],
    [counts.non_repeated, 'non-repeated'],
    [counts.non_reproduced, 'non-reproduced'],
    [counts.independent, 'independent'],
    [counts.attested, 'attested'],
    [counts.people, counts.people === 1 ? 'person' : 'people'],
    [records, records === 1 ? 'record' : 'records'],
    [containers, containers === 1 ? 'container' : 'containers'],
  ];
  return `<div class="tiles">${all.map(([count, what]) => `<div class="tile"><b>${count}</b>${what}</div>`).join('')}</div>`;
}

/** Newest first. */
function pairsTable(pairs: readonly Pair[]): string {
  const shown = pairs.toReversed().slice(0, shownPairs);
  const rows = shown.map(pair => {
    const cells = [
      `<b class="${isPositive(pair.proposition) ? 'same' : 'different'}">${pair.proposition}</b><br><span class="soft">${propositionSentence[pair.proposition]}</span>`,
      `<code>${escapeHtml(pair.from)}</code>`,
      `<code>${escapeHtml(pair.toward)}</code>`,
      `<code>${escapeHtml(pair.method)}</code>`,
      pair.independent ? 'yes' : 'no',
      pair.attested ? "on the requester's word" : 'computed',
      escapeHtml(pair.agreed.slice(0, 10)),
    ];
    return `<tr>${cells.map(cell => `<td>${cell}</td>`).join('')}</tr>`;
  });
  const heads = ['claim', 'from', 'toward', 'method', 'independent', 'results', 'agreed'].map(
    head => `<th>${head}</th>`,
  );
  const rest = pairs.length - shown.length;
  const more = rest > 0 ? `<p class="soft">and ${plural(rest, 'older one')} in assessment.yml</p>` : '';
  return `<div class="wide"><table><tr>${heads.join('')}</tr>${rows.join('')}</table></div>${more}`;
}

function isPositive(proposition: Proposition): boolean {
  return proposition === 'repeated' || proposition === 'reproduced';
}

const pictureStyle = `.rp{font:11px ui-monospace,Menlo,Consolas,monospace;color:#1f2328}.rp text{fill:currentColor}
.rp .n{fill:#59636e}.rp .p,.rp .b{fill:none;stroke:#1a7f37;stroke-width:2}.rp .b{stroke:#cf222e;stroke-dasharray:5 4}.rp .pf{fill:#1a7f37}.rp .bf{fill:#cf222e}
@media screen and (prefers-color-scheme:dark){.rp{color:#f0f6fc}.rp .n{fill:#9198a1}.rp .p{stroke:#3fb950}.rp .b{stroke:#f85149}.rp .pf{fill:#3fb950}.rp .bf{fill:#f85149}}`;

/** Records in the order of their time, an arc for each agreed pair from the one that was run again to the one it is about. */
function picture(pairs: readonly Pair[]): string {
  const drawn = pairs.slice(-drawnPairs);
  const records = [...new Set(drawn.flatMap(pair => [pair.from, pair.toward]))].sort();
  const row = 26;
  const depth = (pair: Pair) => Math.abs(records.indexOf(pair.from) - records.indexOf(pair.toward));
  const bulge = (pair: Pair) => 24 + Math.min(260, depth(pair) * 26);
  const width = 250 + Math.max(...drawn.map(bulge)) + 20;
  const at = (id: string) => 20 + records.indexOf(id) * row;
  const arcs = drawn.map(pair => {
    const [from, toward, out] = [at(pair.from), at(pair.toward), 236 + bulge(pair)];
    const positive = isPositive(pair.proposition);
    const label = `<title>${pair.proposition}: ${escapeHtml(pair.from)} toward ${escapeHtml(pair.toward)}</title>`;
    return `<g>${label}<path class="${positive ? 'p' : 'b'}" d="M236 ${from}C${out} ${from} ${out} ${toward} 242 ${toward}"/><path class="${positive ? 'pf' : 'bf'}" d="M236 ${toward}l8 -4v8z"/></g>`;
  });
  const nodes = records.map(
    id => `<text x="8" y="${at(id) + 4}">${escapeHtml(id)}</text><circle class="n" cx="228" cy="${at(id)}" r="4"/>`,
  );
  const height = 20 + records.length * row;
  const hidden = pairs.length - drawn.length;
  const caption = `Solid: the claim was that outputs are the same; dashed: that they are not.${hidden > 0 ? ` The newest ${drawn.length} of ${pairs.length} pairs.` : ''}`;
  return [
    `<figure><svg class="rp" xmlns="http://www.w3.org/2000/svg" width="${width}" viewBox="0 0 ${width} ${height}" role="img" aria-label="The agreed pairs of records">`,
    `<style>${pictureStyle}</style>`,
    ...arcs,
    ...nodes,
    `</svg><figcaption>${caption}</figcaption></figure>`,
  ].join('\n');
}
