import { expect, test } from 'vitest';
import type { ButtonPress } from '../../../src/domain/pull-request/pull-request.ts';
import { type LookAtPullRequest, mergedOrder, orderOf } from '../../../src/doors/app/order.ts';

const repository = { installation: 3, id: 9, owner: 'acme', name: 'demo', isPrivate: false };
const asked = { repository, deliveries: ['one'], since: 5 };
const press = (id: number, button: ButtonPress['button'] = 'agree'): ButtonPress => ({
  button,
  by: { login: `person-${id}`, id, isBot: false },
  commit: 'a'.repeat(40),
  at: '2026-11-23T04:00:00.000Z',
});
const look = (change: Partial<LookAtPullRequest>): LookAtPullRequest => ({
  is: 'pull-request',
  ...asked,
  number: 7,
  presses: [],
  afresh: false,
  onlyClosed: false,
  ...change,
});

test('a repository is known by its id: a new name makes no second turn', () => {
  const renamed = { ...repository, name: 'new-name' };
  expect(orderOf(look({})).key).toBe(orderOf(look({ repository: renamed })).key);
  expect(orderOf(look({})).key).not.toBe(orderOf(look({ number: 8 })).key);
});

test('two looks become one that does what both ask for', () => {
  const one = look({ presses: [press(1)], onlyClosed: true });
  const other = look({ presses: [press(1), press(2, 'deny')], afresh: true, deliveries: ['two'], since: 9 });
  expect(mergedOrder(one, other)).toEqual(
    look({ presses: [press(1), press(2, 'deny')], afresh: true, deliveries: ['one', 'two'], since: 5 }),
  );
});

test('moves of the branch are joined in whatever order they come', () => {
  const moved = (before: string | null, after: string) => ({
    is: 'branch' as const,
    ...asked,
    moves: [{ before, after }],
  });
  const late = mergedOrder(moved('b', 'c'), moved('a', 'b'));
  expect(late).toMatchObject({ moves: [{ before: 'a', after: 'c' }] });
  expect(mergedOrder(late, moved('x', 'y'))).toMatchObject({
    moves: [
      { before: 'a', after: 'c' },
      { before: 'x', after: 'y' },
    ],
  });
});
