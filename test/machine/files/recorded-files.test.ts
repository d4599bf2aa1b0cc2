import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { outputPath } from '../../../src/domain/branch-layout.ts';
import { whyUnsafe } from '../../../src/domain/safe-path.ts';
import { chooseStored, largestKept } from '../../../src/machine/files/choose-stored.ts';
import { recordFiles } from '../../../src/machine/files/recorded-files.ts';
import { workingTree } from './working-tree.ts';

const limits = { file: 10, record: 20 };
const names = (files: Set<{ path: string }>) => [...files].map(file => file.path).sort();

describe('which contents are stored', () => {
  test('the smallest first, then by path, until the record is full', () => {
    const files = [
      { path: 'c', size: 6 },
      { path: 'b', size: 6 },
      { path: 'a', size: 9 },
      { path: 'd', size: 8 },
      { path: 'e', size: 0 },
      { path: 'big', size: 11 },
    ];
    expect(names(chooseStored(files, limits, []))).toEqual(['b', 'c', 'd', 'e']);
    expect(names(chooseStored(files, limits, ['big', 'a']))).toEqual(['a', 'b', 'big', 'c', 'd', 'e']);
  });

  test('never a secret, nor what GitHub refuses, nor what stands outside unless it is kept', () => {
    const files = [
      { path: 'id_rsa', size: 1 },
      { path: 'huge', size: largestKept + 1 },
      { path: 'external/x', size: 1, outside: true },
      { path: 'external/y', size: 1, outside: true },
    ];
    expect(names(chooseStored(files, limits, ['id_rsa', 'huge', 'external/y']))).toEqual(['external/y']);
  });

  test('never a file whose path, behind the folder of its record, would be longer than the branch takes', () => {
    const deep = `${'d/'.repeat(1999)}f`;
    const files = [deep, `d/${deep}`].map(path => ({ path, size: 1 }));
    const id = '20260101T000000Z-00000000aa';
    expect(whyUnsafe(outputPath(id, deep))).toBeNull();
    expect(names(chooseStored(files, limits, ['d']))).toEqual([deep]);
  });

  test('holds the limits, and more files never bring back one that was left out', () => {
    const file = fc.record({
      path: fc.string({ minLength: 1, maxLength: 3 }).map(name => `f${name}`),
      size: fc.nat(14),
    });
    const list = fc.array(file, { maxLength: 8 });
    fc.assert(
      fc.property(list, list, (some, more) => {
        const few = chooseStored(some, limits, []);
        const many = chooseStored([...some, ...more], limits, []);
        expect([...many].reduce((sum, one) => sum + one.size, 0)).toBeLessThanOrEqual(limits.record);
        for (const one of some) if (many.has(one)) expect(few.has(one)).toBe(true);
      }),
    );
  });
});

test('inputs and outputs share the limit of a record', async () => {
  using tree = workingTree({ in: '12345678', small: '1', '.env': 'x' });
  const inputs = await tree.inputs(['./sim', 'in', 'small', '.env'], { limits });
  const outputs = await tree.run('printf 12345678 > out; printf 1234567 > tiny; printf 12345678901 > big', { limits });
  const recorded = recordFiles(inputs.files, outputs.files, limits, []);
  expect(recorded.inputs.map(file => [file.path, file.stored])).toEqual([
    ['.env', false],
    ['in', true],
    ['small', true],
  ]);
  expect(recorded.outputs.map(file => [file.path, file.stored])).toEqual([
    ['big', false],
    ['out', false],
    ['tiny', true],
  ]);
  expect([...recorded.inputContents.keys()]).toEqual(['in', 'small']);
  expect(recorded.outputContents).toEqual(new Map([['tiny', Buffer.from('1234567')]]));
});
