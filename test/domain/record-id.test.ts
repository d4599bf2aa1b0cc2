import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRecordId, makeRecordId, resolveRecordId, shardsOf } from '../../src/domain/record-id.ts';

const ids = ['20261124T000000Z-7f3a9c04e2', '20261123T101112Z-0a1b2c3d4e', '20261122T092530Z-7f3a9c04e1'];
const instant = fc.date({
  min: new Date('1970-01-01'),
  max: new Date('9999-12-31T23:59:59.999Z'),
  noInvalidDate: true,
});
const random = fc.uint8Array({ minLength: 5, maxLength: 5 });
const idOf = fc.tuple(instant, random).map(([now, bytes]) => makeRecordId(now, bytes));

test('an id tells its second and its five random bytes', () => {
  expect(makeRecordId(new Date('2026-11-22T09:25:30.999Z'), new Uint8Array([0x7f, 0x3a, 0x9c, 0x04, 0xe1]))).toBe(
    ids[2],
  );
  expect(shardsOf(ids[2]!)).toEqual(['7f', '3a']);
  fc.assert(fc.property(idOf, isRecordId));
  expect(() => makeRecordId(new Date(0), new Uint8Array(4))).toThrow('5 random bytes');
});

test.each([
  '',
  'latest',
  '20261122T092530Z-7f3a9c04e',
  '20261122T092530Z-7f3a9c04e11',
  '20261122T092530Z-7F3A9C04E1',
  '20261122t092530z-7f3a9c04e1',
  '20261322T092530Z-7f3a9c04e1',
  '20261122T242530Z-7f3a9c04e1',
  '20261122T096030Z-7f3a9c04e1',
  `${ids[0]}\n`,
  ` ${ids[0]}`,
  '../../../../x',
])('%j is no id', text => expect(isRecordId(text)).toBe(false));

describe('an id is found', () => {
  test.each([
    ['latest', 0],
    ['@{0}', 0],
    ['@{2}', 2],
    [ids[1]!, 1],
    ['20261123', 1],
    ['2026112', 'AMBIGUOUS'],
    ['20261122T09', 2],
    ['20261122t09', 2],
    ['0a1b', 1],
    ['0A1B2C', 1],
    ['7f3a9c04e', 'AMBIGUOUS'],
    ['04e1', 2],
    ['04E1', 2],
    ['Z-0a1b2c3d4e', 1],
    ['z-0a1b2c3d4e', 1],
    [ids[1]!.toUpperCase(), 1],
    [ids[1]!.toLowerCase(), 1],
    ['@{3}', 'NOT_FOUND'],
    ['@{-1}', 'NOT_FOUND'],
    ['@{99999999999}', 'NOT_FOUND'],
    ['', 'NOT_FOUND'],
    ['101112', 'NOT_FOUND'],
    ['LATEST', 'NOT_FOUND'],
    ['.*', 'NOT_FOUND'],
  ] as const)('%j', (text, expected) => {
    if (typeof expected === 'number') expect(resolveRecordId(text, ids)).toBe(ids[expected]);
    else expect(() => resolveRecordId(text, ids)).toThrow(expect.objectContaining({ code: expected }));
  });

  test('by any unique prefix or suffix', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(idOf, { minLength: 1, maxLength: 20 }),
        fc.nat(),
        fc.integer({ min: 1, max: 27 }),
        fc.boolean(),
        (all, choice, length, upper) => {
          const id = all[choice % all.length]!;
          for (const text of [id.slice(0, length), id.slice(-length)]) {
            const typed = upper ? text.toUpperCase() : text.toLowerCase();
            const meant = all.filter(
              one => one.startsWith(text) || one.endsWith(text) || one.slice(17).startsWith(text),
            );
            if (meant.length === 1) expect(resolveRecordId(typed, all)).toBe(id);
            else if (!meant.includes(text)) expect(() => resolveRecordId(typed, all)).toThrow('could be');
          }
        },
      ),
    );
  });

  test('or all that could be meant are named', () => {
    expect(() => resolveRecordId('7f3a', ids)).toThrow(
      `"7f3a" could be 2 records: ${ids[0]}, ${ids[2]}. Give more of the id.`,
    );
    const many = Array.from({ length: 9 }, (_, second) => `20261122T09253${second}Z-7f3a9c04e1`);
    expect(() => resolveRecordId('7f', many)).toThrow('and 4 more');
    expect(() => resolveRecordId('latest', [])).toThrow('there are 0');
  });
});

test('what there is none of is told with the command that lists it', () => {
  expect(() => resolveRecordId('x', [])).toThrow('`corroborate list` shows the records');
  expect(() => resolveRecordId('x', [], 'diff request')).toThrow('`corroborate requests` shows the diff requests');
  expect(() => resolveRecordId('latest', [], 'diff request')).toThrow('`corroborate requests` shows them');
});
