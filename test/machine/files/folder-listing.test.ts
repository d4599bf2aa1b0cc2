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
    expect(listing.notes.join('\n')).toMatch(/pipe[\s\S]*out -> \/etc\/passwd|out -> \/etc\/passwd[\s\S]*pipe/);
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
