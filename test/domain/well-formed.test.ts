import { expect, test } from 'vitest';
import { wellFormed } from '../../src/domain/well-formed.ts';

test('halves of surrogate pairs are replaced, everywhere, and nothing else', () => {
  const value = { a: ['x\ud800', '😀', 1, null], '\udc00': { b: 'é' }, c: undefined };
  expect(wellFormed(value)).toEqual({ a: ['x\ufffd', '😀', 1, null], '\ufffd': { b: 'é' }, c: undefined });
  expect(wellFormed('\ud83d\ude00'.slice(0, 1))).toBe('\ufffd');
});
