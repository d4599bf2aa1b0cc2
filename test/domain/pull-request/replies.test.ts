import { describe, expect, test } from 'vitest';
import type { Attempt } from '../../../src/domain/pull-request/attempt.ts';
import { replyMark } from '../../../src/domain/pull-request/pull-request-view.ts';
import { repliesTo } from '../../../src/domain/pull-request/replies.ts';
import { factsOf } from '../good-request.ts';
import { ada, attempt, grace, head, judgedOf, judgement, mary, stages } from './some-request.ts';

const reply = (stage: string, attempts: readonly Attempt[], change: Parameters<typeof judgedOf>[1] = {}) =>
  repliesTo(attempts, [], stages[stage]!, judgedOf(factsOf(), change)).map(({ body }) => body.split('\n')[1]);

describe('an attempt that is no answer gets one sentence', () => {
  test.each<[string, string, Partial<Attempt>, RegExp]>([
    ['by somebody else', 'waiting', { by: { ...grace, isBot: false } }, /^\*\*grace\*\*: Thank you .* Only ada/],
    ['a login registered again', 'waiting', { by: { ...ada, id: 99, isBot: false } }, /Only ada/],
    ['edited', 'waiting', { isEdited: true }, /^\*\*ada\*\*: A comment that was edited/],
    ['of no commit', 'waiting', { commit: null }, new RegExp(`Please name the commit.*<?\`/agree ${head}\``)],
    ['of an older commit', 'waiting', { commit: 'abcdef1' }, /older commit and is void/],
    ['of no reason', 'waiting', { wants: 'denied' }, new RegExp(`Please say why: \`/deny ${head}\``)],
    ['before the rules hold', 'refused', {}, /Not every rule holds, so nothing was done/],
    [
      'once it is closed',
      'withdrawn',
      {},
      /nothing was done yet.* counts as soon as .* opened again.* delete the comment/,
    ],
    ['in a review once it is closed', 'withdrawn', { key: 'review-7' }, /opened again .*dismiss the review/],
    ['by a button once it is closed', 'withdrawn', { key: 'button' }, /a pressed button is not kept/],
    [
      'of no commit once it is closed',
      'withdrawn',
      { commit: null },
      /: This pull request is closed: nobody can answer/,
    ],
    [
      'by somebody else once it is closed',
      'withdrawn',
      { by: { ...grace, isBot: false } },
      /closed: nobody can answer/,
    ],
    ['of no commit once it is settled', 'agreed', { commit: null }, /: This request was agreed by ada already; /],
    ['by somebody else once it is settled', 'denied', { by: { ...grace, isBot: false } }, /was denied by ada already/],
    ['once it was merged with broken rules', 'merged by hand, rules broken', {}, /not every rule holds/],
    ['once it was denied', 'denied', {}, /was denied by ada already/],
    ['another one while the first waits', 'held up', { wants: 'denied', reason: 'no' }, /ada has agreed already/],
  ])('%s', (_, stage, change, sentence) => {
    expect(reply(stage, [attempt(ada, change)])).toEqual([expect.stringMatching(sentence)]);
  });

  test('the answer itself gets none, in whatever stage it is the answer', () => {
    for (const stage of ['waiting', 'merged by hand', 'agreed', 'agreed outside', 'held up'])
      expect(reply(stage, [attempt(ada)]), stage).toEqual([]);
    expect(reply('denied', [attempt(ada, { wants: 'denied', reason: 'no' })])).toEqual([]);
  });

  test('an answer stays one when the request is pushed to, or the comment edited, once it is settled', () => {
    expect(reply('agreed', [attempt(ada, { isEdited: true })])).toEqual([]);
    expect(reply('agreed to another commit', [attempt(ada, { commit: 'e'.repeat(40) })])).toEqual([]);
  });

  test('of several alike, the one that was made when the answer was is it', () => {
    const attempts = [
      attempt(ada, { key: 'comment-1', isEdited: true, at: '2026-11-24T09:00:00Z' }),
      attempt(ada, { key: 'comment-0', at: '2026-11-24T09:30:00Z' }),
      attempt(ada, { key: 'comment-2', at: '2026-11-24T10:11:12Z' }),
      attempt(ada, { key: 'comment-3', at: '2026-11-24T11:00:00Z' }),
    ];
    const replies = repliesTo(attempts, [], stages.agreed!, judgedOf());
    expect(replies.map(({ mark }) => mark)).toEqual(['comment-1', 'comment-0', 'comment-3'].map(replyMark));
    expect(replies[2]!.body).toContain('agreed by ada already');
  });

  test('where nobody knows who may answer, nobody is turned away for not being it', () => {
    expect(reply('refused', [attempt(ada)], { answerer: null })).toEqual([expect.stringContaining('cannot be read')]);
  });

  test('an owner by git alone has another way', () => {
    const [said] = reply('waiting', [attempt(ada)], { answerer: mary });
    expect(said).toContain('Only Mary Somerville');
    expect(said).toContain('`corroborate agree`');
  });
});

test('each mark is of one attempt, presses by person and commit', () => {
  const attempts = [
    attempt(grace, { key: 'review-7' }),
    attempt(grace, { key: 'button' }),
    attempt({ login: 'eve', id: 666 }, { key: 'button' }),
  ];
  const replies = repliesTo(attempts, [], stages.waiting!, judgedOf());
  expect(replies.map(({ mark }) => mark)).toEqual([
    replyMark('review-7'),
    replyMark('button-1906-fffffff'),
    replyMark('button-666-fffffff'),
  ]);
  for (const { mark, body } of replies) expect(body.startsWith(`${mark}\n`)).toBe(true);
});

test('questions are answered', () => {
  const judged = judgedOf(factsOf(), { judgement: judgement('broken') });
  const askings = [
    { key: 'comment-1', command: 'help' as const },
    { key: 'comment-2', command: 'recheck' as const },
  ];
  const [help, recheck] = repliesTo([], askings, stages.refused!, judged);
  for (const command of ['/agree', '/deny', '/recheck', '/help']) expect(help!.body).toContain(`\`${command}`);
  expect(recheck!.body).toContain(`Judged again at ${head}: 11 of 12 rules hold, 1 broken.`);
  expect(recheck!.body).not.toContain('closed');
  const again = (stage: string) => repliesTo([], askings, stages[stage]!, judged)[1]!.body;
  expect(again('withdrawn')).toMatch(/1 broken\..* This pull request is closed: nobody can answer it before/);
  expect(again('denied')).toMatch(/1 broken\..* This request was denied by ada already/);
});

test('names in a reply are names', () => {
  const [said] = reply('waiting', [attempt({ login: 'a]*@ada--><b>', id: 5 })], {
    answerer: { name: '@eve `x` <i>', email: '' },
  });
  expect(said).not.toMatch(/@\w|<b>|<i>|-->/);
});
