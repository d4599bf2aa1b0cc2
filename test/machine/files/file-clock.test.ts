import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  askClocks,
  changedSince,
  markStart,
  type StartMark,
  settleMark,
} from '../../../src/machine/files/file-clock.ts';
import { paths, workingTree } from './working-tree.ts';

describe('the mark of a start', () => {
  test('is plain data, fit to be kept for another process', async () => {
    using tree = workingTree({ old: '' });
    const start = await tree.mark();
    tree.write('new', '');
    const kept = JSON.parse(JSON.stringify(start)) as StartMark;
    expect(kept).toEqual(start);
    expect(changedSince(kept, lstatSync(tree.at('old')))).toMatchObject({ changed: false, known: true });
    expect(changedSince(kept, lstatSync(tree.at('new')))).toMatchObject({
      changed: true,
      rewritten: true,
      known: true,
    });
  });

  test('asks each file system once, and passes over what is not there', async () => {
    using tree = workingTree({ 'Data/x': '' });
    const { clocks, notes } = await markStart([tree.top, tree.at('none'), tree.at('Data'), tree.at('Data/x')]);
    expect(clocks.map(clock => clock.folder)).toEqual([tree.top]);
    expect(clocks[0]!.after).toBeGreaterThan(clocks[0]!.before);
    expect(notes).toEqual([]);
  });

  test('tells the same where the clocks were asked ahead, and leaves nothing open', async () => {
    using tree = workingTree({ old: '' });
    const open = () => readdirSync('/proc/self/fd').length;
    const before = existsSync('/proc/self/fd') ? open() : 0;
    const early = askClocks([tree.top, tree.at('none')]);
    const start = await markStart([tree.top, tree.at('none')], early);
    tree.write('new', '');
    expect(changedSince(start, lstatSync(tree.at('old')))).toMatchObject({ changed: false, known: true });
    expect(changedSince(start, lstatSync(tree.at('new')))).toMatchObject({ changed: true, known: true });
    expect(start.clocks.map(clock => clock.folder)).toEqual([tree.top]);
    expect(start.clocks[0]!.after).toBeGreaterThan(start.clocks[0]!.before);
    expect(settleMark(start)).toEqual(start);
    if (before > 0) expect(open()).toBe(before);
  });

  test('a clock that was set back while the run went on loses no output', async () => {
    using tree = workingTree();
    const start = await tree.mark();
    const hour = 3_600_000;
    const ahead = {
      ...start,
      clocks: start.clocks.map(one => ({ ...one, before: one.before + hour, after: one.after + hour })),
    };
    tree.write('new', '');
    expect(changedSince(ahead, lstatSync(tree.at('new'))).changed).toBe(false);
    const found = await tree.outputs(ahead);
    expect(paths(found)).toEqual(['new']);
    expect(found.notes).toEqual([expect.stringMatching(/was set back by 3600\.\d s/)]);
  });

  test('a clock that ran on as it should changes nothing', async () => {
    using tree = workingTree();
    const start = await tree.mark();
    expect(settleMark(start)).toEqual(start);
  });

  const memory = '/dev/shm';
  const another = existsSync(memory) && statSync(memory).dev !== statSync('/tmp').dev;
  test.skipIf(!another)('a file on a file system that was not asked is told apart (needs /dev/shm)', async () => {
    using tree = workingTree();
    const elsewhere = mkdtempSync(join(memory, 'corroborate-'));
    try {
      const start = await tree.mark();
      const both = await markStart([tree.top, elsewhere]);
      writeFileSync(join(elsewhere, 'x'), '');
      expect(changedSince(start, lstatSync(join(elsewhere, 'x')))).toMatchObject({ changed: true, known: false });
      expect(changedSince(both, lstatSync(join(elsewhere, 'x')))).toMatchObject({ changed: true, known: true });
    } finally {
      rmSync(elsewhere, { recursive: true });
    }
  });
});
