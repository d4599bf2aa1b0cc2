import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generateRecord, generateStore } from '../../../bench/generated-store.ts';
import { recordFolder, recordPath } from '../../../src/domain/branch-layout.ts';
import type { RecordAtom } from '../../../src/domain/generated/shapes.ts';
import { parseQuery } from '../../../src/domain/query.ts';
import { compareNewestFirst, type StoredRecord } from '../../../src/domain/record-fields.ts';
import { resolveRecordId } from '../../../src/domain/record-id.ts';
import { writeYaml } from '../../../src/domain/yaml-writing.ts';
import { openIndex } from '../../../src/store/index/open-index.ts';
import type { RecordIndex } from '../../../src/store/index/record-index.ts';
import type { RecordStore, Snapshot } from '../../../src/store/record-store.ts';
import { type TemporaryClone, temporaryClone } from '../temporary-clone.ts';

const by = { name: 'Ada', email: 'ada@example.org', at: new Date('2026-11-22T09:00:00Z') };
const bytes = (text: string) => new TextEncoder().encode(text);
const file = (record: RecordAtom): [string, Uint8Array] => [recordPath(record.id), bytes(writeYaml(record))];
const all = parseQuery([]);
const count = 120;
const records = Array.from({ length: count }, (_, index) => unusual(generateRecord(index, count), index));
const damagedId = '20260101T000000Z-abcdef0123';
const everything: StoredRecord[] = records.map(record => ({ id: record.id, record }));

/** What generated records are too tame to have. */
function unusual(record: RecordAtom, index: number): RecordAtom {
  if (index % 7 === 0) record.program.reason = 'ÅNGSTRÖM\u0000 "quoted" \ufffd half';
  if (index % 11 === 0) record.program.environment = { __proto__: null, UNSET: null, '%_\\': "'" } as never;
  if (index % 13 === 0) record.status = index % 2 === 0 ? 'started' : 'paused';
  // Equal instants are in the order of their ids.
  if (index % 5 === 0) record.created = '2026-03-01T12:00:00.000Z';
  return record;
}

async function add(store: RecordStore, ...files: [string, Uint8Array][]): Promise<Snapshot> {
  return store.append(async () => ({ message: 'Add records', author: by, files: new Map(files) }));
}

async function startBranch(clone: TemporaryClone, ...files: [string, Uint8Array][]): Promise<RecordStore> {
  const store = clone.store();
  await store.start({ message: 'Start', author: by, files: new Map([['project.yml', bytes('name: x\n')], ...files]) });
  return store;
}

async function following(clone: TemporaryClone, store: RecordStore, options = {}): Promise<RecordIndex> {
  const index = await openIndex({ file: join(clone.gitDir, 'corroborate/index.sqlite'), ...options });
  await index.follow(store, (await store.tip())!);
  return index;
}

const ids = (found: readonly StoredRecord[]) => found.map(({ id }) => id);

describe('the index and the reading of the whole branch answer the same', () => {
  let clone: TemporaryClone;
  let store: RecordStore;
  let index: RecordIndex;
  let scan: RecordIndex;
  beforeAll(async () => {
    clone = await temporaryClone();
    store = await startBranch(clone, ...records.map(file), [recordPath(damagedId), bytes('id: [unclosed\n')]);
    index = await following(clone, store);
    scan = await following(clone, store, { sqlite: async () => null });
    everything.push({ id: damagedId, faults: [] });
  });
  afterAll(async () => {
    index.close();
    scan.close();
    await clone[Symbol.asyncDispose]();
  });

  test('for every record, newest first, and the damaged one with its faults', async () => {
    expect(index.note).toBe(null);
    expect(scan.note).toContain('no node:sqlite');
    const found = await index.search(all);
    expect(ids(found)).toEqual(ids([...everything].sort(compareNewestFirst)));
    expect(found).toEqual(await scan.search(all));
    expect(await index.ids()).toEqual(ids(found));
    expect(await scan.ids()).toEqual(ids(found));
    for (const stored of found) {
      if ('record' in stored) expect(stored.record).toEqual(records.find(({ id }) => id === stored.id));
      else expect(stored.faults[0]).toMatchObject({ path: recordPath(damagedId), line: expect.any(Number) });
    }
  });

  const word = fc.oneof(
    fc.constantFrom(
      ...'ada grace a numpy node0 figure ångström Data param "sweep_0/" 2025 \ud800 "\u0000" %_ zzz'.split(' '),
      ...'status:finished status:failed status:started status:damaged owner:ada owner:1815 owner:annie'.split(' '),
      ...'input:sweep input:_7 output:csv tag:figure tag:review branch:main env:OMP_NUM_THREADS=4 env:un'.split(' '),
      ...'dependency:numpy<2 dependency:numpy>=2 dependency:pyyaml dependency:scipy<=2.4,>1 manager:pip'.split(' '),
      ...'since:2025-06 until:2026-03-01 since:2026-03-01T12:00 until:2025 dirty:true host:node01'.split(' '),
      ...'duration:>100 exit-code:1 cores:<=8 peak-memory:>1GiB cpu-time:<1 sha256:a commit:0 source:zz'.split(' '),
      ...'reason:seed "reason:half" id:7 command:main.py project:sumatra timezone:paris executable:python'.split(' '),
    ),
    fc.constantFrom(...records.slice(0, 20)).map(({ id }) => id.slice(17, 21)),
  );

  test('for any query and limit', async () => {
    const query = fc.array(fc.tuple(fc.constantFrom('', '', '-'), word), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(query, fc.option(fc.integer({ min: 0, max: 30 })), async (words, limit) => {
        const asked = parseQuery(words.map(([minus, text]) => minus + text));
        const options = limit === null ? {} : { limit };
        expect(await index.search(asked, options)).toEqual(await scan.search(asked, options));
      }),
      { numRuns: 150 },
    );
  });

  test('each word of the list finds some and not all', async () => {
    for (const words of [
      'status:failed',
      'owner:ada',
      'dependency:numpy<2',
      'ångström',
      '-status:finished',
      'input:_7',
    ]) {
      const found = await index.search(parseQuery([words]));
      expect(found.length, words).toBeGreaterThan(0);
      expect(found.length, words).toBeLessThan(count);
    }
  });

  test('for records that are to be seen otherwise', async () => {
    const [started] = await index.withStatus('started', 1);
    const record = { ...(started as { record: RecordAtom }).record, status: 'unknown' as const };
    const instead = new Map<string, StoredRecord>([[record.id, { id: record.id, record }]]);
    for (const words of ['status:unknown', 'status:started', '', 'owner:a']) {
      for (const limit of [1, 3, 1000]) {
        const asked = parseQuery([words]);
        const found = await index.search(asked, { limit, instead });
        expect(found).toEqual(await scan.search(asked, { limit, instead }));
        const seen = found.find(({ id }) => id === record.id);
        if (limit === 1000) expect(seen === undefined).toBe(words === 'status:started');
        if (seen) expect(seen).toEqual({ id: record.id, record });
      }
    }
  });

  test('for the newest of a status', async () => {
    for (const status of ['finished', 'started', 'paused', 'damaged', 'failed'] as const) {
      const found = await index.withStatus(status);
      expect(found.length).toBeGreaterThan(0);
      expect(found).toEqual(await scan.withStatus(status));
      expect(await index.withStatus(status, 1)).toEqual(found.slice(0, 1));
      expect(await scan.withStatus(status, 1)).toEqual(found.slice(0, 1));
    }
  });

  test('for abbreviated ids', async () => {
    const known = await scan.ids();
    const meant = (text: string, among: readonly string[]) => {
      try {
        return resolveRecordId(text, among);
      } catch (cause) {
        return (cause as Error).message;
      }
    };
    const part = fc
      .tuple(fc.constantFrom(...known), fc.nat(27), fc.nat(27), fc.boolean())
      .map(([id, from, to, upper]) => (upper ? id.slice(from, to).toUpperCase() : id.slice(from, to)));
    const text = fc.oneof(part, fc.constantFrom('', 'latest', '@{0}', '@{3}', '@{999}', '@{x}', 'zzz', "'", '\0'));
    await fc.assert(
      fc.asyncProperty(text, async asked => {
        for (const answers of [index, scan]) {
          expect(meant(asked, await answers.findIds(asked))).toBe(meant(asked, known));
        }
      }),
    );
    expect((await index.findIds(known[5]!)).length).toBe(1);
    expect((await index.findIds('latest')).length).toBe(1);
  });

  test('for one record', async () => {
    for (const id of [records[3]!.id, damagedId, '20260101T000000Z-0000000000', '../x']) {
      expect(await index.read(id)).toEqual(await scan.read(id));
    }
    expect(await index.read(records[3]!.id)).toEqual({ id: records[3]!.id, record: records[3] });
  });
});

describe('following the branch', () => {
  /** How many contents the store was asked for: what an index reads when it is built, and not when it follows. */
  function counting(store: RecordStore): RecordStore & { asked: number } {
    const counted = Object.assign(Object.create(store) as RecordStore, {
      asked: 0,
      contents(blobs: readonly string[]) {
        counted.asked += blobs.length;
        return store.contents(blobs);
      },
    });
    return counted;
  }

  async function agrees(index: RecordIndex, store: RecordStore): Promise<void> {
    const scan = await openIndex({ file: '', sqlite: async () => null });
    await scan.follow(store, (await store.tip())!);
    expect(index.note).toBe(null);
    for (const words of ['', 'status:finished', 'status:failed', '-status:finished', 'numpy', 'tag:changed']) {
      expect(await index.search(parseQuery([words]))).toEqual(await scan.search(parseQuery([words])));
    }
  }

  test('it reads only what is new, be it added, written anew or damaged', async () => {
    await using clone = await temporaryClone();
    const store = counting(await startBranch(clone, ...records.slice(0, 30).map(file)));
    const index = await following(clone, store);
    expect(store.asked).toBe(30);

    await add(
      store,
      file(records[40]!),
      ['README.md', bytes('# x\n')],
      [`${recordFolder(records[40]!.id)}/log.txt`, bytes('x')],
    );
    const [first, second] = records as [RecordAtom, RecordAtom];
    await add(store, file({ ...first, status: 'failed', program: { ...first.program, tags: ['changed'] } }));
    await add(store, [recordPath(second.id), bytes('{')]);
    store.asked = 0;
    await index.follow(store, (await store.tip())!);
    expect(store.asked).toBe(3);
    await agrees(index, store);
    expect(ids(await index.search(parseQuery(['tag:changed'])))).toEqual([first.id]);
    expect(ids(await index.withStatus('damaged'))).toEqual([second.id]);

    await add(store, file(second));
    await index.follow(store, (await store.tip())!);
    expect(await index.withStatus('damaged')).toEqual([]);
    await agrees(index, store);

    index.close();
    store.asked = 0;
    const again = await following(clone, store);
    expect(store.asked).toBe(0);
    await agrees(again, store);
    again.close();
  });

  test('a branch that was rewritten, set back or is another is read anew', async () => {
    await using clone = await temporaryClone();
    const store = await startBranch(clone, file(records[0]!));
    const before = (await store.tip())!.commit;
    await add(store, file(records[1]!));
    const index = await following(clone, store);

    clone.git('update-ref', 'refs/heads/records', before);
    await index.follow(store, (await store.tip())!);
    expect(ids(await index.search(all))).toEqual([records[0]!.id]);

    await add(store, file(records[2]!));
    await index.follow(store, (await store.tip())!);
    clone.git('update-ref', 'refs/heads/records', before);
    clone.git('reflog', 'expire', '--expire=now', '--all');
    clone.git('gc', '-q', '--prune=now');
    await add(store, file(records[3]!));
    await index.follow(store, (await store.tip())!);
    expect(ids(await index.search(all)).sort()).toEqual([records[0]!.id, records[3]!.id].sort());

    clone.git('branch', 'elsewhere', before);
    const other = clone.store({ branch: 'elsewhere' });
    await index.follow(other, (await other.tip())!);
    expect(ids(await index.search(all))).toEqual([records[0]!.id]);
    index.close();
  });

  test('an index that another process brought further stays there', async () => {
    await using clone = await temporaryClone();
    const store = counting(await startBranch(clone, file(records[0]!)));
    const old = (await store.tip())!;
    const slow = await following(clone, store);
    await add(store, file(records[1]!));
    const quick = await following(clone, store);
    store.asked = 0;
    await slow.follow(store, old);
    expect(store.asked).toBe(0);
    expect((await slow.search(all)).length).toBe(2);
    slow.close();
    quick.close();
  });

  test('a record that git has lost is damaged until git has it again', async () => {
    await using clone = await temporaryClone();
    await startBranch(clone, ...records.slice(0, 3).map(file));
    const blob = clone.git('rev-parse', `records:${recordPath(records[1]!.id)}`);
    const place = join(clone.gitDir, 'objects', blob.slice(0, 2), blob.slice(2));
    const kept = readFileSync(place);
    rmSync(place);
    const index = await following(clone, clone.store());
    expect(ids(await index.withStatus('damaged'))).toEqual([records[1]!.id]);
    expect((await index.search(all)).length).toBe(3);
    index.close();
    writeFileSync(place, kept);
    const healed = await following(clone, clone.store());
    expect(await healed.withStatus('damaged')).toEqual([]);
    healed.close();
  });
});

describe('whatever becomes of the file, the answers are the same', () => {
  const expected = ids(
    records
      .slice(0, 40)
      .map(record => ({ id: record.id, record }))
      .sort(compareNewestFirst),
  );

  async function prepared(clone: TemporaryClone): Promise<{ store: RecordStore; file: string }> {
    const store = await startBranch(clone, ...records.slice(0, 40).map(file));
    (await following(clone, store)).close();
    return { store, file: join(clone.gitDir, 'corroborate/index.sqlite') };
  }

  test.each([
    [
      'rubbish',
      (file: string) => writeFileSync(file, 'this is no database, and long enough to be seen as none'.repeat(99)),
    ],
    ['empty', (file: string) => truncateSync(file, 0)],
    ['cut', (file: string) => truncateSync(file, statSync(file).size / 2)],
    [
      'overwritten behind its first page',
      (file: string) => {
        const content = readFileSync(file);
        writeFileSync(file, content.fill(0xa5, 16384));
      },
    ],
    [
      'damaged within what a page holds',
      (file: string) => {
        const database = new DatabaseSync(file);
        database.exec(
          "UPDATE document SET json = replace(json, ':', 'q') WHERE seq = 2; DELETE FROM document WHERE seq = 3",
        );
        database.close();
      },
    ],
    [
      'of another schema',
      (file: string) => {
        const database = new DatabaseSync(file);
        database.exec("UPDATE state SET schema = 'older'; DROP TABLE posting; CREATE TABLE other (x)");
        database.close();
      },
    ],
    [
      'half built by somebody without transactions',
      (file: string) => {
        const database = new DatabaseSync(file);
        database.exec('DELETE FROM state; DELETE FROM record WHERE seq > 3');
        database.close();
      },
    ],
  ])('%s', async (_, spoil) => {
    await using clone = await temporaryClone();
    const { store, file } = await prepared(clone);
    spoil(file);
    const index = await following(clone, store);
    expect(ids(await index.search(all))).toEqual(expected);
    expect(index.note).toBe(null);
    index.close();
    const again = await following(clone, store);
    expect(ids(await again.search(all))).toEqual(expected);
    again.close();
  });

  test('where no file can be, the branch is read, and a note says why', async () => {
    await using clone = await temporaryClone();
    const store = await startBranch(clone, ...records.slice(0, 40).map(file));
    writeFileSync(join(clone.gitDir, 'corroborate.txt'), '');
    mkdirSync(join(clone.gitDir, 'a-folder'));
    for (const place of ['corroborate.txt/index.sqlite', 'a-folder']) {
      const index = await openIndex({ file: join(clone.gitDir, place) });
      await index.follow(store, (await store.tip())!);
      expect(ids(await index.search(all))).toEqual(expected);
      expect(index.note).toContain(place);
      index.close();
    }
  });

  test('while another process holds it for longer than is waited, the branch is read', async () => {
    await using clone = await temporaryClone();
    const { store, file } = await prepared(clone);
    const index = await following(clone, store, { tries: 2 });
    const holder = new DatabaseSync(file);
    holder.exec('BEGIN EXCLUSIVE');
    expect(ids(await index.search(all))).toEqual(expected);
    expect(index.note).toContain('locked');
    const other = await following(clone, store, { tries: 2 });
    expect(ids(await other.search(all))).toEqual(expected);
    expect(other.note).toContain('locked');
    holder.exec('ROLLBACK');
    holder.close();
    await index.follow(store, (await store.tip())!);
    expect(index.note).toBe(null);
    expect(ids(await index.search(all))).toEqual(expected);
    index.close();
    other.close();
  });

  test('a branch that cannot be read is no fault of the index', async () => {
    await using clone = await temporaryClone();
    const { store } = await prepared(clone);
    const broken = Object.assign(Object.create(store) as RecordStore, {
      differences: () => Promise.reject(new Error('the disk is gone')),
    });
    const index = await openIndex({ file: join(clone.gitDir, 'other.sqlite') });
    await expect(index.follow(broken, (await store.tip())!)).rejects.toThrow('the disk is gone');
    await index.follow(store, (await store.tip())!);
    expect(ids(await index.search(all))).toEqual(expected);
    index.close();
  });
});

describe('processes', () => {
  let clone: TemporaryClone;
  let gitDir: string;
  const many = 1500;
  beforeAll(async () => {
    clone = await temporaryClone();
    gitDir = join(clone.folder, 'many.git');
    await generateStore(gitDir, many);
  });
  afterAll(() => clone[Symbol.asyncDispose]());

  function follow(file: string): { child: ChildProcess; said: Promise<{ note: string | null; ids: string[] }> } {
    const script = join(import.meta.dirname, 'follow-once.ts');
    const child = spawn(process.execPath, [script, file, gitDir], { env: clone.environment, stdio: 'pipe' });
    let out = '';
    let err = '';
    child.stdout.on('data', chunk => {
      out += chunk;
    });
    child.stderr.on('data', chunk => {
      err += chunk;
    });
    const said = once(child, 'close').then(() => {
      if (out === '') throw new Error(err);
      return JSON.parse(out);
    });
    said.catch(() => {});
    return { child, said };
  }

  test('several that build it at once all get the answer, and only one builds', async () => {
    const file = join(clone.folder, 'together.sqlite');
    const answers = await Promise.all(Array.from({ length: 4 }, () => follow(file).said));
    for (const { note, ids } of answers) {
      expect(note).toBe(null);
      expect(ids.length).toBe(many);
    }
    const database = new DatabaseSync(file);
    expect(database.prepare('SELECT max(seq) AS last FROM record').get()).toEqual({ last: many });
    expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    database.close();
  });

  test('one that is killed while it builds leaves nothing that is believed', async () => {
    const file = join(clone.folder, 'killed.sqlite');
    for (const after of [1, 2]) {
      const { child } = follow(file);
      let batches = 0;
      child.stderr!.on('data', chunk => {
        batches += String(chunk).split('read').length - 1;
        if (batches >= after) child.kill('SIGKILL');
      });
      const [, signal] = await once(child, 'close');
      expect(signal).toBe('SIGKILL');
      expect(existsSync(file)).toBe(true);
    }
    const { note, ids } = await follow(file).said;
    expect(note).toBe(null);
    expect(ids.length).toBe(many);
  });
});
