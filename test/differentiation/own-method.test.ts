import { expect, test } from 'vitest';
import { compareOutputs, outputsBudget } from '../../src/differentiation/compare-outputs.ts';
import { ownMethod } from '../../src/differentiation/own-method.ts';
import { readOptions } from '../../src/differentiation/registry.ts';
import { Problem } from '../../src/domain/problem.ts';

// As it stands in the example, without types.
const example = new URL('../../examples/method-package/peak.js', import.meta.url).href;
const { default: peak } = (await import(example)) as { default: unknown };

const window = { name: 'window', type: 'number', fallback: 0.1, promise: 'Unit of x.' };
const plain = { name: 'peak', promise: 'same', options: [window], compare: () => ({ same: true }) };
const file = (path: string, sha256: string) => ({ path, sha256, size: 1, read: async () => new Uint8Array([65]) });
const compare = (method: object) =>
  compareOutputs([file('a', '1')], [file('a', '2')], ownMethod(method, '@lab/peak'), {}, outputsBudget);

test('the example is a method, whose results rest on the word of who has it', async () => {
  const method = ownMethod(peak, '@lab/peak');
  expect(method).toMatchObject({ word: 'custom', name: 'peak', repeatable: false });
  const options = readOptions(method, { window: '0.3' });
  expect(options).toEqual({ window: 0.3 });
  const spectrum = (text: string) => new TextEncoder().encode(text);
  const budget = { bytes: 1e6, steps: 1e6 };
  const [mine, theirs] = [spectrum('# x y\n1 2\n2 9\n3 1\n'), spectrum('1 3\n2.25 8\n3 3\n')];
  expect(await method.compare('s.txt', mine, theirs, options, budget)).toMatchObject({ same: true, max_abs: 0.25 });
  expect(await method.compare('s.txt', mine, theirs, { window: 0.2 }, budget)).toMatchObject({ same: false });
  expect(await method.compare('s.txt', mine, spectrum('no numbers'), options, budget)).toMatchObject({ same: false });
});

test('what it refuses is refused', () => {
  const method = ownMethod({ ...plain, refuses: () => 'window: too odd.' }, 'peak');
  expect(() => readOptions(method, {})).toThrow(/peak cannot work with its options: window: too odd/);
  const odd = ownMethod({ ...plain, refuses: () => false }, 'peak');
  expect(() => readOptions(odd, {})).toThrow(/answers neither a text nor null/);
});

test.each([
  [undefined, /no object/],
  [() => 1, /no object/],
  [{ ...plain, name: 'spectra' }, /its name is "spectra" and must be "peak"/],
  [{ ...plain, name: undefined }, /must be "peak"/],
  [{ ...plain, promise: '' }, /promise/],
  [{ ...plain, compare: undefined }, /compare is no function/],
  [{ ...plain, refuses: 'no' }, /refuses is no function/],
  [{ ...plain, options: {} }, /options is no list/],
  [{ ...plain, repeatable: true }, /no field "repeatable"/],
  [{ ...plain, word: 'default' }, /no field "word"/],
  [{ ...plain, options: [null] }, /options\[0\]: it is no object/],
  [{ ...plain, options: [window, window] }, /two options window/],
  [{ ...plain, options: [{ ...window, name: 'the-window' }] }, /snake_case/],
  [{ ...plain, options: [{ ...window, name: '__proto__' }] }, /snake_case/],
  [{ ...plain, options: [{ ...window, type: 'integer' }] }, /type is none of number/],
  [{ ...plain, options: [{ ...window, promise: 1 }] }, /promise is no text/],
  [{ ...plain, options: [{ ...window, least: '0' }] }, /least and most are numbers/],
  [{ ...plain, options: [{ ...window, least: 1 }] }, /fallback is neither null/],
  [{ ...plain, options: [{ ...window, fallback: '0.1' }] }, /fallback is neither null/],
  [{ ...plain, options: [{ ...window, fallback: undefined }] }, /fallback is neither null/],
  [{ ...plain, options: [{ ...window, unit: 'nm' }] }, /no field "unit"/],
])('%o is no method', (exported, because) => {
  const wrong = (() => {
    try {
      ownMethod(exported, '@lab/peak');
    } catch (error) {
      return error;
    }
  })();
  expect(wrong).toBeInstanceOf(Problem);
  expect(wrong).toMatchObject({ code: 'INVALID', message: expect.stringMatching(because) });
  expect((wrong as Problem).message).toContain('The npm package @lab/peak brings no method that can be used');
});

test.each(['structured', '@lab/structured', '@lab/default', '@lab/command', '@lab/custom', 'visual'])(
  '%s would take the name of a method that there is',
  entry => {
    const name = entry.replace('@lab/', '');
    expect(() => ownMethod({ ...plain, name }, entry)).toThrow(/is a method of Corroborate's own/);
  },
);

test.each([
  [() => undefined, /no object/],
  [() => ({}), /field same is missing/],
  [() => ({ same: 'yes' }), /same: must be boolean/],
  [() => ({ same: true, path: 'b' }), /path: that is not for the method to say/],
  [() => ({ same: true, identical: true }), /identical: that is not/],
  [() => ({ same: true, max_abs: Number.NaN }), /max_abs/],
  [() => ({ same: true, score: 1 }), /score: there is no such field/],
  [() => ({ same: true, steps: 1 }), /steps/],
  [() => Promise.reject(new TypeError('boom')), /boom/],
])('an answer that is none is no verdict: %s', async (answer, because) => {
  const result = await compare({ ...plain, compare: answer });
  expect(result).toMatchObject({ same: false, failed: expect.stringMatching(because) });
});

test('a good answer counts, as attested', async () => {
  const result = await compare({ ...plain, compare: async () => ({ same: true, max_abs: 'inf' }) });
  expect(result).toMatchObject({ same: true, failed: null, files: [{ path: 'a', same: true, max_abs: 'inf' }] });
  expect(result.unsettled).toHaveLength(1);
});
