import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redactionOf } from '../../../src/domain/redaction.ts';
import { redactedChunks } from '../../../src/machine/process/redacted-chunks.ts';

test('a secret is hidden however the stream is cut into chunks, and all the rest comes through', () => {
  const part = fc.oneof(
    fc.constant('hunter22'),
    fc.constant('hunter'),
    fc.string({ unit: 'binary-ascii', maxLength: 9 }),
  );
  fc.assert(
    fc.property(fc.array(part), fc.array(fc.nat({ max: 12 }), { minLength: 1 }), (parts, sizes) => {
      const whole = Buffer.from(parts.join(''));
      let kept = '';
      const chunks = redactedChunks(redactionOf(['hunter22']), chunk => {
        kept += chunk.toString('latin1');
      });
      for (let at = 0, turn = 0; at < whole.length; turn += 1) {
        const size = (sizes[turn % sizes.length] ?? 0) + 1;
        chunks.add(whole.subarray(at, at + size));
        at += size;
      }
      chunks.end();
      expect(kept).toBe(whole.toString('latin1').replaceAll('hunter22', '***'));
    }),
  );
});
