import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkSummaryBudget } from '../../../src/domain/comparison-report/comparison-markdown.ts';
import type { RecordAtom } from '../../../src/domain/generated/shapes.ts';
import { comparisonBudget } from '../../../src/domain/pull-request/comment.ts';
import type { Shown } from '../../../src/domain/pull-request/pull-request-page.ts';
import { pullRequestView } from '../../../src/domain/pull-request/pull-request-page.ts';
import type { PullRequestView } from '../../../src/domain/pull-request/pull-request-view.ts';
import type { Stage } from '../../../src/domain/pull-request/stage.ts';
import { diffOf, factsOf, file, recordOf } from '../good-request.ts';
import { proseOf, rendered, structureOf } from './rendered.ts';
import { ada, attempt, grace, ids, judgedOf, judgement, picture, pull, shown, stages } from './some-request.ts';

const nasty = fc.oneof(
  fc.string({ maxLength: 60, unit: 'grapheme' }),
  fc.string({ maxLength: 60, unit: fc.constantFrom(...'\\`*_{}[]()#+-.!|<>&~=$:@/ \nwa1"\'') }),
  fc.constantFrom(
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '--><b>',
    '<!--',
    '<!-- corroborate:reply comment-12 -->',
    '</details>',
    '</td></tr></table>',
    '\n\n</details>\n\n# head',
    '> [!CAUTION]',
    '\n> [!CAUTION]\n> x',
    '@ada',
    '@acme/team',
    '#12',
    'acme/demo#12',
    'GH-12',
    'https://evil.org',
    'www.evil.org',
    'mail@evil.org',
    '[x](https://evil.org)',
    '![x](https://evil.org/x.png)',
    '](https://evil.org)',
    '[x]: https://evil.org',
    '[^1]',
    '```\n/agree x\n```',
    '`',
    '``',
    '` <b> `',
    '|',
    '\\',
    '\\`',
    '**',
    '~~~',
    '/agree 1234567',
    '- [ ] x',
    '\u202e',
    '\u0000',
    '\ud800',
  ),
);

/** Every text of a request that anybody but us writes, each other than all others whatever `text` is. */
function requestOf(text: string, stage: string): Shown {
  const [before, after] = [(at: number) => `${at}${text}`, (at: number) => `${text}${at}`];
  const record = (id: string, at: number): RecordAtom => {
    const good = recordOf(id);
    return {
      ...good,
      owner: { name: after(at), email: '' },
      project: after(at + 1),
      image: before(at + 2),
      program: {
        ...good.program,
        command: [before(at + 3), after(at + 4), before(at + 5)],
        executable: { path: after(at + 3), sha256: null },
        version_control: { ...good.program.version_control, repository: after(at + 6) },
        environment: { [after(900)]: before(at + 7) },
      },
      inputs: [file(after(at + 8)), file(before(901))],
    };
  };
  const diff = diffOf({
    sender: { login: after(30), id: 5 },
    diff: { ...diffOf().diff, method: 'custom', name: after(31), observation: before(32) },
  });
  const facts = factsOf({ diff }, record(ids.from, 1), record(ids.toward, 11), diff);
  const { findings } = judgement('attested', after(33));
  const words = (index: number) => (index % 2 === 0 ? before : after)(index);
  const rules = findings.map((finding, index) => ({ ...finding, because: words(index) }));
  const broken = rules.map(finding => (finding.rule === 'sender' ? { ...finding, is: 'broken' as const } : finding));
  const said = { by: { name: before(34), email: '' }, reason: after(35), at: '2026-11-24T10:11:12.000Z' };
  const given = stages[stage]!;
  const hostile: Stage =
    'answer' in given
      ? { ...given, answer: { ...given.answer, ...said }, ...('because' in given && { because: after(36) }) }
      : given;
  return shown(hostile, {
    pull: { ...pull, author: { login: after(37), id: 7, isBot: false } },
    judged: judgedOf(facts, {
      judgement:
        stage === 'refused' ? { verdict: 'broken', findings: broken } : { verdict: 'attested', findings: rules },
      answerer: { login: `${before(38)}/`, id: ada.id },
      comparison: 'as it is',
      pictures: [picture('a.png')].map(one => ({ ...one, path: after(39) })),
    }),
    attempts: [
      attempt({ login: before(40), id: 8 }),
      attempt(ada, { key: 'comment-13', wants: 'denied', reason: null }),
      attempt({ login: after(41), id: 9 }, { key: 'button' }),
    ],
    mentions: true,
  });
}

const textsOf = (view: PullRequestView) => [
  view.comment,
  ...view.checks.map(({ summary }) => summary),
  ...view.replies.map(({ body }) => body),
];

describe('whatever people write, the page is ours', () => {
  test.each(Object.keys(stages))('%s', stage => {
    const benign = textsOf(pullRequestView(requestOf('x', stage))).map(text => structureOf(rendered(text)));
    expect(benign.length).toBe(6);
    fc.assert(
      fc.property(nasty, text => {
        const view = pullRequestView(requestOf(text, stage));
        for (const [index, markdown] of textsOf(view).entries()) {
          const html = rendered(markdown);
          expect(structureOf(html)).toEqual(benign[index]);
          expect(proseOf(html)).not.toMatch(/@\w|#\d|\bGH-\d|https?:\/\/|www\./i);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('however much there is, it fits', () => {
  const fillings = fc.constantFrom('$', '<', '`', '|', 'a', '👩‍🔬', '\n', '@a ', ':a:', '`a` ');

  function huge(text: string, stage: string): Shown {
    const given = requestOf(text, stage);
    const many = Array.from({ length: 10_000 }, (_, at) => `${at}`);
    const { judged } = given;
    const lengthy = (record: RecordAtom, digit: string) => ({
      ...record,
      inputs: [...record.inputs, ...many.map(path => file(path, digit))],
    });
    return {
      ...given,
      judged: {
        ...judged,
        from: lengthy(judged.from!, '1'),
        toward: lengthy(judged.toward!, '2'),
        changed: [...judged.changed, ...many],
        faults: many.map(path => ({ path, line: 1, column: 1, field: text, because: text })),
        pictures: many.map(path => picture(path)),
        comparison: `${'c'.repeat(comparisonBudget - 1)}!`,
      },
    };
  }

  test.each(Object.keys(stages))(
    '%s',
    stage => {
      fc.assert(
        fc.property(nasty, fillings, (start, filling) => {
          const text = start + filling.repeat(100_000 / filling.length);
          const { comment, checks, replies } = pullRequestView(huge(text, stage));
          expect(comment.length).toBeLessThanOrEqual(65_536 - 1000);
          // What leads to an answer, and the comparison, are never left out.
          expect(comment.endsWith('ccc!')).toBe(true);
          expect(comment.includes('### Table 1')).toBe(true);
          for (const { title, summary, annotations } of checks) {
            expect(title.length).toBeLessThanOrEqual(255);
            expect(summary.length).toBeLessThanOrEqual(checkSummaryBudget);
            expect(annotations.length).toBeLessThanOrEqual(50);
            expect(JSON.stringify(annotations).length).toBeLessThan(1_000_000);
          }
          expect(checks[0]!.summary.endsWith('</details>')).toBe(true);
          for (const { body } of replies) expect(body.length).toBeLessThan(10_000);
        }),
        { numRuns: 4 },
      );
    },
    60_000,
  );

  test('a comparison beyond its budget is left out whole, and that is said', () => {
    const { comment } = pullRequestView(
      shown(stages.waiting!, { judged: judgedOf(factsOf(), { comparison: 'c'.repeat(70_000) }) }),
    );
    expect(comment).not.toContain('ccc');
    expect(comment).toMatch(/_Cut to \d+ characters; left out: the comparison\._$/);
  });
});

test('a request of Grace toward Ada is no hostile one', () => {
  expect(pullRequestView(shown(stages.waiting!, { attempts: [attempt(grace)] })).replies).toHaveLength(1);
});
