import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withUnicodeClasses } from '../../src/domain/unicode-classes.ts';

const sources = [
  String.raw`^[\p{L}_/](?:[\p{L}\p{M}\p{N}_/.-]| (?=[^\s#]))*$`,
  String.raw`^[\p{L}\p{N}](?:[^<>\p{Cc}]*[\p{L}\p{N}])?$`,
  String.raw`[\p{Cc}]`,
];
const text = fc.oneof(
  fc.string({ unit: 'binary-ascii' }),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('a', 'Z', '0', '_', ' ', 'é', '́', '٣', '\n', '\x7f', '\x85') }),
);

test.each(sources)('%s finds in any text what it finds with the classes themselves', source => {
  const fast = withUnicodeClasses(source);
  fc.assert(
    fc.property(text, some => {
      expect(fast(some).exec(some)).toEqual(new RegExp(source, 'u').exec(some));
    }),
    { numRuns: 2000 },
  );
});

test('every character of ASCII is in the same classes', () => {
  for (const name of ['L', 'M', 'N', 'Cc']) {
    const fast = withUnicodeClasses(`[_\\p{${name}}]`);
    for (let code = 0; code < 128; code++) {
      const one = String.fromCharCode(code);
      expect(fast(one).test(one), `${name} ${code}`).toBe(new RegExp(`[_\\p{${name}}]`, 'u').test(one));
    }
  }
});
