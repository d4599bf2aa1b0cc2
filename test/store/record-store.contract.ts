import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ProblemCode } from '../../src/domain/problem.ts';
import type { Change, Content, RecordStore } from '../../src/store/record-store.ts';
import { propose } from './propose.ts';

/** A place for records that is empty at first, and what a test must be able to do behind the store's back. */
export interface StoreUnderTest {
  readonly store: RecordStore;
  /** A second store on the same place. */
  another(): RecordStore;
  /** The id of a commit without parents that did not come from this store, as a pull may bring one. */
  foreignRoot(change: Change): Promise<string>;
  dispose(): Promise<void>;
}

const author = { name: 'Ada Lovelace', email: 'ada@example.org', at: new Date('2026-11-22T09:25:30Z') };

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function change(message: string, files: Readonly<Record<string, string | Content>>, more = {}): Change {
  const contents = Object.entries(files).map(
    ([path, content]) => [path, typeof content === 'string' ? bytes(content) : content] as const,
  );
  return { message, author, files: new Map(contents), ...more };
}

export const rootChange = change('Begin the records\n', {
  'project.yml': 'name: demo\n',
  'history.yml': '[]\n',
  'assessment.yml': 'property: none\n',
  'README.md': '# demo\n',
});

export function problem(code: ProblemCode) {
  return expect.objectContaining({ name: 'Problem', code });
}

function text(content: Uint8Array | null): string | null {
  return content === null ? null : new TextDecoder().decode(content);
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/**
 * What any RecordStore must do, wherever it keeps the branch.
 * @param keepsAuthors false where the place names the authors itself, as GitHub does
 */
export function recordStoreContract(
  name: string,
  open: () => Promise<StoreUnderTest>,
  { keepsAuthors = true }: { readonly keepsAuthors?: boolean } = {},
): void {
  describe(`${name} as a record store`, () => {
    let place: StoreUnderTest;
    let store: RecordStore;
    beforeEach(async () => {
      place = await open();
      store = place.store;
    });
    afterEach(() => place.dispose());

    test('has no tip before it is started, and one root after', async () => {
      expect(await store.tip()).toBeNull();
      await expect(store.append(async () => rootChange)).rejects.toEqual(problem('NO_BRANCH'));
      const root = await store.start(rootChange);
      expect((await store.tip())?.commit).toBe(root.commit);
      expect(await store.commitInfo(root.commit)).toEqual({
        commit: root.commit,
        parents: [],
        author: keepsAuthors ? author : { name: expect.any(String), email: expect.any(String), at: expect.any(Date) },
        message: 'Begin the records\n',
      });
      expect(await store.root(root.commit)).toBe(root.commit);
      await expect(store.start(rootChange)).rejects.toEqual(problem('BRANCH_MOVED'));
    });

    test('adds files, replaces files, keeps all others', async () => {
      await store.start(rootChange);
      await store.append(async () => change('one', { 'records/7f/3a/one/record.yml': 'status: started\n' }));
      const tip = await store.append(async () =>
        change('two', {
          'records/7f/3a/one/record.yml': 'status: finished\n',
          'records/7f/3a/one/outputs/a b\n"ü".txt': '1',
          'records/7f/3a/one/outputs/empty': '',
        }),
      );
      expect((await tip.files('')).map(({ path, size, mode }) => [path, size, mode])).toEqual([
        ['README.md', 7, '100644'],
        ['assessment.yml', 15, '100644'],
        ['history.yml', 3, '100644'],
        ['project.yml', 11, '100644'],
        ['records/7f/3a/one/outputs/a b\n"ü".txt', 1, '100644'],
        ['records/7f/3a/one/outputs/empty', 0, '100644'],
        ['records/7f/3a/one/record.yml', 17, '100644'],
      ]);
      const asked = ['records/7f/3a/one/outputs/a b\n"ü".txt', 'absent', 'records', 'README.md/x', 'project.yml'];
      expect((await tip.readAll(asked)).map(text)).toEqual(['1', null, null, null, 'name: demo\n']);
      expect(await tip.files('absent')).toEqual([]);
      expect((await tip.files('records/7f/3a/one/outputs')).map(({ path }) => path)).toHaveLength(2);
    });

    test('shows a folder in git’s order, folders as trees', async () => {
      await store.start(rootChange);
      const tip = await store.append(async () => change('order', { 'd/a/x': '1', 'd/a.b': '2', 'd/a0': '3' }));
      expect((await tip.folder('d')).map(({ path, mode }) => [path, mode])).toEqual([
        ['d/a.b', '100644'],
        ['d/a', '040000'],
        ['d/a0', '100644'],
      ]);
      expect(await tip.folder('d/a.b')).toEqual([]);
      expect(await tip.folder('nowhere')).toEqual([]);
    });

    test('a snapshot does not change when the branch does', async () => {
      const root = await store.start(rootChange);
      await store.append(async () => change('more', { 'README.md': 'other' }));
      expect(text(await root.read('README.md'))).toBe('# demo\n');
      expect(text(await (await store.snapshot(root.commit)).read('README.md'))).toBe('# demo\n');
    });

    test('leaves all as it is when there is nothing to add', async () => {
      const root = await store.start(rootChange);
      expect((await store.append(async () => null)).commit).toBe(root.commit);
      expect((await store.tip())?.commit).toBe(root.commit);
    });

    test('a failure of the one who asks leaves the branch free for the next', async () => {
      await store.start(rootChange);
      const oops = new Error('oops');
      await expect(store.append(() => Promise.reject(oops))).rejects.toBe(oops);
      await store.append(async () => change('fine', { a: '1' }));
    });

    test('asks again on the new tip when another writer was quicker', async () => {
      await store.start(rootChange);
      const other = place.another();
      const seen: (string | null)[] = [];
      await store.append(async tip => {
        seen.push(text(await tip.read('count')));
        if (seen.length === 1) await other.append(async () => change('theirs', { count: 'theirs' }));
        return change('ours', { ours: `after ${seen.at(-1)}` });
      });
      await other.close();
      expect(seen).toEqual([null, 'theirs']);
      expect(text(await (await store.tip())!.read('ours'))).toBe('after theirs');
      expect(text(await (await store.tip())!.read('count'))).toBe('theirs');
    });

    test('keeps what many writers add at once', async () => {
      await store.start(rootChange);
      const writers = Array.from({ length: 4 }, () => place.another());
      await Promise.all(
        writers.map(async (writer, w) => {
          for (let n = 0; n < 4; n++) await writer.append(async () => change(`${w} ${n}`, { [`w/${w}/${n}`]: `${n}` }));
          await writer.close();
        }),
      );
      const tip = (await store.tip())!;
      expect(await tip.files('w')).toHaveLength(16);
      expect(await all(store.history(tip.commit))).toHaveLength(17);
    });

    test('takes blobs that were prepared, and gives them back by id', async () => {
      await store.start(rootChange);
      const contents = [bytes('one'), bytes(''), new Uint8Array([0, 255, 10, 13, 0])];
      const ids = await store.prepare(contents);
      expect((await store.contents([...ids].reverse())).map(found => Uint8Array.from(found))).toEqual(
        [...contents].reverse(),
      );
      const tip = await store.append(async () => change('prepared', { x: { blob: ids[2]! }, y: { blob: ids[0]! } }));
      expect(Uint8Array.from((await tip.read('x'))!)).toEqual(contents[2]);
      expect(text(await tip.read('y'))).toBe('one');
    });

    test.each(['../x', '/x', 'a//b', 'a/./b', '.git/config', 'x/.GIT/y', '', 'a\0b', 'C:/x'])(
      'refuses to store %j',
      async path => {
        const root = await store.start(rootChange);
        await expect(store.append(async () => change('bad', { [path]: 'x' }))).rejects.toEqual(problem('INVALID'));
        expect((await store.tip())?.commit).toBe(root.commit);
      },
    );

    test('never removes: no file takes the place of a folder, nor a folder that of a file', async () => {
      await store.start(rootChange);
      await store.append(async () => change('a folder', { 'a/b': '1' }));
      await expect(store.append(async () => change('bad', { a: 'x' }))).rejects.toEqual(problem('INVALID'));
      await expect(store.append(async () => change('bad', { 'a/b/c': 'x' }))).rejects.toEqual(problem('INVALID'));
      await expect(store.append(async () => change('bad', { 'n/b': 'x', n: 'y' }))).rejects.toEqual(problem('INVALID'));
    });

    test('writes a merge with both parents, and tells what it changed against the first', async () => {
      const root = await store.start(rootChange);
      const request = await propose(store, 'diffs/x', root.commit, change('request', { 'diffs/x.yml': 'proposed' }));
      const before = await store.append(async () => change('meanwhile', { m: '1' }));
      expect(await store.isAncestor(request.commit, before.commit)).toBe(false);
      expect(await store.mergeBase(request.commit, before.commit)).toBe(root.commit);
      const merge = await store.append(async () =>
        change('agreed', { 'diffs/x.yml': 'agreed' }, { merges: request.commit }),
      );
      expect(await store.isAncestor(request.commit, merge.commit)).toBe(true);
      expect((await store.commitInfo(merge.commit)).parents).toEqual([before.commit, request.commit]);
      const history = await all(store.history(merge.commit));
      expect(history.map(({ message }) => message.trim()).sort()).toEqual([
        'Begin the records',
        'agreed',
        'meanwhile',
        'request',
      ]);
      const order = history.map(({ commit }) => commit);
      expect(order[0]).toBe(root.commit);
      expect(order.at(-1)).toBe(merge.commit);
      expect(history.at(-1)!.changes.map(({ path, before }) => [path, before])).toEqual([['diffs/x.yml', null]]);
      expect((await store.differences(request.commit, merge.commit)).map(({ path }) => path)).toEqual([
        'diffs/x.yml',
        'm',
      ]);
      expect(history[0]!.changes).toHaveLength(4);
      expect(history[0]!.changes.every(difference => difference.before === null)).toBe(true);
      const latest = await all(store.history(merge.commit, [before.commit]));
      expect(latest.map(({ commit }) => commit)).toEqual([request.commit, merge.commit]);
    });

    test('history has a commit that changes nothing, too', async () => {
      await store.start(rootChange);
      const tip = await store.append(async () => change('nothing new', {}));
      const history = await all(store.history(tip.commit));
      expect(history.map(({ message, changes }) => [message, changes.length])).toEqual([
        ['Begin the records\n', 4],
        ['nothing new\n', 0],
      ]);
    });

    test('tells how two commits differ', async () => {
      const root = await store.start(rootChange);
      const tip = await store.append(async () => change('x', { 'README.md': 'new', 'é\n': '1' }));
      const differences = await store.differences(root.commit, tip.commit);
      expect(differences.map(({ path, before, after }) => [path, before?.mode, after?.mode])).toEqual([
        ['README.md', '100644', '100644'],
        ['é\n', undefined, '100644'],
      ]);
      expect(text((await store.contents([differences[0]!.before!.id]))[0]!)).toBe('# demo\n');
      expect((await store.differences(null, tip.commit)).map(({ path }) => path)).toHaveLength(5);
      expect(await store.differences(tip.commit, root.commit)).toHaveLength(2);
    });

    test('makes, moves, lists and removes branches, each only from where it is expected', async () => {
      const root = await store.start(rootChange);
      const one = await propose(store, 'diffs/one', root.commit, change('one', { one: '1' }));
      await expect(propose(store, 'diffs/one', root.commit, change('again', { one: '2' }))).rejects.toEqual(
        problem('BRANCH_MOVED'),
      );
      await store.move('diffs/two', null, root.commit);
      await expect(store.move('diffs/two', null, one.commit)).rejects.toEqual(problem('BRANCH_MOVED'));
      await store.move('diffs/two', root.commit, one.commit);
      await expect(store.move('diffs/two', one.commit, root.commit)).rejects.toEqual(problem('REFUSED'));
      await expect(store.move('diffs/two', root.commit, one.commit)).rejects.toEqual(problem('BRANCH_MOVED'));
      const listed = [
        { name: 'diffs/one', commit: one.commit },
        { name: 'diffs/two', commit: one.commit },
      ];
      expect(await store.branches('diffs/')).toEqual(listed);
      expect(await store.branches('diffs/t')).toEqual(listed.slice(1));
      expect(await store.branches('nothing/')).toEqual([]);
      await expect(store.remove('diffs/one', root.commit)).rejects.toEqual(problem('BRANCH_MOVED'));
      await store.remove('diffs/one', one.commit);
      expect(await store.branches('diffs/')).toEqual(listed.slice(1));
      expect((await store.tip('diffs/two'))?.commit).toBe(one.commit);
      expect(await store.tip('diffs/one')).toBeNull();
    });

    test('where two roots met, the older one counts', async () => {
      const ours = await store.start(rootChange);
      const older = { ...rootChange, message: 'older', author: { ...author, at: new Date('2020-01-01T00:00:00Z') } };
      const theirs = await place.foreignRoot(older);
      const merge = await store.append(async () => change('met', {}, { merges: theirs }));
      expect(await store.root(merge.commit)).toBe(theirs);
      expect(await store.root(ours.commit)).toBe(ours.commit);
      expect(await store.mergeBase(ours.commit, theirs)).toBeNull();
    });

    test('knows no commit that is not there, nor a name that is no commit', async () => {
      await store.start(rootChange);
      await expect(store.snapshot('f'.repeat(40))).rejects.toEqual(problem('NOT_FOUND'));
      await expect(store.commitInfo('--all')).rejects.toEqual(problem('NOT_FOUND'));
      await expect(store.isAncestor('HEAD', 'HEAD')).rejects.toEqual(problem('NOT_FOUND'));
    });

    test('gives back whatever was stored, under whatever safe name', async () => {
      await store.start(rootChange);
      const part = fc
        .string({ unit: 'binary', minLength: 1, maxLength: 12 })
        .map(name => `p${name.replace(/[/\\\0]/g, '_')}`);
      const path = fc.array(part, { minLength: 1, maxLength: 3 }).map(parts => parts.join('/'));
      const content = fc.uint8Array({ maxLength: 200 });
      let round = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.dictionary(path, content, { minKeys: 1, maxKeys: 6, noNullPrototype: true }),
          async wanted => {
            const paths = Object.keys(wanted);
            fc.pre(!paths.some(one => paths.some(other => other.startsWith(`${one}/`))));
            const under = `r${round++}`;
            const files = Object.fromEntries(
              Object.entries(wanted).map(([name, bytes]) => [`${under}/${name}`, bytes]),
            );
            const tip = await store.append(async () => change('any', files));
            const found = await tip.readAll(Object.keys(files));
            expect(found.map(bytes => Uint8Array.from(bytes!))).toEqual(Object.values(files));
            expect((await tip.files(under)).map(file => file.path).sort()).toEqual(Object.keys(files).sort());
          },
        ),
        { numRuns: 25 },
      );
    });
  });
}
