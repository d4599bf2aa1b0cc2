import { expect, test } from 'vitest';
import { recordPath } from '../../src/domain/branch-layout.ts';
import type { RecordAtom } from '../../src/domain/generated/shapes.ts';
import { rootFiles, yamlBytes } from '../../src/flows/branch-documents.ts';
import { latestRecord } from '../../src/flows/latest-record.ts';
import type { RecordStore } from '../../src/store/record-store.ts';
import { project, recordOf } from '../domain/good-request.ts';
import { temporaryClone } from '../store/temporary-clone.ts';

/** `minute` is when it began; the digits tell records of one minute apart. */
function recordAt(minute: number, change: Partial<RecordAtom> = {}, digits = '0123456789'): RecordAtom {
  const created = new Date(Date.UTC(2026, 10, 22, 9, minute)).toISOString();
  const id = `${created.slice(0, 19).replace(/[-:]/g, '')}Z-${digits}`;
  return { ...recordOf(id), created, updated: created, ...change };
}

async function start() {
  const clone = await temporaryClone();
  const store = clone.store();
  const author = (minute: number) => ({ name: 'a', email: 'a@b', at: new Date(Date.UTC(2026, 10, 22, 9, minute)) });
  await store.start({ message: 'root', author: author(0), files: rootFiles(project) });
  let reads = 0;
  const counted: RecordStore = {
    ...store,
    commitInfo(commit) {
      reads += 1;
      return store.commitInfo(commit);
    },
  };
  return {
    /** Commits records when the minute is so many. */
    async commits(minute: number, records: readonly RecordAtom[], message = `Record ${records[0]!.id}: finished`) {
      const files = new Map(records.map(record => [recordPath(record.id), yamlBytes(record)]));
      await store.append(async () => ({ message, author: author(minute), files }));
    },
    latest: async (except = 'none') => (await latestRecord(counted, (await store.tip())!, except))?.id ?? null,
    reads: () => reads,
    [Symbol.asyncDispose]: () => clone[Symbol.asyncDispose](),
  };
}

test('none on a branch that has none, and none but its own', async () => {
  await using place = await start();
  expect(await place.latest()).toBeNull();
  const own = recordAt(5);
  await place.commits(6, [own]);
  expect(await place.latest(own.id)).toBeNull();
  expect(await place.latest()).toBe(own.id);
});

test('the newest is the one that began last, not the one that was committed last', async () => {
  await using place = await start();
  const [long, short, own] = [recordAt(10), recordAt(40), recordAt(50)];
  await place.commits(42, [short]);
  await place.commits(45, [long]);
  await place.commits(51, [own]);
  expect(await place.latest(own.id)).toBe(short.id);
});

test('runs that failed, or go on, are passed over; so is what a later state of one made of it', async () => {
  await using place = await start();
  const good = recordAt(10);
  await place.commits(11, [good]);
  await place.commits(12, [recordAt(12, { status: 'failed' }, 'aaaaaaaaaa')]);
  const other = recordAt(13, { status: 'started' }, 'bbbbbbbbbb');
  await place.commits(13, [other], `Record ${other.id}: started`);
  expect(await place.latest()).toBe(good.id);
  await place.commits(14, [{ ...other, status: 'finished' }]);
  expect(await place.latest()).toBe(other.id);
});

test('records that came many at once, and by a merge', async () => {
  await using place = await start();
  const many = [recordAt(20, {}, '1111111111'), recordAt(22, {}, '2222222222'), recordAt(21, {}, '3333333333')];
  await place.commits(30, many, 'Record 3 runs that were left as files');
  expect(await place.latest()).toBe(many[1]!.id);
  expect(await place.latest(many[1]!.id)).toBe(many[2]!.id);
});

test('however many records there are, it looks at the last of them', async () => {
  await using place = await start();
  for (let n = 0; n < 40; n++) await place.commits(n + 1, [recordAt(n)]);
  expect(await place.latest()).toBe(recordAt(39).id);
  expect(place.reads()).toBeLessThan(6);
});
