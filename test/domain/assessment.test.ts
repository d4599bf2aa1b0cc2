import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AgreedRequest, assessProject, isAttested, propertyOf } from '../../src/domain/assessment.ts';
import { countedRequests, superseded } from '../../src/domain/diff-request.ts';
import { assertDocument } from '../../src/domain/documents.ts';
import type { Counts, DiffRequest, Proposition } from '../../src/domain/generated/shapes.ts';
import { ada, diffOf, file, grace, ids, project, recordOf } from './good-request.ts';

const none: Counts = {
  repeated: 0,
  reproduced: 0,
  non_repeated: 0,
  non_reproduced: 0,
  independent: 0,
  attested: 0,
  people: 0,
};

function agreed(
  change: {
    proposition?: Proposition;
    at?: string;
    from?: AgreedRequest['from'];
    toward?: AgreedRequest['toward'];
    id?: string;
  } = {},
): AgreedRequest {
  const answer = { by: ada, at: change.at ?? '2026-11-25T00:00:00.000Z', reason: null, commit: 'f'.repeat(40) };
  return {
    diff: diffOf({
      id: change.id ?? ids.diff,
      proposition: change.proposition ?? 'repeated',
      status: 'agreed',
      answer,
    }),
    from: change.from === undefined ? recordOf(ids.from) : change.from,
    toward: change.toward === undefined ? recordOf(ids.toward) : change.toward,
  };
}

describe('one word sums it up', () => {
  const words: [string, number, number, number, number][] = [
    ['unknown', 0, 0, 0, 0],
    ['repeatable', 2, 0, 0, 0],
    ['reproducible', 0, 1, 0, 0],
    ['reproducible', 2, 1, 0, 0],
    ['non-repeatable', 0, 0, 1, 0],
    ['non-reproducible', 0, 0, 0, 1],
    ['non-reproducible', 0, 0, 3, 1],
    ['mixed', 1, 0, 1, 0],
    ['mixed', 1, 0, 0, 1],
    ['mixed', 0, 1, 1, 0],
    ['mixed', 0, 1, 0, 1],
    ['mixed', 1, 1, 1, 1],
  ];
  test.each(words)(
    '%s: %i repeated, %i reproduced, %i non-repeated, %i non-reproduced',
    (word, repeated, reproduced, non_repeated, non_reproduced) => {
      expect(
        propertyOf({
          ...none,
          repeated,
          reproduced,
          non_repeated,
          non_reproduced,
          independent: 9,
          attested: 9,
          people: 9,
        }),
      ).toBe(word);
    },
  );
});

test('nothing agreed is nothing counted', () => {
  expect(assessProject([], project)).toEqual({ property: 'unknown', counts: none, pairs: [] });
});

test('a pair says what was agreed, by whose records, on whose word, when', () => {
  expect(assessProject([agreed()], project)).toEqual({
    property: 'repeatable',
    counts: { ...none, repeated: 1, independent: 1, people: 2 },
    pairs: [
      {
        diff: ids.diff,
        from: ids.from,
        toward: ids.toward,
        proposition: 'repeated',
        method: 'default',
        independent: true,
        attested: false,
        agreed: '2026-11-25T00:00:00.000Z',
      },
    ],
  });
});

test('independent are the records of two owners; people are the owners on either side', () => {
  const own = agreed({ from: recordOf(ids.from, { owner: ada }) });
  expect(assessProject([own], project).counts).toMatchObject({ independent: 0, people: 1 });
  const renamed = agreed({ from: recordOf(ids.from, { owner: { login: 'countess', id: ada.id } }) });
  expect(assessProject([renamed], project).counts).toMatchObject({ independent: 0, people: 1 });
  // A bot's record is the project owner's, here ada's own.
  const scheduled = agreed({ from: recordOf(ids.from, { owner: { login: 'github-actions[bot]', id: 41898282 } }) });
  expect(assessProject([scheduled], project).counts).toMatchObject({ independent: 0, people: 1 });
  const alan = agreed({
    id: '20261124T000001Z-0000000000',
    from: recordOf(ids.from, { owner: { name: 'Alan', email: 'alan@x.org' } }),
  });
  expect(assessProject([agreed(), own, alan], project).counts).toMatchObject({ independent: 2, people: 3 });
});

test('a custom method is named by its name', () => {
  const request = agreed();
  const diff = { ...request.diff, diff: { ...request.diff.diff, method: 'custom' as const, name: 'numeric' } };
  expect(assessProject([{ ...request, diff }], project).pairs[0]!.method).toBe('numeric');
});

test('pairs stand in the order in which they were agreed, whatever order they come in', () => {
  const requests = [0, 1, 2, 3, 4].map(second =>
    agreed({
      id: `2026112${second}T000000Z-0000000000`,
      at: `2026-12-0${9 - (second >> 1)}T00:00:00.000Z`,
      proposition: second % 2 ? 'reproduced' : 'non-reproduced',
    }),
  );
  const expected = assessProject(requests, project);
  expect(expected.pairs.map(({ diff }) => diff.slice(0, 8))).toEqual([
    '20261124',
    '20261122',
    '20261123',
    '20261120',
    '20261121',
  ]);
  fc.assert(
    fc.property(fc.shuffledSubarray(requests, { minLength: 5 }), some => {
      expect(assessProject(some, project)).toEqual(expected);
    }),
  );
  expect(() => assertDocument('assessment', expected)).not.toThrow();
});

test('of one pair and method the earlier answer counts, whatever order the requests come in', () => {
  const settled = (id: string, at: string, status: 'agreed' | 'denied', change: Partial<DiffRequest> = {}) =>
    diffOf({ id, status, answer: { by: ada, at, reason: null, commit: 'f'.repeat(40) }, ...change });
  const [one, two] = ['2026-12-01T00:00:00.000Z', '2026-12-02T00:00:00.000Z'];
  const back = { from: ids.toward, toward: ids.from };
  const visual = { diff: { ...diffOf().diff, method: 'visual' as const } };
  const requests = [
    settled('20261124T000000Z-0000000003', two, 'agreed'),
    settled('20261124T000000Z-0000000002', one, 'agreed', back),
    settled('20261124T000000Z-0000000001', one, 'denied'),
    settled('20261124T000000Z-0000000004', two, 'agreed', visual),
    diffOf(),
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(requests, { minLength: 5 }), some => {
      const others = superseded(some);
      expect([...others.keys()].sort().map(id => [id.slice(-1), others.get(id)!.id.slice(-1)])).toEqual([
        ['2', '1'],
        ['3', '1'],
      ]);
      expect(countedRequests(some).map(({ id }) => id.slice(-1))).toEqual(['4']);
    }),
  );
});

describe('results rest on a word', () => {
  const [from, toward] = [recordOf(ids.from, { outputs: [file('Data/example2.dat', '4')] }), recordOf(ids.toward)];
  const unstored = recordOf(ids.toward, { outputs: [{ ...file('Data/example2.dat', '3'), stored: false }] });
  const differing = { ...diffOf().diff, results: [{ path: 'Data/example2.dat', same: false, identical: false }] };
  test.each([
    ['of equal digests: no', isAttested(diffOf().diff, recordOf(ids.from), toward), false],
    ['of equal digests that are not stored: no', isAttested(diffOf().diff, unstored, unstored), false],
    ['of stored files: no', isAttested(differing, from, toward), false],
    [
      'of stored files over the budget, as the result says: yes',
      isAttested({ ...differing, results: [{ ...differing.results[0]!, exact: false }] }, from, toward),
      true,
    ],
    [
      'a custom method that calls itself default: yes',
      isAttested({ ...differing, method: 'custom', name: 'default' }, from, toward),
      true,
    ],
    ['of a file that is not stored: yes', isAttested(differing, from, unstored), true],
    [
      'of a file on one side only, stored or not: no',
      isAttested(differing, recordOf(ids.from, { outputs: [] }), unstored),
      false,
    ],
    ['of a record that is gone: yes', isAttested(differing, null, toward), true],
    ['of two records that are gone: yes', isAttested(differing, null, null), true],
    [
      'visual, whatever the files: yes',
      isAttested({ ...diffOf().diff, method: 'visual' }, recordOf(ids.from), toward),
      true,
    ],
    [
      "a program of the requester's: yes",
      isAttested({ ...differing, method: 'custom', name: 'my-program' }, from, toward),
      true,
    ],
    [
      "a program of the requester's, of equal digests: no",
      isAttested({ ...diffOf().diff, method: 'custom', name: 'my-program' }, from, toward),
      false,
    ],
    ['a method of ours: no', isAttested({ ...differing, method: 'custom', name: 'numeric' }, from, toward), false],
  ])('%s', (_, attested, expected) => expect(attested).toBe(expected));
});

test('a record that is gone is nobody independent', () => {
  expect(
    assessProject([agreed({ from: null, toward: recordOf(ids.toward, { owner: ada }) })], project).counts.independent,
  ).toBe(0);
  expect(grace).not.toEqual(ada);
});
