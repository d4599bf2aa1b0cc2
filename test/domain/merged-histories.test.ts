import { describe, expect, test } from 'vitest';
import { historyLoss, mergeHistories } from '../../src/domain/container.ts';
import type { Container } from '../../src/domain/generated/shapes.ts';

function container(name: string, day: number): Container {
  const created = `2026-11-${String(day).padStart(2, '0')}T09:20:00.000Z` as Container['created'];
  return {
    id: `c-${name.repeat(10)}`,
    created,
    system: 'none',
    version: { system: 'git', commit: '1'.repeat(40), tag: null, source: name.repeat(40) },
    image: null,
    origin: null,
  };
}
const [a, b, c] = [container('a', 1), container('b', 2), container('c', 3)] as const;
const olderB = container('b', 1);

describe('histories', () => {
  test('merge by id, ours first; of two entries of one id the older one stays', () => {
    expect(mergeHistories([a, b], [c, b])).toEqual([a, b, c]);
    expect(mergeHistories([a, b], [olderB])).toEqual([a, olderB]);
    expect(mergeHistories([olderB], [b, a])).toEqual([olderB, a]);
  });

  test('lose nothing by growing', () => {
    expect(historyLoss([a, b], [a, b, c])).toBeNull();
    expect(historyLoss([a, b], [a, c, b])).toBeNull();
    expect(historyLoss([a, b], [b])).toContain(`${a.id} was removed`);
    expect(historyLoss([a, b], [b, a])).toContain('was moved');
    expect(historyLoss([a, b], [a, olderB])).toContain(`${b.id} was changed`);
  });

  test('lose nothing by a merge: its result holds against both, and nothing else does', () => {
    const merged = mergeHistories([a, b], [c, olderB]);
    expect(historyLoss([a, b], merged, [[c, olderB]])).toBeNull();
    expect(historyLoss([c, olderB], merged, [[a, b]], false)).toBeNull();
    // Only an older entry that the other side really has may stand in.
    expect(historyLoss([a, b], [a, olderB], [[c]])).toContain('was changed');
    expect(historyLoss([olderB], [b], [[b]])).toContain('was changed');
    expect(historyLoss([a, b], [b], [[a]], false)).toContain('was removed');
  });
});
