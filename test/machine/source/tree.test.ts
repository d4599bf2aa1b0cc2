import fc from 'fast-check';
import { expect, test } from 'vitest';
import { byPath, differing, type SourceEntry, treeId } from '../../../src/machine/source/tree.ts';
import { TemporaryRepository } from '../git/temporary-repository.ts';

/** Names that sort apart as file and as folder, and bytes that are no text. */
const name = fc.constantFrom('a', 'a.b', 'a0', 'a-', 'a b', 'b', 'B', '\xff', 'caf\xc3\xa9', '\x01', 'a\n');
const file = fc.record({
  path: fc.array(name, { minLength: 1, maxLength: 4 }).map(parts => parts.join('/')),
  mode: fc.constantFrom('100644' as const, '100755' as const, '120000' as const),
  content: fc.constantFrom('', 'one', 'two'),
});

/** A set that can stand in a working tree: no name is both a file and a folder. */
function possible<File extends { path: string }>(files: readonly File[]): File[] {
  const kept: File[] = [];
  for (const one of files) {
    const meets = (other: File) =>
      other.path === one.path || other.path.startsWith(`${one.path}/`) || one.path.startsWith(`${other.path}/`);
    if (!kept.some(meets)) kept.push(one);
  }
  return kept;
}

test.each(['sha1', 'sha256'] as const)('a %s tree has the id that git gives it', format => {
  const repository = TemporaryRepository.make(`--object-format=${format}`);
  const blobs = new Map(
    ['', 'one', 'two'].map(text => [text, repository.doWith(text, 'hash-object', '-w', '--stdin').trim()]),
  );
  fc.assert(
    fc.property(fc.array(file, { maxLength: 12 }), files => {
      const entries: SourceEntry[] = possible(files).map(({ path, mode, content }) => ({
        path,
        mode,
        id: blobs.get(content)!,
      }));
      const listed = entries.map(({ path, mode, id }) => `${mode} ${id}\t${path}\0`).join('');
      repository.do('read-tree', '--empty');
      repository.doWith(Buffer.from(listed, 'latin1'), 'update-index', '-z', '--index-info');
      expect(treeId(entries.sort(byPath), format)).toBe(repository.do('write-tree').trim());
    }),
    { numRuns: 60 },
  );
});

test('what differs is what one side has not, or has otherwise', () => {
  const side = fc.array(file, { maxLength: 12 }).map(files =>
    possible(files)
      .map(({ path, mode, content }): SourceEntry => ({ path, mode, id: content }))
      .sort(byPath),
  );
  fc.assert(
    fc.property(side, side, (one, two) => {
      const key = ({ path, mode, id }: SourceEntry) => `${path} ${mode} ${id}`;
      const without = (all: readonly SourceEntry[], others: readonly SourceEntry[]) => {
        const known = new Set(others.map(key));
        return all.filter(entry => !known.has(key(entry)));
      };
      expect(differing(one, two)).toEqual({ one: without(one, two), two: without(two, one) });
    }),
  );
});
