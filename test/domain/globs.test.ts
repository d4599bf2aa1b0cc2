import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { areDisjoint, compileGlobs, declaredOutputsOverlap, isLiteral, literalPrefix } from '../../src/domain/globs.ts';

describe('what a glob means', () => {
  test.each<[string | string[], string, boolean]>([
    ['Data', 'Data/a/b.txt', true],
    ['Data/', 'Data/a.txt', true],
    ['Data/', 'Data', false],
    ['Data', 'Data', true],
    ['Data', 'Data2/a.txt', false],
    ['./Data//x', 'Data/x', true],
    ['Data/**', 'Data/.hidden/x', true],
    ['Data/**', 'Data', false],
    ['*.param', 'default.param', true],
    ['*.param', '.param', true],
    ['*.param', 'sub/default.param', false],
    ['*.param', 'x.param/inside', false],
    ['*', 'a/b', false],
    ['**', 'a/b\nc/d', true],
    ['**/*.csv', 'x.csv', true],
    ['runs/*/out', 'runs/7/out/x.csv', true],
    ['runs/*/', 'runs/7/x.csv', true],
    ['{a,b/c}/d.txt', 'b/c/d.txt', true],
    ['data[1].txt', 'data[1].txt', true],
    ['data[1].txt', 'data1.txt', true],
    ['a\\*b', 'a*b', true],
    ['a\\*b', 'axb', false],
    ['data', 'Data/x', false],
    [['Data/**', '!Data/tmp/**'], 'Data/tmp/x', false],
    [['Data/**', '!Data/tmp/**'], 'Data/x', true],
    [['!Data/tmp/**'], 'x', false],
    ['.', 'any/thing', true],
    ['!(a).txt', 'b.txt', true],
    ['!(a).txt', 'a.txt', false],
  ])('%j, %s: %s', (globs, path, expected) => {
    expect(compileGlobs([globs].flat()).matches(path)).toBe(expected);
  });

  test.each(['', ' ', '/abs/*', '../x', 'a/../../b', 'a\0b', 'x'.repeat(5000)])('%j is refused', glob => {
    expect(() => compileGlobs([glob])).toThrow(expect.objectContaining({ code: 'INVALID' }));
  });

  test('only folders that may hold something are worth a look', () => {
    const globs = compileGlobs(['*.param', 'Data/**/x.csv', 'runs/r*/out.txt']);
    expect(['', 'Data', 'Data/deep/er', 'runs', 'runs/r7'].filter(folder => globs.mayHold(folder))).toHaveLength(5);
    expect(['src', 'runs/x', 'runs/r7/deep', 'x.param'].filter(folder => globs.mayHold(folder))).toEqual([]);
  });

  test('a folder is held whole only where no file of it escapes', () => {
    const globs = compileGlobs(['tmp', 'cache/**', 'logs/*', '**/scratch/']);
    expect(['tmp', 'tmp/x', 'cache', 'cache/a/b', 'a/scratch'].filter(folder => !globs.holdsAll(folder))).toEqual([]);
    expect(['', 'logs', 'logs/x', 'tmp2', 'a'].filter(folder => globs.holdsAll(folder))).toEqual([]);
    expect(compileGlobs(['*']).holdsAll('src')).toBe(false);
    expect(compileGlobs(['tmp', '!tmp/keep']).holdsAll('tmp')).toBe(false);
  });

  test('the literal part of a glob', () => {
    expect(['Data/**', 'Data/x.txt', '*.csv', 'a/b*/c', 'a/{b,c/d}/e', 'a\\*/x', '!(a)/b'].map(literalPrefix)).toEqual([
      'Data',
      'Data/x.txt',
      '',
      'a',
      'a',
      'a*/x',
      '',
    ]);
    expect(['Data', 'Data/', 'Data/x*', '!x'].map(isLiteral)).toEqual([true, true, false, false]);
  });
});

describe('two lists are disjoint', () => {
  test.each<[string[], string[], boolean]>([
    [['Data/a/**'], ['Data/b/**'], true],
    [['Data/**'], ['Data/b/**'], false],
    [['Data'], ['Data/b'], false],
    [['out1.csv'], ['out2.csv'], true],
    [['*.csv'], ['Data/**'], true],
    [['*.csv'], ['*.txt'], false],
    [['**/*.csv'], ['Data'], false],
    [['Data/a'], ['data/A'], false],
    [['[[:upper:]]*/x'], ['Data/x'], false],
    [['runs/*/a'], ['runs/*/b'], true],
    [['Data/a', 'x'], ['Data/b', 'x/y'], false],
  ])('%j and %j: %s', (one, other, expected) => {
    expect(areDisjoint(one, other)).toBe(expected);
    expect(areDisjoint(other, one)).toBe(expected);
  });

  test('a run that declares nothing may write anything', () => {
    expect(declaredOutputsOverlap([], ['a'])).toBe(true);
    expect(declaredOutputsOverlap(['b'], ['a'])).toBe(false);
  });
});

const name = fc.constantFrom('a', 'b', 'ab', 'x.csv', '.h', 'a*');
const part = fc.oneof(name, fc.constantFrom('*', '**', 'a*', '?', '{a,b}', '*.csv', '[ab]', '{a,b/x.csv}', '!(a)'));
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map(parts => parts.join('/'));
const globList = fc.array(
  fc
    .tuple(fc.array(part, { minLength: 1, maxLength: 3 }), fc.constantFrom('', '/'))
    .map(([parts, end]) => parts.join('/') + end),
  { minLength: 1, maxLength: 2 },
);

test('what is said of folders and of pairs of lists never contradicts what matches', () => {
  fc.assert(
    fc.property(globList, globList, path, (one, other, file) => {
      const globs = compileGlobs(one);
      const folders = file
        .split('/')
        .slice(0, -1)
        .map((_, at, all) => all.slice(0, at + 1).join('/'));
      if (globs.matches(file)) {
        for (const folder of ['', ...folders]) expect(globs.mayHold(folder)).toBe(true);
        if (compileGlobs(other).matches(file)) expect(areDisjoint(one, other)).toBe(false);
      } else for (const folder of folders) expect(globs.holdsAll(folder)).toBe(false);
    }),
    { numRuns: 3000 },
  );
});
