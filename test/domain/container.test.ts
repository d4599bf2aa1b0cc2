import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { containerId, containerOfSource, historyLoss, mergeHistories } from '../../src/domain/container.ts';
import type { Container } from '../../src/domain/generated/shapes.ts';
import { container } from './good-request.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const entry = (digit: number, change: Partial<Container> = {}): Container => ({
  ...container,
  id: `c-${String(digit).padStart(10, '0')}`,
  ...change,
});
const history = fc
  .uniqueArray(fc.integer({ min: 0, max: 9 }), { maxLength: 8 })
  .map(digits => digits.map(digit => entry(digit)));

test('an id is the sha256 of what the container is', () => {
  const made = { system: 'none', source: 'a'.repeat(40), image: null };
  expect(containerId(made, sha256)).toBe(`c-${sha256(`["none","${'a'.repeat(40)}",null]`).slice(0, 10)}`);
  const others = [
    { ...made, system: 'docker' },
    { ...made, source: 'b'.repeat(40) },
    { ...made, image: 'null' },
  ];
  expect(new Set([made, ...others].map(one => containerId(one, sha256))).size).toBe(4);
});

test('a run takes the last container of its source', () => {
  const one = entry(1);
  const two = entry(2);
  const other = entry(3, { version: { ...container.version, source: 'b'.repeat(40) } });
  expect(containerOfSource([one, two, other], one.version.source, one.image)).toBe(two);
  expect(containerOfSource([other], one.version.source, one.image)).toBeNull();
});

test('merging histories loses nothing of either, and repeats nothing', () => {
  fc.assert(
    fc.property(history, history, (ours, theirs) => {
      const merged = mergeHistories(ours, theirs);
      expect(historyLoss(ours, merged)).toBeNull();
      expect(new Set(merged.map(({ id }) => id))).toEqual(new Set([...ours, ...theirs].map(({ id }) => id)));
      expect(new Set(merged.map(({ id }) => id)).size).toBe(merged.length);
      expect(mergeHistories(merged, theirs)).toEqual(merged);
    }),
  );
});

test('what a history lost is said', () => {
  const [one, two, three] = [entry(1), entry(2), entry(3)];
  expect(historyLoss([one, two], [one, three, two])).toBeNull();
  expect(historyLoss([one, two], [one])).toBe(`the container ${two.id} was removed from the history`);
  expect(historyLoss([one, two], [two, one])).toBe(`the container ${two.id} was moved in the history`);
  expect(historyLoss([one], [{ ...one, created: '2027-01-01T00:00:00.000Z' }])).toBe(
    `the container ${one.id} was changed`,
  );
  expect(historyLoss([], [one])).toBeNull();
});
