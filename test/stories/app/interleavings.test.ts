import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Interleavings, prepareInterleavings } from '../../support/interleaving.ts';

/** `CORROBORATE_INTERLEAVINGS=200` or `=200@1000`, which begins at another seed; `npm run stories:interleavings`. */
const [count = '6', first = '1'] = (process.env.CORROBORATE_INTERLEAVINGS ?? '6').split('@');
const seeds = Array.from({ length: Number(count) }, (_, index) => Number(first) + index);

let interleavings: Interleavings;
beforeAll(async () => {
  interleavings = await prepareInterleavings();
}, 120_000);
afterAll(() => interleavings[Symbol.asyncDispose]());

test.each(seeds)('whatever people and GitHub do, all ends well (seed %i)', async seed => {
  expect(await interleavings.run(seed)).toEqual([]);
});
