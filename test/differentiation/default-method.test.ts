import { describe, expect, test } from 'vitest';
import { defaultMethod } from '../../src/differentiation/default-method.ts';
import { readOptions } from '../../src/differentiation/registry.ts';
import { validFileResult } from './valid-file-result.ts';

const budget = { bytes: 1e9, steps: 1e9 };
const bytes = (text: string) => new TextEncoder().encode(text);

async function compare(
  from: string | Uint8Array,
  toward: string | Uint8Array,
  options: { [name: string]: unknown } = {},
  steps = budget.steps,
) {
  const [one, two] = [from, toward].map(side => (typeof side === 'string' ? bytes(side) : side)) as [
    Uint8Array,
    Uint8Array,
  ];
  const result = await defaultMethod.compare('out.txt', one, two, readOptions(defaultMethod, options), {
    ...budget,
    steps,
  });
  validFileResult(result);
  return result;
}

describe('the default method', () => {
  test('is the distance in code points, and the similarity', async () => {
    expect(await compare('energy 1.25\n', 'energy 1.35\n')).toMatchObject({
      same: false,
      distance: 1,
      exact: true,
      similarity: 1 - 1 / 12,
    });
    expect(await compare('😀😀', '😀')).toMatchObject({ distance: 1, similarity: 0.5 });
    expect(await compare('', '')).toMatchObject({ same: true, distance: 0, exact: true, similarity: 1, first: null });
    expect(await compare('', 'ab')).toMatchObject({ same: false, distance: 2, similarity: 0 });
  });

  test('normalises nothing unless asked', async () => {
    expect(await compare('\ufeffa', 'a')).toMatchObject({ same: false, distance: 1 });
    expect(await compare('é', 'e\u0301')).toMatchObject({ same: false, distance: 2 });
    expect(await compare('a\r\nb\rc', 'a\nb\nc')).toMatchObject({ same: false, distance: 2 });
    expect(await compare('a\r\nb\rc', 'a\nb\nc', { normalize_eol: true })).toMatchObject({ same: true, distance: 0 });
  });

  test('takes a distance of at most max_distance for the same, and still shows it', async () => {
    expect(await compare('abc', 'abd', { max_distance: 1 })).toMatchObject({ same: true, distance: 1 });
    expect(await compare('abc', 'axd', { max_distance: 1 })).toMatchObject({ same: false, distance: 2 });
  });

  test('says where the first difference is', async () => {
    const { first } = await compare('one\n😀 value=1.25 eV\nthree\n', 'one\n😀 value=1.35 eV\nthree\n');
    expect(first).toEqual({ at: '2:11', from: '😀 value=1.25 eV', toward: '😀 value=1.35 eV' });
    expect((await compare('one\n', 'one\ntwo\n')).first).toEqual({ at: '2:1', from: null, toward: 'two' });
    expect((await compare('\n', 'x\n')).first).toEqual({ at: '1:1', from: '', toward: 'x' });
    // The two smileys share their first half: the place is that of the whole character.
    expect((await compare('a😀', 'a😁')).first).toEqual({ at: '1:2', from: 'a😀', toward: 'a😁' });
  });

  test('shows a piece of a long line, with no half characters', async () => {
    const { first } = await compare(`${'😀'.repeat(1000)}x`, `${'😀'.repeat(1000)}y${'😁'.repeat(1000)}`);
    expect(first!.at).toBe('1:1001');
    expect(first!.from).toBe(`${'😀'.repeat(12)}x`);
    expect(first!.toward).toMatch(/^😀{12}y😁{27,29}$/u);
  });

  test('cuts out what is to be ignored, on both sides', async () => {
    const from = 'run 2026-11-22T09:25 on alpha\nenergy 1.25\n';
    const toward = 'run 2026-11-23T10:00 on omega-2\nenergy 1.25\n';
    const ignore = ['\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d', '(?:alpha|omega-\\d)$'];
    expect(await compare(from, toward, { ignore })).toMatchObject({ same: true, distance: 0, similarity: 1 });
    expect(await compare(from, toward, { ignore: ignore.slice(0, 1) })).toMatchObject({ same: false });
    const { first, distance } = await compare(from, toward.replace('1.25', '1.35'), { ignore });
    expect(distance).toBe(1);
    expect(first).toEqual({ at: '2:10', from: 'energy 1.25', toward: 'energy 1.35' });
  });

  test('counts the places of the whole text, not of what is left of it', async () => {
    const { first } = await compare('aXYXb1', 'aYb2', { ignore: ['[XY]+'] });
    expect(first).toEqual({ at: '1:6', from: 'ab1', toward: 'ab2' });
  });

  test('matches line by line, whatever ends the lines', async () => {
    expect(await compare('t=1\r\nx\n', 't=2\r\nx\n', { ignore: ['^t=\\d$'] })).toMatchObject({ same: true });
    expect(await compare('a\nb', 'a\n\nb', { ignore: ['\\s'] })).toMatchObject({ same: false, distance: 1 });
    expect(await compare('aXb', 'aYb', { ignore: ['X?', '()'] })).toMatchObject({ same: false, distance: 1 });
  });

  test('cuts the union of overlapping matches, in whatever order the patterns stand', async () => {
    for (const ignore of [
      ['abc', 'cd'],
      ['cd', 'abc'],
      ['abcd', 'b'],
      ['b', 'abcd'],
    ])
      expect(await compare('abcdZ', 'Z', { ignore })).toMatchObject({ same: true });
  });

  test('refuses what is no regular expression, and look-around, which has no linear time', () => {
    for (const pattern of ['[', '(?=x)', '(a)\\1', 'a{5000}'])
      expect(() => readOptions(defaultMethod, { ignore: [pattern] })).toThrow(
        /option.*ignore: .* is no regular expression/,
      );
  });

  test('is not caught by expressions that explode', async () => {
    const text = 'x'.repeat(30_000);
    expect(await compare(text, `${text}y`, { ignore: ['(x+x+)+z', '(x|x|x)*z', '(.*)(.*)(.*)z'] })).toMatchObject({
      distance: 1,
    });
    const result = await compare(text, `${text}y`, { ignore: ['x.*z|x'] });
    expect(result).toMatchObject({ same: false, distance: null, exact: false, lower: 0, upper: 30_001 });
    expect(result.unsettled).toMatch(/budget/);
    const wide = await compare(`${text}😀`, text, { ignore: ['x.*z|x'], max_distance: 30_001 });
    expect(wide).toMatchObject({ same: true, distance: null, upper: 30_001 });
  });

  test.each([
    ['invalid bytes', new Uint8Array([0x61, 0xff]), /requester's file holds bytes that are not UTF-8/],
    ['a cut character', new Uint8Array([0xf0, 0x9f, 0x98]), /not UTF-8/],
    ['an overlong slash', new Uint8Array([0xc0, 0xaf]), /not UTF-8/],
    ['half a surrogate pair', new Uint8Array([0xed, 0xa0, 0x80]), /not UTF-8/],
    ['a NUL', new Uint8Array([0x61, 0, 0x62]), /NUL byte at offset 1/],
  ])('compares a file with %s byte by byte', async (_what, file, reason) => {
    const result = await compare(file, 'a');
    expect(result).toMatchObject({ same: false, distance: null, similarity: null });
    expect(result.reason).toMatch(reason);
    expect(await compare(file, file.slice())).toMatchObject({ same: true, distance: null });
  });

  test('never shows a bound as the distance', async () => {
    const noise = (seed: number) => Array.from({ length: 4000 }, (_, i) => ((i * seed) % 9973) % 7).join('');
    const exact = await compare(noise(7919), noise(6841));
    const bounded = await compare(noise(7919), noise(6841), {}, 100_000);
    expect(bounded).toMatchObject({ same: false, distance: null, exact: false, similarity: null });
    expect(bounded.lower).toBeLessThanOrEqual(exact.distance!);
    expect(bounded.upper).toBeGreaterThanOrEqual(exact.distance!);
    expect(bounded.reason).toContain(`between ${bounded.lower} and ${bounded.upper}`);
    expect(bounded.unsettled).toBeTruthy();
    const open = await compare(noise(7919), noise(6841), { max_distance: exact.distance }, 100_000);
    expect(open.same).toBe(false);
    expect(open.reason).toMatch(/is not known/);
    const wide = await compare(noise(7919), noise(6841), { max_distance: 1e6 }, 100_000);
    expect(wide).toMatchObject({ same: true, distance: null });
  });
});
