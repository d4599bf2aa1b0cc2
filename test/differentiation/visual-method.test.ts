import { expect, test } from 'vitest';
import { readOptions } from '../../src/differentiation/registry.ts';
import { observedSame, visualMethod, visualMethodWith } from '../../src/differentiation/visual-method.ts';
import { validFileResult } from './valid-file-result.ts';

const budget = { bytes: 1e9, steps: 1e9 };
const [one, two] = [Uint8Array.of(1), Uint8Array.of(2)];

test('the visual method never decides: what was observed is what the requester says', async () => {
  for (const same of [true, false]) {
    const result = await visualMethod.compare('a.png', one, two, readOptions(visualMethod, { same }), budget);
    validFileResult(result);
    expect(result.same).toBe(same);
    expect(result.unsettled).toMatch(/observed/);
  }
  expect(visualMethod.repeatable).toBe(false);
});

test('the visual method is not the same where nobody has said so', async () => {
  const result = await visualMethod.compare('a.png', one, two, readOptions(visualMethod, {}), budget);
  expect(result).toMatchObject({ same: false, reason: expect.stringMatching(/for a person to say/) });
  expect(result.unsettled).toBeTruthy();
});

test('measures of a picture help and do not decide', async () => {
  const method = visualMethodWith(async () => ({ pixels: 4, pixels_different: 4, rms: 1 }));
  const result = await method.compare('a.png', one, two, readOptions(method, { same: true }), budget);
  expect(result).toMatchObject({ same: true, pixels_different: 4 });
});

test('the proposition tells what was observed', () => {
  expect((['repeated', 'reproduced', 'non-repeated', 'non-reproduced'] as const).map(observedSame)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
