import { diffPath, recordPath } from './branch-layout.ts';
import type { Assessment, Pair, Project, Proposition } from './generated/shapes.ts';
import { codeSpan, escapeMarkdown, escapeParagraphs, markdownTable } from './markdown.ts';
import { userName } from './user.ts';
import { countsSentence, propertySentence, propositionSentence } from './wording.ts';

/** More pairs than this are left to assessment.yml: a page is read. */
const shownPairs = 100;
/** A drawing of more than this many pairs shows nothing any more. */
const drawnPairs = 20;

/** README.md of the records branch: a function of the project and its assessment alone (design, section 3). */
export function projectPage(project: Project, assessment: Assessment): string {
  const { property, counts, pairs } = assessment;
  const blocks = [
    `# ${escapeMarkdown(project.name)}`,
    escapeParagraphs(project.description),
    project.goals.trim() === '' ? '' : `**Goals.** ${escapeParagraphs(project.goals)}`,
    `> [!${alertFor(property)}]\n> **${property}**: ${countsSentence(counts)}.\n> ${propertySentence[property]}`,
    ...(pairs.length > 0 ? ['## What was agreed', pairsTable(pairs), drawing(pairs)] : []),
    '## What is here',
    whatIsHere(project),
  ];
  return `${blocks.filter(block => block !== '').join('\n\n')}\n`;
}

function alertFor(property: Assessment['property']): string {
  if (property === 'repeatable' || property === 'reproducible') return 'TIP';
  return property === 'unknown' ? 'NOTE' : 'WARNING';
}

/** Newest first. */
function pairsTable(pairs: readonly Pair[]): string {
  const shown = pairs.toReversed().slice(0, shownPairs);
  const rows = shown.map(pair => [
    `[${pair.proposition}](${diffPath(pair.diff)} "${propositionSentence[pair.proposition]}")`,
    recordLink(pair.from),
    recordLink(pair.toward),
    codeSpan(pair.method),
    pair.independent ? 'yes' : 'no',
    pair.attested ? "on the requester's word" : 'computed',
    pair.agreed.slice(0, 10),
  ]);
  const table = markdownTable(['claim', 'from', 'toward', 'method', 'independent', 'results', 'agreed'], rows);
  const rest = pairs.length - shown.length;
  return rest > 0 ? `${table}\n\nand ${rest} older ones in [assessment.yml](assessment.yml).` : table;
}

function recordLink(id: string): string {
  return `[${id}](${recordPath(id)})`;
}

const arrow: Readonly<{ [proposition in Proposition]: string }> = {
  repeated: '-- repeated -->',
  reproduced: '-- reproduced -->',
  'non-repeated': '-. non-repeated .->',
  'non-reproduced': '-. non-reproduced .->',
};

function drawing(pairs: readonly Pair[]): string {
  if (pairs.length > drawnPairs) return '';
  const nodes = new Map<string, string>();
  const node = (id: string) => {
    const name = nodes.get(id) ?? `r${nodes.size}`;
    nodes.set(id, name);
    return name;
  };
  const edges = pairs.map(pair => `  ${node(pair.from)} ${arrow[pair.proposition]} ${node(pair.toward)}`);
  const labels = [...nodes].map(([id, name]) => `  ${name}["${id.slice(0, 8)}<br>${id.slice(17)}"]`);
  return ['```mermaid', 'graph LR', ...labels, ...edges, '```'].join('\n');
}

function whatIsHere(project: Project): string {
  return [
    'Each folder under [records](records) is one run of the simulation: what ran, on which inputs, with which outputs,',
    'dependencies, machine and container. Each file under [diffs](diffs) is one claim about two of them, with its answer.',
    '[history.yml](history.yml) lists the containers, [assessment.yml](assessment.yml) what was agreed.',
    '',
    `The project's owner is ${escapeMarkdown(userName(project.owner))}. This page is generated; nothing here is edited by hand.`,
  ].join('\n');
}
