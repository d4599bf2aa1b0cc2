import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix, win32 } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { collidingPaths, whyUnsafe } from '../../src/domain/safe-path.ts';

const folder = mkdtempSync(join(tmpdir(), 'safe-path-'));
const git = (args: string[], input = '') =>
  spawnSync('git', ['-c', 'core.protectHFS=true', '-c', 'core.protectNTFS=true', ...args], {
    cwd: folder,
    input,
    env: { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: '1' },
  });
git(['init', '-q']);
const blob = git(['hash-object', '-w', '--stdin'], 'x').stdout.toString().trim();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The paths that git itself would put into its index. */
function takenByGit(paths: readonly string[]): Set<string> {
  const taken = new Set<string>();
  for (const path of paths) {
    const { status } = git(['update-index', '-z', '--index-info'], `100644 ${blob}\t${path}\0`);
    const listed = git(['ls-files', '-z']).stdout.toString().split('\0');
    if (status === 0 && listed.includes(path)) taken.add(path);
    git(['read-tree', '--empty']);
  }
  return taken;
}

const part = fc.oneof(
  fc.constantFrom(
    ...[
      '',
      '.',
      '..',
      '...',
      '.. ',
      ' ..',
      '. .',
      '.git',
      '.GIT',
      '.Git',
      '.git ',
      '.git.',
      '.git . ',
      '.git:x',
      '.git ::$INDEX_ALLOCATION',
      'git~1',
      'GIT~1',
      'git~1.',
      'git~1:x',
      '.g\u200cit',
      '.git\u200d',
      '\ufeff.git',
      '.gi\u206ft',
      '.gitx',
      '.git-x',
      'git',
      'git~2',
    ],
    ...[
      'con',
      'CON.txt',
      'con .txt',
      'aux:',
      'nul',
      'Lpt1',
      'com¹',
      'console',
      'a:',
      'c:',
      'c:x',
      'a b',
      'é',
      'a\\b',
      '\\\\x',
      '..\\x',
      '/',
      'x:y',
    ],
  ),
  fc.string({ unit: fc.constantFrom(...'.gitGIT~1 :\\/a\u200c'), maxLength: 8 }),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
);
const path = fc.array(part, { minLength: 1, maxLength: 4 }).map(parts => parts.join('/'));

test('no path that is taken leaves its folder, on POSIX or on Windows', () => {
  fc.assert(
    fc.property(path, one => {
      if (whyUnsafe(one) !== null) return;
      expect(posix.resolve('/base/folder', one).startsWith('/base/folder/')).toBe(true);
      expect(win32.resolve('C:\\base\\folder', one).startsWith('C:\\base\\folder\\')).toBe(true);
      // Windows drops dots and spaces from the end of a name.
      const trimmed = one.split('/').map(name => name.replace(/[. ]+$/, ''));
      expect(trimmed).not.toContain('');
      expect(posix.normalize(one)).toBe(one);
    }),
    { numRuns: 5000 },
  );
});

test('no path is taken that git refuses', () => {
  const paths = fc.sample(path, { numRuns: 4000, seed: 1 }).filter(one => whyUnsafe(one) === null);
  const some = [...new Set(paths)].slice(0, 250);
  expect(some.length).toBeGreaterThan(100);
  const taken = takenByGit(some);
  expect(some.filter(one => !taken.has(one))).toEqual([]);
});

describe('what git refuses for its own folder is refused', () => {
  const spellings = [
    '.git',
    '.GIT',
    '.git ',
    '.git...',
    '.git . ',
    '.git:x',
    '.git ::$INDEX_ALLOCATION',
    'git~1',
    'GIT~1 ',
    'git~1:x',
    '.g\u200cit',
    '.git\u200d',
    '\ufeff.git',
    '.gi\u206ft',
    '\u202a.git',
  ];
  test.each(spellings.flatMap(name => [`${name}`, `a/${name}/config`]))('%j', one => {
    expect(takenByGit([one]).has(one)).toBe(false);
    expect(whyUnsafe(one)).toBe('it holds .git');
  });
  test.each(['.gitx', 'git', '.gitignore', 'git~2', '.github/x', 'a.git'])('but %j is fine', one => {
    expect(takenByGit([one]).has(one)).toBe(true);
    expect(whyUnsafe(one)).toBeNull();
  });
});

test.each([
  ['', 'empty'],
  ['/a', 'absolute'],
  ['C:/a', 'drive'],
  ['c:', 'drive'],
  ['a\\b', 'backslash'],
  ['a\0', 'NUL'],
  ['a/', 'empty part'],
  ['a//b', 'empty part'],
  ['./a', 'holds .'],
  ['a/..', 'holds ..'],
  ['a/.. /b', 'Windows takes for another folder'],
  ['...', 'Windows takes for another folder'],
  ['a/ /b', 'Windows takes for another folder'],
  ['a/con', 'device'],
  ['NUL.tar.gz', 'device'],
  ['aux .txt', 'device'],
  ['com1:x', 'device'],
  ['\ud800', 'surrogate'],
  ['a'.repeat(256), '255 bytes'],
  ['é'.repeat(128), '255 bytes'],
  [`${'a/'.repeat(2048)}a`, '4096'],
])('%j is no safe path', (one, because) => expect(whyUnsafe(one)).toContain(because));

test.each([
  'a',
  'Data/example2.dat',
  'a b',
  ' a',
  '-a',
  '.hidden',
  'a..b',
  'ab:c',
  'console',
  'context.txt',
  'a\nb',
  'größe',
  '😀',
  'a'.repeat(255),
  '~',
  '$HOME',
  '*',
])('%j is a safe path', one => expect(whyUnsafe(one)).toBeNull());

test('git is there to compare with', () => {
  expect(execFileSync('git', ['--version']).toString()).toContain('git version');
});

test('names that meet on other systems', () => {
  expect(collidingPaths(['a', 'b', 'A', 'c'])).toEqual([['a', 'A']]);
  expect(collidingPaths(['é', 'e\u0301'])).toEqual([['é', 'e\u0301']]);
  expect(collidingPaths(['Data/x', 'data/X', 'DATA/x'])).toEqual([['Data/x', 'data/X', 'DATA/x']]);
  expect(collidingPaths(['straße', 'STRASSE', 'K', '\u212a', 'ſ', 's'])).toEqual([
    ['straße', 'STRASSE'],
    ['K', '\u212a'],
    ['ſ', 's'],
  ]);
  expect(collidingPaths(['a', 'b', 'Data/x', 'data/y'])).toEqual([]);
});
