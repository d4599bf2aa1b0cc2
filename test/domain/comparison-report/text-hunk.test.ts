import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hunkLines } from '../../../src/domain/comparison-report/hunk-lines.ts';
import { textHunk } from '../../../src/domain/comparison-report/text-hunk.ts';

function shown(from: string, toward: string, alike?: (line: string) => string): string {
  const hunk = textHunk(from, toward, alike);
  return hunk ? hunkLines(hunk).join('\n') : 'none';
}

test('the first lines that differ, with context, toward as what was', () => {
  expect(shown('a\nb\nc\nX\ne\nf\ng\nh\nY\n', 'a\nb\nc\nd\ne\nf\ng\nh\ni\n')).toMatchInlineSnapshot(`
    "--- toward
    +++ from
    @@ -2,5 +2,5 @@
     b
     c
    -d
    +X
     e
     f
    … and they differ further on"
  `);
});

test('lines that only one side has, at the end and at the start', () => {
  expect(shown('a\n', 'a\nb\n')).toBe('--- toward\n+++ from\n@@ -1,2 +1,1 @@\n a\n-b');
  expect(shown('x\na\nb\nc\n', 'a\nb\nc\n')).toBe('--- toward\n+++ from\n@@ -1,2 +1,3 @@\n+x\n a\n b');
  expect(shown('', 'a\n')).toBe('--- toward\n+++ from\n@@ -1,1 +1,0 @@\n-a');
});

test('a line end that is missing or other is seen', () => {
  expect(shown('a', 'a\n')).toBe('--- toward\n+++ from\n@@ -1,1 +1,1 @@\n-a\n+a\n\\ No newline at end of file');
  expect(shown('a\r\n', 'a\n')).toBe('--- toward\n+++ from\n@@ -1,1 +1,1 @@\n-a\n+a␍');
});

test('lines that a method holds for the same are no difference', () => {
  const undated = (line: string) => line.replace(/\d+:\d+/, '');
  expect(shown('at 10:31\na\n', 'at 09:12\na\n', undated)).toBe('none');
  expect(shown('at 10:31\na\n', 'at 09:12\nb\n', undated)).toBe(
    '--- toward\n+++ from\n@@ -1,2 +1,2 @@\n at 10:31\n-b\n+a',
  );
});

test('however much differs, few lines are shown, and a long line where it parts', () => {
  const numbers = (offset: number) =>
    Array.from({ length: 5000 }, (_, row) => `${'0'.repeat(300)}${row + offset}\n`).join('');
  const hunk = textHunk(numbers(0), numbers(9000))!;
  expect(hunk.lines.filter(line => line.side === 'from')).toHaveLength(6);
  expect(hunk.lines.filter(line => line.side === 'toward')).toHaveLength(6);
  expect(hunk.more).toBe(true);
  expect(hunk.lines[0]!.text).toBe(`…${'0'.repeat(30)}9000`);
  for (const line of hunk.lines) expect(line.text.length).toBeLessThan(210);
});

test('a hunk says what both sides hold, at the lines that it names', () => {
  const text = fc.array(fc.constantFrom('a\n', 'b\n', 'c\n', '\n'), { maxLength: 40 }).map(lines => lines.join(''));
  fc.assert(
    fc.property(text, text, (from, toward) => {
      const hunk = textHunk(from, toward);
      if (hunk === null) return from === toward;
      for (const [name, whole] of [
        ['from', from],
        ['toward', toward],
      ] as const) {
        const { start, count } = hunk[name];
        const own = hunk.lines.filter(line => line.side === 'both' || line.side === name).map(line => `${line.text}\n`);
        const lines = whole.split(/(?<=\n)/).filter(line => line !== '');
        expect(own).toEqual(lines.slice(start - 1, start - 1 + count));
        if (!hunk.more)
          expect(lines.slice(start - 1 + count).join('')).toBe(remainder(hunk, name === 'from' ? toward : from, name));
      }
      return from !== toward;
    }),
  );
  /** What follows the hunk on the other side: the same on both, where they do not differ further on. */
  function remainder(hunk: NonNullable<ReturnType<typeof textHunk>>, other: string, name: 'from' | 'toward'): string {
    const { start, count } = hunk[name === 'from' ? 'toward' : 'from'];
    return other
      .split(/(?<=\n)/)
      .slice(start - 1 + count)
      .join('');
  }
});
