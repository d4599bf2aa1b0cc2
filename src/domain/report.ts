import type { Assessment, Counts, Pair, Project, Property } from './generated/shapes.ts';
import { escapeMarkdown } from './markdown.ts';
import { projectPage } from './project-page.ts';
import { plural } from './wording.ts';

/** `report --json` (design, section 8). */
export interface Report {
  readonly project: string;
  readonly property: Property;
  readonly counts: Counts;
  readonly pairs: readonly Pair[];
  /** How many records, and how many containers, the branch holds. */
  readonly records: number;
  readonly containers: number;
}

export function makeReport(project: Project, assessment: Assessment, records: number, containers: number): Report {
  return { project: project.name, ...assessment, records, containers };
}

/** The project's page with the numbers that the page itself, a function of the agreed requests alone, leaves out. */
export function reportMarkdown(project: Project, assessment: Assessment, report: Report): string {
  const numbers = `${escapeMarkdown(project.name)} holds ${plural(report.records, 'record')} and ${plural(report.containers, 'container')}.`;
  return `${projectPage(project, assessment)}\n${numbers}\n`;
}

const colours: Readonly<{ [property in Property]: string }> = {
  unknown: '#6e7781',
  repeatable: '#1a7f37',
  reproducible: '#1a7f37',
  'non-repeatable': '#cf222e',
  'non-reproducible': '#cf222e',
  mixed: '#9a6700',
};

/** A badge for a README, as SVG: `corroborate | reproducible 3`. */
export function reportBadge({ property, pairs }: Report): string {
  const left = 'corroborate';
  const right = pairs.length > 0 ? `${property} · ${pairs.length}` : property;
  // Verdana at 11 px is some 6.6 px a character wide.
  const [leftWidth, rightWidth] = [left, right].map(text => Math.ceil(text.length * 6.6) + 12) as [number, number];
  const width = leftWidth + rightWidth;
  const label = (text: string, x: number) => `<text x="${x}" y="14">${text}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20" role="img" aria-label="${left}: ${right}">`,
    `<title>${left}: ${right}</title>`,
    `<rect width="${width}" height="20" rx="3" fill="#24292f"/>`,
    `<path d="M${leftWidth} 0h${rightWidth - 3}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3H${leftWidth}z" fill="${colours[property]}"/>`,
    '<g fill="#fff" text-anchor="middle" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11">',
    label(left, leftWidth / 2),
    label(right, leftWidth + rightWidth / 2),
    '</g>',
    '</svg>\n',
  ].join('\n');
}
