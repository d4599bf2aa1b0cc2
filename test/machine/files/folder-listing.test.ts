import { describe, expect, test } from 'vitest';
import { filesOfFolder } from '../../../src/machine/files/folder-listing.ts';
import { asUser, paths, workingTree } from './working-tree.ts';

describe('the files of a folder', () => {
  test('are all it holds but .git, each with its bytes', async () => {
    using tree = workingTree({
      'b.csv': '1',
      'a/x': '22',
      '__pycache__/m.pyc': '3',
      'node_modules/m/i.js': '4',
      '.git/config': '',
    });
    tree.sh('ln -s a/x link; ln -s a also; ln -s /etc/passwd out; mkfifo pipe');
    const listing = await filesOfFolder(tree.top);
    expect(paths(listing)).toEqual(['__pycache__/m.pyc', 'a/x', 'also/x', 'b.csv', 'link', 'node_modules/m/i.js']);
    expect(listing.files.map(file => file.read().toString())).toEqual(['3', '22', '22', '1', '22', '4']);
    expect(listing.leftOut).toEqual([{ path: 'out', because: 'it is a link to nothing or to outside of the folder' }]);
    expect(listing.notes.join('\n')).toMatch(/pipe[\s\S]*out -> \/etc\/passwd|out -> \/etc\/passwd[\s\S]*pipe/);
  });

  test('are listed whatever they are called: nothing here is stored', async () => {
    using tree = workingTree({ 'aux.dat': '1', 'd/a:b': '2' });
    tree.sh("printf 3 > 'd/a\\b'; printf 4 > \"$(printf 'n\\351')\"");
    const listing = await filesOfFolder(tree.top);
    expect(paths(listing)).toEqual(['"n\\xe9"', 'aux.dat', 'd/a:b', 'd/a\\b']);
    expect(listing.files.map(file => file.read().toString())).toEqual(['4', '1', '2', '3']);
    expect([listing.leftOut, listing.notes]).toEqual([[], []]);
  });

  test('what could not be read, and folders elsewhere, are left out by name', async () => {
    using tree = workingTree({ x: '1', locked: '2', 'shut/y': '3' });
    tree.sh('chmod 0 locked shut; ln -s /usr away');
    await asUser(tree.top, async () =>
      expect((await filesOfFolder(tree.top)).leftOut).toEqual([
        { path: 'away', because: 'it is a link to a folder outside, which is not followed' },
        { path: 'locked', because: 'it could not be read' },
        { path: 'shut', because: 'the folder could not be looked into (permission denied)' },
      ]),
    );
    tree.sh('chmod 700 shut');
  });

  test('a single file is listed under its name', async () => {
    using tree = workingTree({ 'a/x.csv': '1' });
    expect((await filesOfFolder(tree.at('a/x.csv'))).files).toMatchObject([{ path: 'x.csv', size: 1 }]);
  });

  test('bytes that changed since are refused', async () => {
    using tree = workingTree({ x: '1' });
    const { files } = await filesOfFolder(tree.top);
    tree.write('x', '2');
    expect(() => files[0]!.read()).toThrow(expect.objectContaining({ code: 'UNREADABLE' }));
  });

  test('what is not there, or cannot be read at all, is a problem', async () => {
    using tree = workingTree({ 'locked/x': '' });
    await expect(filesOfFolder(tree.at('none'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    tree.sh('chmod 0 locked');
    await asUser(tree.top, () =>
      expect(filesOfFolder(tree.at('locked'))).rejects.toMatchObject({ code: 'UNREADABLE' }),
    );
  });
});
