import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printedLog } from '../../../src/machine/process/printed-log.ts';

const add = (limit: number, chunks: readonly Uint8Array[]) => {
  const log = printedLog(limit);
  for (const chunk of chunks) log.add(Buffer.from(chunk));
  return log.content();
};

test('within the limit it is what was printed; over it, a beginning and an end with the gap marked', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 256, max: 600 }),
      fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 40 }),
      (limit, chunks) => {
        const all = Buffer.concat(chunks);
        const content = add(limit, chunks);
        if (all.length <= limit) return content.equals(all);
        const mark = /\n\[… (\d+) of (\d+) bytes left out here …\]\n/.exec(
          content.toString('latin1').replaceAll('\xe2\x80\xa6', '…'),
        )!;
        const at = content.indexOf(Buffer.from('\n[… '));
        const end = content.indexOf(Buffer.from(' …]\n'), at) + Buffer.from(' …]\n').length;
        const [first, last] = [content.subarray(0, at), content.subarray(end)];
        return (
          content.length <= limit &&
          all.subarray(0, first.length).equals(first) &&
          all.subarray(all.length - last.length).equals(last) &&
          Number(mark[1]) === all.length - first.length - last.length &&
          Number(mark[2]) === all.length
        );
      },
    ),
  );
});

test('no character is cut in two', () => {
  for (let limit = 300; limit < 310; limit += 1) {
    const content = add(limit, [Buffer.from('€ü😀'.repeat(500))]);
    expect(Buffer.from(content.toString()).equals(content)).toBe(true);
  }
});
