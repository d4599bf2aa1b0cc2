import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { describe, expect, test } from 'vitest';
import { assessProject } from '../../src/domain/assessment.ts';
import { parseBranchPath } from '../../src/domain/branch-layout.ts';
import type { Property } from '../../src/domain/generated/shapes.ts';
import { projectPage } from '../../src/domain/project-page.ts';
import { makeReport, reportBadge, reportMarkdown } from '../../src/domain/report.ts';
import { ada, diffOf, ids, project, recordOf } from './good-request.ts';

const answer = { by: ada, at: '2026-11-25T00:00:00.000Z', reason: null, commit: 'f'.repeat(40) };
const request = (index: number) => ({
  diff: diffOf({
    id: `20261124T0000${String(index % 60).padStart(2, '0')}Z-${String(index).padStart(10, '0')}`,
    status: 'agreed' as const,
    answer: { ...answer, at: `2026-11-25T00:00:00.${String(index).padStart(3, '0')}Z` },
  }),
  from: recordOf(ids.from),
  toward: recordOf(ids.toward),
});
const requests = (count: number) => Array.from({ length: count }, (_, index) => request(index));
const render = (markdown: string) =>
  micromark(markdown, { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true });

describe('the front page of the branch', () => {
  test('before anything was agreed', () => {
    expect(projectPage(project, assessProject([], project))).toMatchInlineSnapshot(`
      "# demo-sumatra

      **Goals.** Draw n values from a distribution

      > [!NOTE]
      > **unknown**: no agreed pair.
      > Nothing has been agreed on yet.

      ## What is here

      Each folder under [records](records) is one run of the simulation: what ran, on which inputs, with which outputs,
      dependencies, machine and container. Each file under [diffs](diffs) is one claim about two of them, with its answer.
      [history.yml](history.yml) lists the containers, [assessment.yml](assessment.yml) what was agreed.

      The project's owner is ada. This page is generated; nothing here is edited by hand.
      "
    `);
  });

  test('once something was', () => {
    const texts = { ...project, description: 'A small simulation.\n\nOf nothing.' };
    expect(projectPage(texts, assessProject(requests(2), project))).toMatchInlineSnapshot(`
      "# demo-sumatra

      A small simulation.

      Of nothing.

      **Goals.** Draw n values from a distribution

      > [!TIP]
      > **repeatable**: 2 repeated, by 2 people, 2 independent.
      > Its runs were repeated: same source, same inputs, same outputs.

      ## What was agreed

      | claim | from | toward | method | independent | results | agreed |
      | --- | --- | --- | --- | --- | --- | --- |
      | [repeated](diffs/00/00/20261124T000001Z-0000000001.yml "same source, same inputs, same outputs") | [20261123T101112Z-0a1b2c3d4e](records/0a/1b/20261123T101112Z-0a1b2c3d4e/record.yml) | [20261122T092530Z-7f3a9c04e1](records/7f/3a/20261122T092530Z-7f3a9c04e1/record.yml) | \`default\` | yes | computed | 2026-11-25 |
      | [repeated](diffs/00/00/20261124T000000Z-0000000000.yml "same source, same inputs, same outputs") | [20261123T101112Z-0a1b2c3d4e](records/0a/1b/20261123T101112Z-0a1b2c3d4e/record.yml) | [20261122T092530Z-7f3a9c04e1](records/7f/3a/20261122T092530Z-7f3a9c04e1/record.yml) | \`default\` | yes | computed | 2026-11-25 |

      \`\`\`mermaid
      graph LR
        r0["20261123<br>0a1b2c3d4e"]
        r1["20261122<br>7f3a9c04e1"]
        r0 -- repeated --> r1
        r0 -- repeated --> r1
      \`\`\`

      ## What is here

      Each folder under [records](records) is one run of the simulation: what ran, on which inputs, with which outputs,
      dependencies, machine and container. Each file under [diffs](diffs) is one claim about two of them, with its answer.
      [history.yml](history.yml) lists the containers, [assessment.yml](assessment.yml) what was agreed.

      The project's owner is ada. This page is generated; nothing here is edited by hand.
      "
    `);
  });

  test('links to what is on the branch', () => {
    const html = render(projectPage(project, assessProject(requests(3), project)));
    const links = [...html.matchAll(/href="([^"]*)"/g)].map(match => match[1]!);
    expect(links.length).toBeGreaterThan(9);
    for (const link of links)
      expect(parseBranchPath(link) !== null || ['records', 'diffs'].includes(link), link).toBe(true);
    expect(html.match(/<tr>/g)).toHaveLength(4);
  });

  test('stays readable however much was agreed', () => {
    const page = projectPage(project, assessProject(requests(150), project));
    expect(page).toContain('and 50 older ones in [assessment.yml](assessment.yml).');
    expect(page).not.toContain('mermaid');
    expect(page.split('\n').filter(line => line.startsWith('| [repeated]'))).toHaveLength(100);
  });

  test('is no place for markup of others', () => {
    const name = '<img src=x> @ada | **x** `y` [z](https://evil.org)\n# w';
    const hostile = {
      ...project,
      name,
      goals: name,
      description: `${name}\n\n> [!NOTE]\n\n---`,
      owner: { name, email: '' },
    };
    const html = render(projectPage(hostile, assessProject(requests(1), hostile)));
    const plain = render(projectPage(project, assessProject(requests(1), project)));
    const tags = (text: string) => new Set([...text.matchAll(/<([a-z0-9]+)/g)].map(match => match[1]));
    expect(tags(html)).toEqual(tags(plain));
    expect(html).not.toContain('href="https:');
    expect(html).not.toMatch(/@[a-z]/);
  });
});

describe('the report', () => {
  const assessment = assessProject(requests(2), project);
  const report = makeReport(project, assessment, 12, 1);

  test('has the keys of the design', () => {
    expect(Object.keys(report)).toEqual(['project', 'property', 'counts', 'pairs', 'records', 'containers']);
    expect(report).toMatchObject({ project: 'demo-sumatra', property: 'repeatable', records: 12, containers: 1 });
  });

  test('is the page and the numbers that the page leaves out', () => {
    expect(reportMarkdown(project, assessment, report)).toBe(
      `${projectPage(project, assessment)}\ndemo-sumatra holds 12 records and 1 container.\n`,
    );
  });

  const properties: Property[] = [
    'unknown',
    'repeatable',
    'reproducible',
    'non-repeatable',
    'non-reproducible',
    'mixed',
  ];
  test.each(properties)('has a badge that is whole XML: %s', property => {
    const badge = reportBadge({ ...report, property });
    expect(badge).toContain(`<title>corroborate: ${property} · 2</title>`);
    // Every element is closed in its order, every attribute quoted, no bare ampersand.
    const open: string[] = [];
    const rest = badge.replace(
      /<(\/?)([a-z]+)((?: [a-zA-Z-]+="[^"<&]*")*)(\/?)>/g,
      (_, closes, name, _attributes, alone) => {
        if (closes) expect(open.pop()).toBe(name);
        else if (!alone) open.push(name);
        return '';
      },
    );
    expect(open).toEqual([]);
    expect(rest).not.toMatch(/[<>&]/);
    const [width, left] = [Number(/width="(\d+)"/.exec(badge)![1]), Number(/d="M(\d+) /.exec(badge)![1])];
    expect(width - left).toBeGreaterThan(property.length * 6);
  });
});
