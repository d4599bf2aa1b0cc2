import { expect, test } from 'vitest';
import { assessmentPath, recordPath } from '../../src/domain/branch-layout.ts';
import type { Pair, Proposition } from '../../src/domain/generated/shapes.ts';
import { rootFiles, yamlBytes } from '../../src/flows/branch-documents.ts';
import { watchedRecords } from '../../src/flows/watched-records.ts';
import { project, recordOf } from '../domain/good-request.ts';
import { temporaryClone } from '../store/temporary-clone.ts';

const id = (digit: string) => `20261122T092530Z-${digit.repeat(10)}`;
const author = { name: 'a', email: 'a@b', at: new Date(Date.UTC(2026, 10, 22, 9)) };

function pairOf(toward: string, proposition: Proposition = 'repeated'): Pair {
  const agreed = '2026-11-22T10:00:00.000Z';
  const rest = { method: 'default', independent: true, attested: false, agreed };
  return { diff: id('d'), from: id('f'), toward, proposition, ...rest };
}

/** A branch whose agreed pairs are these. */
async function start(pairs: readonly Pair[]) {
  const clone = await temporaryClone();
  const store = clone.store();
  const counts = {
    repeated: 0,
    reproduced: 0,
    non_repeated: 0,
    non_reproduced: 0,
    independent: 0,
    attested: 0,
    people: 0,
  };
  const files = new Map([
    ...rootFiles(project),
    [assessmentPath, yamlBytes({ property: 'repeatable', counts, pairs })],
  ]);
  await store.start({ message: 'root', author, files });
  return {
    async reproduces(own: string, original: string, message = `Record ${own}: finished`) {
      const record = { ...recordOf(own), reproduces: original };
      await store.append(async () => ({ message, author, files: new Map([[recordPath(own), yamlBytes(record)]]) }));
    },
    /** @param byte of which chance is made */
    watched: async (byte = 0) =>
      watchedRecords(store, (await store.tip())!, { randomBytes: count => new Uint8Array(count).fill(byte) }),
    [Symbol.asyncDispose]: () => clone[Symbol.asyncDispose](),
  };
}

test('each targeted record of which owners agreed that it comes out again, once', async () => {
  await using branch = await start([
    pairOf(id('1')),
    pairOf(id('1')),
    pairOf(id('2'), 'reproduced'),
    pairOf(id('3'), 'non-repeated'),
    pairOf(id('4'), 'non-reproduced'),
  ]);
  expect((await branch.watched()).sort()).toEqual([id('1'), id('2')]);
  await using none = await start([]);
  expect(await none.watched()).toEqual([]);
});

test('those that nobody reproduced lately come first, in an order by chance; then the one that was longest ago', async () => {
  const all = ['1', '2', '3', '4', '5'].map(id);
  await using branch = await start(all.map(toward => pairOf(toward)));
  await branch.reproduces(id('a'), id('1'));
  await branch.reproduces(id('b'), id('2'));
  await branch.reproduces(id('c'), id('1'), 'Record 1 runs that were left as files');
  const orders = await Promise.all([0, 1, 2, 3, 5].map(byte => branch.watched(byte)));
  for (const order of orders) {
    expect(order.slice(3)).toEqual([id('2'), id('1')]);
    expect(order.slice(0, 3).sort()).toEqual([id('3'), id('4'), id('5')]);
  }
  expect(new Set(orders.map(order => order.join())).size).toBeGreaterThan(1);
});
