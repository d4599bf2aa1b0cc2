import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Interleavings, prepareInterleavings } from '../../support/interleaving.ts';

/** `CORROBORATE_INTERLEAVINGS=200` or `=200@1000`, which begins at another seed; `npm run stories:interleavings`. */
const [count = '10', first = '1'] = (process.env.CORROBORATE_INTERLEAVINGS ?? '10').split('@');
const together = 5;
const batches = Array.from({ length: Math.ceil(Number(count) / together) }, (_, batch) =>
  Array.from({ length: together }, (_, index) => Number(first) + batch * together + index),
);

let interleavings: Interleavings;
beforeAll(async () => {
  interleavings = await prepareInterleavings();
}, 300_000);
afterAll(() => interleavings[Symbol.asyncDispose]());

test.each(batches.map(seeds => [seeds.join(', '), seeds] as const))(
  'whatever people and GitHub do, all ends well (seeds %s)',
  async (_, seeds) => {
    expect(await interleavings.run(seeds)).toEqual({});
  },
  600_000,
);
