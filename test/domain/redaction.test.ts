import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redactionOf, secretsAmong } from '../../src/domain/redaction.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (content: Uint8Array) => new TextDecoder().decode(content);

describe('what hides secrets', () => {
  test('hides each of them, everywhere, the longer first, and each line by itself', () => {
    const { text: hide, bytes: hideBytes, holds } = redactionOf(['s3cret', 's3cret-long', 'first line\nsecond line\n']);
    expect(hide('a s3cret-long b s3cret, second line')).toBe('a *** b ***, ***');
    expect(text(hideBytes(bytes('a s3cret-long b s3cret, second line')))).toBe('a *** b ***, ***');
    expect(holds(bytes('only s3cre here'))).toBe(false);
    expect(holds(bytes('the s3cret'))).toBe(true);
  });

  test('leaves what is too short alone: it would hide the record', () => {
    expect(redactionOf(['1', '', ' ', 'abc']).isEmpty).toBe(true);
  });

  test('takes the values of asked-for variables whose names say that they are secrets', () => {
    const environment = { API_TOKEN: 'abcd1234', OMP_NUM_THREADS: '4', OTHER_KEY: 'not asked for' };
    expect(secretsAmong(['API_TOKEN', 'OMP_NUM_THREADS', 'GONE_SECRET'], environment)).toEqual(['abcd1234']);
  });

  test('never leaves one in text or bytes, and changes nothing where there is none', () => {
    const word = fc.string({ minLength: 4, maxLength: 12, unit: 'binary-ascii' }).filter(one => one.trim().length >= 4);
    fc.assert(
      fc.property(fc.array(word, { maxLength: 3 }), fc.array(fc.string()), (secrets, parts) => {
        const redaction = redactionOf(secrets);
        const whole = parts.join(secrets[0] ?? '');
        const hidden = text(redaction.bytes(bytes(whole)));
        expect(hidden).toBe(redaction.text(text(bytes(whole))));
        if (!redaction.holds(bytes(whole))) expect(hidden).toBe(text(bytes(whole)));
      }),
    );
  });
});
