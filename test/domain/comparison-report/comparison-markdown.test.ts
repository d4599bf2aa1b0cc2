import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  commentBudget,
  comparisonMarkdown,
  requestComparisonMarkdown,
} from '../../../src/domain/comparison-report/comparison-markdown.ts';
import { verdictSentence } from '../../../src/domain/comparison-report/comparison-report.ts';
import type { FileResult } from '../../../src/domain/generated/shapes.ts';
import { offFile, someReport } from './some-report.ts';

/** How GitHub reads blocks: fences by CommonMark's rule, `<details>` outside of them. */
function openAtEnd(markdown: string): { fence: string | null; details: number } {
  let fence: string | null = null;
  let details = 0;
  for (const line of markdown.split('\n')) {
    const mark = /^ {0,3}(`{3,})([^`]*)$/.exec(line);
    if (fence !== null) {
      if (mark && mark[1]!.length >= fence.length && mark[2]!.trim() === '') fence = null;
      continue;
    }
    if (mark) {
      fence = mark[1]!;
      continue;
    }
    if (/^<details( open)?>/.test(line)) details++;
    if (/^<\/details>$/.test(line)) details--;
    expect(details).toBeGreaterThanOrEqual(0);
  }
  return { fence, details };
}

test('a comparison as a comment', () => {
  const report = someReport(
    [offFile, { path: 'same.txt', same: true, identical: true }],
    {},
    {
      'Data/energy.csv': {
        numbers: true,
        plot: {
          panels: [
            {
              title: 'energy',
              x: 'time',
              count: 4,
              from: curve,
              toward: curve,
              difference: { x: [0, 1, 2, 3], y: [0, 1, 8, 4] },
            },
          ],
          more: 0,
        },
        hunk: {
          from: { start: 1, count: 1 },
          toward: { start: 1, count: 1 },
          lines: [
            { side: 'toward', text: '``` <details>', unended: false },
            { side: 'from', text: '2 </details>', unended: true },
          ],
          more: false,
        },
      },
    },
  );
  expect(comparisonMarkdown(report, commentBudget)).toMatchInlineSnapshot(`
    "❌ **1 of 2 outputs differs (by content). Table 1 says non-repeatable.**

    \`20261122T092530Z-7f3a9c04e1\` toward \`20261121T092530Z-00aa9c04e1\`

    **Rule.** \`numeric\`: \\|from - toward\\| &lt;= atol + rtol \\* \\|toward\\| for every number
    Options: \`rtol 1e-6, atol 0, columns none, column_rtol none, column_atol none\`

    |  | same source, same inputs | same source, different inputs | different source, same inputs | different source, different inputs |
    | --- | --- | --- | --- | --- |
    | **same outputs** | repeatable | reproducible | reproducible | reproducible |
    | **different outputs** | 👉 **non-repeatable** | unknown | unknown | unknown |

    ### What to do next

    - The file that differs by content would pass with --rtol 3e-7 (now 1e-6). Whether that is still the same result is for you to judge.
      \`corroborate compare 20261122T092530Z-7f3a9c04e1 20261121T092530Z-00aa9c04e1 --method numeric --rtol 3e-7\`
    - What may have caused it: 1 dependency, 1 property of the machine differ.
    - If that is your result, propose "non-repeated": nothing else may be claimed of it.
      \`corroborate request 20261122T092530Z-7f3a9c04e1 20261121T092530Z-00aa9c04e1 --method numeric\`

    ### What differs

    <details open><summary><code>Data/energy.csv</code></summary>

    | measure | value |
    | --- | --- |
    | out of tolerance | \`3 of 1,000,000 compared\` |
    | largest absolute | \`3.25e-7\` |
    | largest relative | \`3e-7\` |
    | worst | \`row 5, column energy: from 1.0000003, toward 1\` |
    | first | \`row 2, column energy: from 2.0000003, toward 2\` |
    | passes with | \`--rtol 3e-7\` |

    Size of the difference in \`energy\` along \`time\`: \`  ▂█▅ \`

    \`\`\`\`diff
    --- toward
    +++ from
    @@ -1,1 +1,1 @@
    -\`\`\` <details>
    +2 </details>
    \\ No newline at end of file
    \`\`\`\`

    </details>

    <details><summary>1 file is the same</summary>

    - \`same.txt\`: bytes identical

    </details>

    ### Dependencies: 1 difference

    |  | from | toward |
    | --- | --- | --- |
    | numpy (pip) | \`1.26.4\` | \`2.0.1\` |

    <details><summary>1 the same</summary>

    |  | from | toward |
    | --- | --- | --- |
    | scipy (pip) | \`1.13.0\` | \`1.13.0\` |

    </details>

    ### Machine: 1 difference

    |  | from | toward |
    | --- | --- | --- |
    | architecture | \`arm64\` | \`x86_64\` |
    "
  `);
});
const curve = { x: [0, 1, 2, 3], y: [0, 1, 2, 3] };

const nasty = fc.oneof(
  fc.string({ maxLength: 60, unit: 'grapheme' }),
  fc.constantFrom(
    '```',
    '````\n',
    '<details>',
    '</details>',
    '\n</details>\n',
    '|',
    '`',
    '\n\n',
    '@ada',
    '<!--',
    '~~~\n',
    '\u202e',
    '\\',
  ),
  fc.array(fc.constantFrom('`', '\n', '|', '<', 'a'), { maxLength: 30 }).map(parts => parts.join('')),
);
const place = fc.record({ at: nasty, from: fc.oneof(nasty, fc.double(), fc.constant(null)), toward: nasty });
const file: fc.Arbitrary<FileResult> = fc
  .record(
    {
      path: nasty,
      same: fc.boolean(),
      identical: fc.boolean(),
      compared: fc.nat(),
      differing: fc.nat(),
      max_abs: fc.double({ min: 0, noNaN: true }),
      max_rel: fc.constantFrom('inf' as const, 0.5),
      worst: place,
      first: place,
      passes_with: fc.constantFrom({ rtol: 1e-3 }, null),
      reason: nasty,
    },
    { requiredKeys: ['path', 'same', 'identical'] },
  )
  .map(found => found as FileResult);
const side = { from: fc.option(nasty), toward: fc.option(nasty), same: fc.boolean() };
const line = fc.record({ side: fc.constantFrom('both', 'from', 'toward'), text: nasty, unended: fc.boolean() });
const comparison = fc
  .record({
    from: nasty,
    toward: nasty,
    files: fc.array(file, { minLength: 1, maxLength: 30 }),
    dependencies: fc.array(fc.record({ system: nasty, name: nasty, ...side }), { maxLength: 30 }),
    system: fc.array(fc.record({ field: nasty, ...side }), { maxLength: 10 }),
    lines: fc.array(line, { maxLength: 20 }),
    inputDifferences: fc.array(nasty, { maxLength: 5 }),
    hint: fc.option(nasty),
    hints: fc.array(fc.record({ cause: nasty, seen: nasty, remedy: nasty }), { maxLength: 5 }),
    settings: fc.array(fc.record({ kind: fc.constant('seed' as const), name: nasty, ...side }), { maxLength: 5 }),
    ofFolders: fc.boolean(),
  })
  .map(({ files, lines, inputDifferences, hint, hints, settings, ofFolders, ...rest }) => {
    const hunk = { from: { start: 1, count: 2 }, toward: { start: 1, count: 2 }, lines, more: true };
    const none = { source: null, inputs: null, assessment: null, proposition: null };
    const report = someReport(
      files,
      ofFolders ? { ...rest, ...none } : rest,
      Object.fromEntries(files.map(({ path }) => [path, { hunk }])),
    );
    return { ...report, inputDifferences, hint, hints, settings };
  });

describe('whatever is compared, in whatever budget', () => {
  test('it is within the budget, whole, with its verdict first, and says what it cut', () => {
    fc.assert(
      fc.property(comparison, fc.integer({ min: 500, max: 12_000 }), (report, budget) => {
        const markdown = comparisonMarkdown(report, budget);
        expect(markdown.length).toBeLessThanOrEqual(budget);
        expect(markdown.split('\n')[0]).toContain(verdictSentence(report.comparison));
        expect(openAtEnd(markdown)).toEqual({ fence: null, details: 0 });
        const whole = comparisonMarkdown(report, 10_000_000);
        expect(openAtEnd(whole)).toEqual({ fence: null, details: 0 });
        if (whole.length <= budget) expect(markdown).toBe(whole);
        else expect(markdown).toMatch(new RegExp(`_Cut to ${budget} characters; left out: .+\\._\\n$`));
      }),
      { numRuns: 300 },
    );
  });

  test('detail goes from the bottom up: what stands in less stands in more', () => {
    const report = someReport(Array.from({ length: 40 }, (_, at) => ({ ...offFile, path: `file-${at}.csv` })));
    const order = ['What to do next', 'file-0.csv', 'file-20.csv', 'file-39.csv', '### Dependencies', '### Machine'];
    let stood = 0;
    for (let budget = 500; budget < 40_000; budget += 250) {
      const markdown = comparisonMarkdown(report, budget);
      const there = order.filter(part => markdown.includes(part));
      expect(there).toEqual(order.slice(0, there.length));
      expect(there.length).toBeGreaterThanOrEqual(stood);
      stood = there.length;
    }
    expect(stood).toBe(order.length);
  });
});

describe('on the page of a diff request', () => {
  test('what the page says itself is left out, nothing else is', () => {
    const whole = comparisonMarkdown(someReport(), commentBudget);
    const onPage = requestComparisonMarkdown(someReport(), commentBudget);
    expect(onPage).not.toContain('What to do next');
    expect(onPage).not.toContain('corroborate request');
    expect(onPage).not.toContain('👉');
    const left = whole.split('\n').filter(line => line !== '' && !onPage.split('\n').includes(line));
    expect(left).toEqual([
      expect.stringMatching(/^`\S+` toward `\S+`$/),
      expect.stringMatching(/^\| {2}\| same source, same inputs/),
      '| --- | --- | --- | --- | --- |',
      expect.stringMatching(/^\| \*\*same outputs/),
      expect.stringMatching(/^\| \*\*different outputs.*👉/),
      '### What to do next',
      ...Array(5).fill(expect.stringMatching(/^(?:- | {2}`)/)),
    ]);
    expect(whole.split('\n')).toEqual(expect.arrayContaining(onPage.split('\n')));
  });

  test('it keeps to its budget', () => {
    fc.assert(
      fc.property(comparison, fc.integer({ min: 500, max: 12_000 }), (report, budget) => {
        const markdown = requestComparisonMarkdown(report, budget);
        expect(markdown.length).toBeLessThanOrEqual(budget);
        expect(openAtEnd(markdown)).toEqual({ fence: null, details: 0 });
      }),
      { numRuns: 100 },
    );
  });
});
