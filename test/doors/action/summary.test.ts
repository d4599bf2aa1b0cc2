import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { expect, test } from 'vitest';
import type { RecordAtom } from '../../../src/domain/generated/shapes.ts';
import { recordLinks } from '../../../src/doors/action/record-links.ts';
import {
  failureSummary,
  runSummary,
  type SummaryFacts,
  sizeOf,
  summaryBudget,
} from '../../../src/doors/action/summary.ts';
import { recordOf } from '../../domain/good-request.ts';

const id = '20261122T092530Z-7f3a9c04e1';
const repository = { owner: 'acme', name: 'demo' };
const digest = 'd49575004113de57d43f0261298a86c55ed814456444797d6a234e20cd8e09ab';

function factsOf(changed: Partial<RecordAtom>, more: Partial<SummaryFacts> = {}): SummaryFacts {
  const record = { ...recordOf(id), ...changed };
  return {
    record,
    branch: 'records',
    links: recordLinks('https://github.com', repository, 'records', record.id),
    isPrivate: false,
    kept: null,
    comparison: null,
    otherwise: [],
    request: null,
    troubles: [],
    ...more,
  };
}

const html = (markdown: string) =>
  micromark(markdown, { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true });

/** What could break a page, in every place that a run has a word in. */
const hostile = [
  '</details></td></table><script>alert(1)</script>',
  '| a | b |\n|---|---|\n```\n<!-- ',
  '![x](https://evil.example/x.png) [y](javascript:alert(1)) @ada #1',
  '`` ` ``` | \u202e',
];

test.each(hostile)('nothing of a run breaks it: %j', text => {
  const file = { path: `${text}.png`, sha256: digest, size: 3, stored: true };
  const record = recordOf(id);
  const summary = runSummary(
    factsOf(
      {
        project: text,
        outputs: [file],
        notes: [text],
        program: { ...record.program, command: [text], reason: text },
      },
      { troubles: [text], kept: { path: text, because: text } },
    ),
  );
  const page = html(summary);
  expect(page).not.toMatch(/<script|<!--|evil\.example\/x\.png"|javascript:alert\(1\)"/);
  expect([...page.matchAll(/<details/g)]).toHaveLength([...page.matchAll(/<\/details>/g)].length);
  expect([...page.matchAll(/<table/g)]).toHaveLength(2);
  expect(page).toContain('What to do next');
  // GitHub reads no mention in code.
  expect(page.replace(/<code>.*?<\/code>/gs, '')).not.toMatch(/@ada/);
});

test('pictures are shown where everybody may see them, else linked to', () => {
  const outputs = [{ path: 'plots/energy (1).png', sha256: digest, size: 2048, stored: true }];
  const at = 'acme/demo/%s/records/';
  const shown = runSummary(factsOf({ outputs }));
  expect(shown).toContain(`](https://github.com/${at.replace('%s', 'raw')}`);
  expect(shown).toMatch(/!\[plots\/energy \(1\)\.png\]\(\S+\/outputs\/plots\/energy%20%281%29\.png\)/);
  expect(html(shown)).toContain('<img src="https://github.com/acme/demo/raw/records/');
  const hidden = runSummary(factsOf({ outputs }, { isPrivate: true }));
  expect(hidden).not.toContain('![');
  expect(hidden).toContain(`](https://github.com/${at.replace('%s', 'blob')}`);
});

test('however much there is, it fits', () => {
  const outputs = Array.from({ length: 20_000 }, (_, n) => ({
    path: `${'ünïcödé/'.repeat(20)}${n}.txt`,
    sha256: digest,
    size: n,
    stored: true,
  }));
  const notes = Array.from({ length: 5000 }, (_, n) => `${n} ${'€'.repeat(900)}`);
  const summary = runSummary(factsOf({ outputs, notes }));
  expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(2 ** 20);
  expect(summary.length).toBeLessThanOrEqual(summaryBudget);
  expect(summary).toContain('and 19900 more');
  expect(summary).toContain('left out');
  expect(Buffer.byteLength(failureSummary('€'.repeat(2 ** 20)))).toBeLessThanOrEqual(2 ** 20);
});

test('sizes are said in the units that people know', () => {
  expect([0, 1023, 1024, 1536, 5 * 2 ** 30].map(sizeOf)).toEqual(['0 B', '1023 B', '1.0 KiB', '1.5 KiB', '5.0 GiB']);
});
