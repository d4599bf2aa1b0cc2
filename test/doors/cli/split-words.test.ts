import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitWords } from '../../../src/doors/cli/split-words.ts';

test.each([
  ['', []],
  ['  ', []],
  ['./compare.py', ['./compare.py']],
  [' python3  compare.py\t--strict\n', ['python3', 'compare.py', '--strict']],
  [`a 'b c' "d e" f\\ g`, ['a', 'b c', 'd e', 'f g']],
  [`a'b'"c"\\d`, ['abcd']],
  [`"" ''`, ['', '']],
  [`"a\\"b\\n" 'a\\b'`, ['a"b\\n', 'a\\b']],
  ['$HOME | tee *', ['$HOME', '|', 'tee', '*']],
])('%j is %j', (text, words) => {
  expect(splitWords(text)).toEqual(words);
});

test.each([`'a`, `a "b`, 'a\\', `'a'b"`])('%j is left open', text => {
  expect(() => splitWords(text)).toThrow(/left open/);
});

test('words in single quotes come back as they were', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), words => {
      const quoted = words.map(word => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
      expect(splitWords(quoted)).toEqual(words);
    }),
  );
});
