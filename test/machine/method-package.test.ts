import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadMethodPackage } from '../../src/machine/method-package.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'corroborate-package-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function install(name: string, described: object, files: { [path: string]: string }): void {
  for (const [path, text] of Object.entries({ 'package.json': JSON.stringify(described), ...files })) {
    const place = join(folder, 'node_modules', name, path);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, text);
  }
}

const esm = 'export default "esm";';
const cjs = 'module.exports = "cjs";';

test.each([
  ['one entry', { type: 'module', exports: './x.js' }, { 'x.js': esm }, 'esm'],
  ['entries by path', { type: 'module', exports: { '.': './x.js', './y': './y.js' } }, { 'x.js': esm }, 'esm'],
  [
    'conditions, the first that holds',
    { exports: { '.': { browser: './b.js', import: { types: './x.d.ts', default: './x.mjs' }, require: './x.cjs' } } },
    { 'x.mjs': esm, 'x.cjs': cjs },
    'esm',
  ],
  ['main', { main: 'lib/x.js' }, { 'lib/x.js': cjs }, 'cjs'],
  ['neither', {}, { 'index.js': cjs }, 'cjs'],
])('a package with %s is loaded from the folder', async (_, described, files, expected) => {
  install('@lab/spectra', described, files);
  expect(await loadMethodPackage(folder, '@lab/spectra')).toBe(expected);
});

test('one that is not installed is said to be, and how to install it', async () => {
  const problem = loadMethodPackage(folder, '@lab/spectra');
  await expect(problem).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(problem).rejects.toThrow(/@lab\/spectra, which corroborate.yml names .* `npm install @lab\/spectra`/);
  // Corroborate's own packages are none of the simulation's.
  await expect(loadMethodPackage(folder, 'yaml')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test.each([
  [
    'has no default export',
    { type: 'module', exports: './x.js' },
    { 'x.js': 'export const method = 1;' },
    /no default export/,
  ],
  ['throws', { type: 'module', exports: './x.js' }, { 'x.js': 'throw new Error("boom");' }, /boom/],
  ['is no JavaScript', { type: 'module', exports: './x.js' }, { 'x.js': '{{' }, /cannot be loaded/],
  ['lacks its file', { type: 'module', exports: './x.js' }, {}, /cannot be loaded/],
  ['exports nothing for import', { exports: { '.': { require: './x.cjs' } } }, { 'x.cjs': cjs }, /exports nothing/],
])('one that %s is a problem that names it', async (_, described, files, because) => {
  install('spectra', described, files as { [path: string]: string });
  const problem = loadMethodPackage(folder, 'spectra');
  await expect(problem).rejects.toMatchObject({ code: 'INVALID', message: expect.stringMatching(because) });
  await expect(problem).rejects.toThrow(/The npm package spectra in /);
});
