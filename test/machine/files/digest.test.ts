import { createHash } from 'node:crypto';
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { digestFile } from '../../../src/machine/files/digest.ts';
import { Pace } from '../../../src/machine/files/pace.ts';
import { workingTree } from './working-tree.ts';

const MiB = 1024 * 1024;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('a digest', () => {
  test.each([0, 1, MiB - 1, MiB, MiB + 1, 2 * MiB, 5 * MiB + 7])('of %d bytes', async size => {
    using tree = workingTree();
    const bytes = Buffer.alloc(size, 'some bytes ');
    tree.write('x', bytes);
    const digest = await digestFile(tree.at('x'), { keep: size });
    expect(digest).toMatchObject({ sha256: sha256(bytes), size, unsteady: false });
    expect(digest.content?.equals(bytes)).toBe(true);
    expect((await digestFile(tree.at('x'), { keep: size - 1 })).content).toBeNull();
  });

  // Rests happen between reading and the second look at the file, so they are where somebody else gets to write.
  class Interrupted extends Pace {
    readonly #interrupt: () => void;
    constructor(interrupt: () => void) {
      super();
      this.#interrupt = interrupt;
    }
    override get due() {
      return true;
    }
    override async rest() {
      this.#interrupt();
    }
  }

  test.each([10, 3 * MiB])('of a file of %d bytes that grows meanwhile says so', async size => {
    using tree = workingTree();
    tree.write('x', Buffer.alloc(size));
    const digest = await digestFile(tree.at('x'), { pace: new Interrupted(() => appendFileSync(tree.at('x'), 'x')) });
    expect(digest.unsteady).toBe(true);
  });

  test('of a file that was replaced once is that of the new one', async () => {
    using tree = workingTree({ x: 'old' });
    let replaced = false;
    const pace = new Interrupted(() => {
      if (replaced) return;
      replaced = true;
      writeFileSync(tree.at('y'), 'new');
      renameSync(tree.at('y'), tree.at('x'));
    });
    expect(await digestFile(tree.at('x'), { keep: 9, pace })).toMatchObject({
      sha256: sha256(Buffer.from('new')),
      content: Buffer.from('new'),
      unsteady: false,
    });
  });

  test('refuses what is no regular file without waiting for it, and says what is not there', async () => {
    using tree = workingTree({ x: '' });
    tree.sh('mkfifo pipe; ln -s x link');
    await expect(digestFile(tree.at('pipe'))).rejects.toMatchObject({ code: 'UNREADABLE' });
    await expect(digestFile(tree.at('link'))).rejects.toMatchObject({ code: 'UNREADABLE' });
    await expect(digestFile(tree.top)).rejects.toMatchObject({ code: 'UNREADABLE' });
    await expect(digestFile(tree.at('none'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await digestFile(tree.at('link'), { follow: true })).size).toBe(0);
  });
});
