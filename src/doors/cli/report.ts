import { Problem } from '../../domain/problem.ts';
import { projectHtml } from '../../domain/project-html.ts';
import { reportBadge, reportMarkdown } from '../../domain/report.ts';
import { type ProjectReport, reportProject } from '../../flows/report-project.ts';
import { openClone } from './clone.ts';
import { type Command, flag, jsonFlag, text } from './command.ts';
import { writeDocument } from './write-document.ts';

const formats: Readonly<{ [format: string]: (found: ProjectReport) => string }> = {
  markdown: ({ project, assessment, report }) => reportMarkdown(project, assessment, report),
  json: ({ report }) => `${JSON.stringify(report, null, 2)}\n`,
  badge: ({ report }) => reportBadge(report),
  html: ({ project, assessment, report }) => projectHtml(project, assessment, report),
};

export const report: Command = {
  name: 'report',
  synopsis: '[--format markdown|json|badge|html] [--output FILE]',
  summary: "Shows the project's reproducibility: its agreed pairs, and what they come to.",
  details: [
    'Counted are the pairs of records that the owners agreed on: how many repeated, reproduced, non-repeated, non-reproduced, by how many people, and how many of them independent (by another owner). The badge is an SVG picture for a README. `--json` is short for `--format json`.',
  ],
  flags: {
    format: { type: 'string', value: 'FORMAT', help: 'markdown (the default), json, badge or html (one page)' },
    output: { type: 'string', value: 'FILE', help: 'write it there and not to stdout' },
    ...jsonFlag,
  },
  examples: [
    ['corroborate report', 'What has been agreed on.'],
    ['corroborate report --format badge --output badge.svg', 'A picture that says so.'],
  ],
  words: [0, 0],
  async run(call) {
    const format = text(call, 'format') ?? (flag(call, 'json') ? 'json' : 'markdown');
    const make = Object.hasOwn(formats, format) ? formats[format] : undefined;
    if (!make)
      throw new Problem(
        'USAGE',
        `--format is one of ${Object.keys(formats).join(', ')}, not ${JSON.stringify(format)}`,
      );
    const clone = await openClone(call);
    const content = make(await reportProject(clone.store));
    const output = text(call, 'output');
    if (output === null) call.terminal.write(content);
    else await writeDocument(call, output, content);
    return 0;
  },
};
