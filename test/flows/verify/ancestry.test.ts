import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ancestry } from '../../../src/flows/verify/ancestry.ts';

/** Commits by number, each with parents among the earlier ones. */
const graphs = fc.array(fc.tuple(fc.nat(), fc.option(fc.nat())), { minLength: 1, maxLength: 40 }).map(list =>
  list.map(([first, second], index) => {
    if (index === 0) return [];
    const parents = [first % index, ...(second === null ? [] : [second % index])];
    return [...new Set(parents)].map(String);
  }),
);

function ancestorsOf(graph: readonly (readonly string[])[], commit: string): Set<string> {
  const found = new Set<string>();
  const open = [commit];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...graph[Number(next)]!);
  }
  return found;
}

describe('where the lines of a merge parted', () => {
  test('a request on top of the root parted there, however long the branch has grown', () => {
    const lines = ancestry();
    lines.add('root', []);
    lines.add('one', ['root']);
    lines.add('request', ['root']);
    lines.add('two', ['one']);
    expect(lines.forkPoint('two', 'request')).toBe('root');
    lines.add('merge', ['two', 'request']);
    // What was merged is known to be, although no line of first parents leads there.
    lines.add('more', ['request']);
    expect(lines.forkPoint('merge', 'more')).toBe('request');
  });

  test('it cannot be told where the walk began later', () => {
    const lines = ancestry();
    lines.add('one', ['root']);
    lines.add('request', ['root']);
    expect(lines.forkPoint('one', 'request')).toBeNull();
  });

  test('it always leads to both, and stands on the other’s line of first parents', () => {
    fc.assert(
      fc.property(graphs, graph => {
        const lines = ancestry();
        for (const [commit, parents] of graph.entries()) {
          lines.add(String(commit), parents);
          const [first, second] = parents;
          if (first === undefined || second === undefined) continue;
          const fork = lines.forkPoint(first, second);
          // Every graph here has one root, to which all lines lead.
          expect(fork).not.toBeNull();
          expect(ancestorsOf(graph, first)).toContain(fork);
          let at = second;
          while (at !== fork && graph[Number(at)]!.length > 0) at = graph[Number(at)]![0]!;
          expect(at).toBe(fork);
        }
      }),
    );
  });
});
