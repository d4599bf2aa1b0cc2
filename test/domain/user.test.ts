import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { User } from '../../src/domain/generated/shapes.ts';
import {
  authorOfUser,
  isPerson,
  isSameUser,
  isWorkflowBot,
  spokesperson,
  userKey,
  userName,
  userOfAuthor,
} from '../../src/domain/user.ts';
import { arbitraryOf, schemas } from './schema-arbitrary.ts';

const common = schemas.get('common.schema.json')!;
const user = arbitraryOf(common.$defs!.user!, 'common.schema.json') as fc.Arbitrary<User>;
const ada = { login: 'ada', id: 1815 };

describe('two are one', () => {
  test.each<[string, User, User, boolean]>([
    ['by the same numeric id, whatever the login', ada, { login: 'ada-lovelace', id: 1815 }, true],
    ['never by login alone, which can be registered again', ada, { login: 'ada', id: 7 }, false],
    ['by address, whatever the name', { name: 'Ada', email: 'ada@x.org' }, { name: 'A. L.', email: 'Ada@X.org' }, true],
    [
      'never by name where there is an address',
      { name: 'Ada', email: 'ada@x.org' },
      { name: 'Ada', email: 'ada@y.org' },
      false,
    ],
    ['never by name where one has an address', { name: 'Ada', email: '' }, { name: 'Ada', email: 'ada@y.org' }, false],
    ['by name where neither has an address', { name: 'Ada', email: '' }, { name: 'Ada', email: '' }, true],
    ['never across GitHub and git', ada, { name: 'ada', email: '1815+ada@users.noreply.github.com' }, false],
  ])('%s', (_, one, other, same) => {
    expect(isSameUser(one, other)).toBe(same);
    expect(isSameUser(other, one)).toBe(same);
    expect(userKey(one) === userKey(other)).toBe(same);
  });

  test('just where their keys are equal', () => {
    const few = fc.oneof(
      user,
      fc.record({ login: fc.constantFrom('a', 'b'), id: fc.integer({ min: 1, max: 2 }) }),
      fc.record({ name: fc.constantFrom('a', 'b'), email: fc.constantFrom('', 'a', 'A') }),
    );
    fc.assert(
      fc.property(few, few, (one, other) => {
        expect(isSameUser(one, one)).toBe(true);
        expect(userKey(one) === userKey(other)).toBe(isSameUser(one, other));
      }),
    );
  });
});

test("GitHub's private addresses tell login and id", () => {
  expect(userOfAuthor('Ada', '1815+ada@users.noreply.github.com')).toEqual(ada);
  expect(userOfAuthor('Ada', '1815+ada@Users.NoReply.GitHub.com')).toEqual(ada);
  expect(userOfAuthor('x', '41898282+github-actions[bot]@users.noreply.github.com')).toEqual({
    login: 'github-actions[bot]',
    id: 41898282,
  });
  for (const email of [
    'ada@users.noreply.github.com',
    '0+ada@users.noreply.github.com',
    '1815+ada@users.noreply.github.com.evil.org',
    'x1815+ada@users.noreply.github.com',
    '1815+@users.noreply.github.com',
    '1815+a b@users.noreply.github.com',
    '9999999999999999+a@users.noreply.github.com',
    '',
  ])
    expect(userOfAuthor('Ada', email)).toEqual({ name: 'Ada', email });
});

test('whoever writes a commit is read back from it', () => {
  fc.assert(
    fc.property(user, one => {
      if ('id' in one && (one.id > 999_999_999_999_999 || one.login.length > 90)) return;
      const { name, email } = authorOfUser(one);
      expect(isSameUser(userOfAuthor(name, email), one)).toBe(true);
    }),
  );
});

test('a bot is no person, and the project speaks for its records', () => {
  const bot = { login: 'dependabot[bot]', id: 49699333 };
  expect([ada, bot, { name: 'x[bot]', email: '' }].map(isPerson)).toEqual([true, false, true]);
  expect(spokesperson(bot, ada)).toBe(ada);
  expect(spokesperson({ login: 'grace', id: 1906 }, ada)).toEqual({ login: 'grace', id: 1906 });
});

test('only GitHub itself, as a bot, acts for workflows', () => {
  const login = 'github-actions[bot]';
  expect(isWorkflowBot({ login, isBot: true })).toBe(true);
  expect(isWorkflowBot({ login, isBot: false })).toBe(false);
  for (const other of ['dependabot[bot]', 'github-actions', 'github-actions-2[bot]', 'GitHub-Actions[bot]'])
    expect(isWorkflowBot({ login: other, isBot: true })).toBe(false);
});

test('people are called by what there is', () => {
  expect([ada, { name: 'Ada', email: 'a@x' }, { name: '', email: 'a@x' }].map(userName)).toEqual(['ada', 'Ada', 'a@x']);
});
