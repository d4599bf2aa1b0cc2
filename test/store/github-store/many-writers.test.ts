import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { change, rootChange } from '../record-store.contract.ts';
import { temporaryRepository } from './temporary-repository.ts';

const writers = 64;

test('64 jobs that finish at the same moment all get their records in, with at most 400 calls', async () => {
  await using place = await temporaryRepository();
  const { github, repository } = place;
  await place.store().start(rootChange);
  github.calls.clear();
  const token = github.workflowToken(repository);
  const clock = { now: () => new Date(), random: Math.random, sleep: (milliseconds: number) => sleep(milliseconds) };
  // Each with a cache of its own, as jobs on many machines have.
  const stores = Array.from({ length: writers }, () => place.store({ token, clock, patience: 3_600_000 }));
  await Promise.all(
    stores.map((store, n) => {
      const shards = `${(n * 37) % 256}/${(n * 91) % 256}`;
      return store.append(async () => change(`record ${n}`, { [`records/${shards}/${n}/record.yml`]: `id: ${n}\n` }));
    }),
  );
  expect(github.calls.count().calls).toBeLessThanOrEqual(400);
  const store = place.store();
  const tip = (await store.tip())!;
  expect(await tip.files('records')).toHaveLength(writers);
  let commits = 0;
  for await (const { parents } of store.history(tip.commit)) commits += parents.length;
  expect(commits).toBe(writers);
  expect(github.crashes).toEqual([]);
}, 300_000);
